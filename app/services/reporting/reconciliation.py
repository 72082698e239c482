"""Reconciliation as a use case: compares every loan with its books, customer by customer. It changes no loan.

On demand it goes through all loans in one call. At night it is a chain of jobs, each for one page of loans, so that it
can stop anywhere and continue from there.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from app import measures
from app.db.repositories import audit as audit_repository
from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.lending import loans as loan_repository
from app.db.repositories.lending.loans import LoanKey
from app.domain.people.access import SYSTEM
from app.domain.reporting.reconciliation import Difference, find_differences
from app.services.delinquency import corrections
from app.services.lending import loans
from app.services.payments import reversals
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Loans in one transaction. Each is locked while it is read, so a small page keeps payments from waiting long.
PAGE = 50
JOB = "reconcile"
#: The audit event that a night's reconciliation writes when it ends.
DONE = "reconciled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """How many loans a page had, and the differences found in it."""

    loans: int
    differences: tuple[Difference, ...]


async def reconcile_loan(uow: UnitOfWork, key: LoanKey) -> list[Difference]:
    """The stored figures of a loan that do not follow from its books. Lock the loan first if others may write."""
    position, _ = await loans.read_position(uow, key)
    history = await reversals.read_history(uow, key)
    states = await bill_repository.list_states(uow.session, customer_id=key.customer_id, loan_id=key.loan_id)
    return find_differences(position, history, states=states)


async def reconcile_classes(uow: UnitOfWork, page: Sequence[LoanKey]) -> list[tuple[LoanKey, Difference]]:
    """The facilities of a page's borrowers whose classes or suspense do not follow from their lives."""
    found = []
    for customer_id in sorted({key.customer_id for key in page}):
        for each in await corrections.reconcile_borrower(uow, customer_id):
            key = LoanKey(customer_id, each.key.number)
            difference = Difference(
                loan_id=each.key.number,
                figure=f"{each.figure} of {each.key.kind}",
                stored=each.stored,
                derived=each.derived,
            )
            found.append((key, difference))
    return found


async def reconcile_all(uow_factory: UnitOfWorkFactory) -> AsyncIterator[Reconciled]:
    """Reconciles every loan, page by page."""
    after = LoanKey(0, 0)
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            page = await loan_repository.list_loan_keys(uow.session, after=after, limit=PAGE)
            if not page:
                return
            differences: list[Difference] = []
            for key in page:
                await loan_repository.lock_loan(uow.session, key)
                differences += await reconcile_loan(uow, key)
            differences += [difference for _, difference in await reconcile_classes(uow, page)]
            after = page[-1]
        yield Reconciled(loans=len(page), differences=tuple(differences))


async def start_nightly(uow: UnitOfWork) -> None:
    """Enqueues today's reconciliation unless it was done. Cron may call it any number of times."""
    today = (await uow.business_date()).isoformat()
    if not await audit_repository.has_event(uow.session, action=DONE, object_kind="books", object_id=today):
        await uow.enqueue(JOB, key=today, payload={"date": today, "after": [0, 0], "loans": 0, "differences": 0})


async def reconcile_step(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Reconciles one page of loans and enqueues the next. Each difference, and the end, is an audit event."""
    page = await loan_repository.list_loan_keys(uow.session, after=LoanKey(*payload["after"]), limit=PAGE)
    found: list[tuple[LoanKey, Difference]] = []
    for key in page:
        await loan_repository.lock_loan(uow.session, key)
        found += [(key, difference) for difference in await reconcile_loan(uow, key)]
    found += await reconcile_classes(uow, page)
    measures.count(measures.DIFFERENCES, len(found))
    for key, difference in found:
        details = {
            "figure": difference.figure,
            "stored": str(difference.stored),
            "derived": str(difference.derived),
        }
        await uow.record(
            "difference_found",
            object_kind="loan",
            object_id=str(key.loan_id),
            customer_id=key.customer_id,
            details=details,
        )
    totals = {"loans": payload["loans"] + len(page), "differences": payload["differences"] + len(found)}
    if page:
        last = page[-1]
        key_of_next = f"{payload['date']}:{last.customer_id}:{last.loan_id}"
        await uow.enqueue(JOB, key=key_of_next, payload={"date": payload["date"], "after": [*last], **totals})
    else:
        await uow.record(DONE, object_kind="books", object_id=payload["date"], details=totals)
        uow.log_after_commit("reconciliation ended", date=payload["date"], **totals)


async def count_loans(uow_factory: UnitOfWorkFactory) -> int:
    """How many loans there are to reconcile."""
    async with uow_factory.open(SYSTEM) as uow:
        return await loan_repository.count_loans(uow.session)
