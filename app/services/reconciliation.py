"""Reconciliation as a use case: every loan against its books, customer by customer, reading only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.db.repositories import billing as bill_repository
from app.db.repositories import loans as loan_repository
from app.db.repositories.loans import LoanKey
from app.domain.access import SYSTEM
from app.domain.reconciliation import Difference, find_differences
from app.services import loans, reversals
from app.services.work import Desk, Work

#: Loans in one transaction: a snapshot that is short enough not to hold anything up.
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A page of loans that was gone through, and what differed."""

    loans: int
    differences: tuple[Difference, ...]


async def reconcile_loan(work: Work, key: LoanKey) -> list[Difference]:
    """What is stored of a loan and does not follow from its books. Lock it first where others may write."""
    position, _ = await loans.read_position(work, key)
    history = await reversals.read_history(work, key)
    states = await bill_repository.list_states(work.session, customer_id=key.customer_id, loan_id=key.loan_id)
    return find_differences(position, history, states=states)


async def reconcile_all(desk: Desk) -> AsyncIterator[Reconciled]:
    """Goes through every loan, page by page."""
    after = LoanKey(0, 0)
    while True:
        async with desk.open(SYSTEM) as work:
            page = await loan_repository.list_loan_keys(work.session, after=after, limit=PAGE)
            if not page:
                return
            differences: list[Difference] = []
            for key in page:
                await loan_repository.lock_loan(work.session, key)
                differences += await reconcile_loan(work, key)
            after = page[-1]
        yield Reconciled(loans=len(page), differences=tuple(differences))


async def count_loans(desk: Desk) -> int:
    """How many loans there are to go through."""
    async with desk.open(SYSTEM) as work:
        return await loan_repository.count_loans(work.session)
