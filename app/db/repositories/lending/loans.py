"""Finds, locks, lists and adds loans. `positions.py` reads their positions."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan
from app.db.statements import Statement
from app.domain.errors import NotFound


class LoanNotFound(NotFound):
    """There is no such loan, or it is another customer's. Check the id."""

    code = "loan_not_found"


class LoanKey(NamedTuple):
    """The key of a loan: its customer and its number."""

    customer_id: int
    loan_id: int


class ProductKey(NamedTuple):
    """A version of a product."""

    code: str
    version: int


_KEY = Statement(
    """
SELECT i.customer_id, l.disbursed_on FROM public_ids AS i
JOIN loans AS l ON l.customer_id = i.customer_id AND l.id = i.number
WHERE i.kind = 'loan' AND i.number = :loan_id
"""
)


async def find_loan_key(session: AsyncSession, loan_id: int, *, year: int | None = None) -> LoanKey | None:
    """The key of the loan with this public number. With `year`, None if the loan was disbursed in another year."""
    row = await _KEY.find(session, loan_id=loan_id)
    if row is None or year not in (None, row.disbursed_on.year):
        return None
    return LoanKey(row.customer_id, loan_id)


_NEXT_NUMBER = Statement("SELECT nextval('loan_numbers') AS number")


async def next_loan_number(session: AsyncSession) -> int:
    """A new loan number, read before the insert."""
    return int((await _NEXT_NUMBER.find(session)).number)


async def lock_loan(session: AsyncSession, key: LoanKey) -> None:
    """Locks a loan until the transaction ends. Do this first: what was read before the lock may be old.

    Raises LoanNotFound.
    """
    statement = (
        select(Loan.version)
        .where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id)
        .with_for_update(key_share=True)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LoanNotFound("there is no such loan", field="loan_id")


async def list_loan_keys(session: AsyncSession, *, after: LoanKey, limit: int) -> list[LoanKey]:
    """A page of all loans, in order of their keys."""
    statement = (
        select(Loan.customer_id, Loan.id)
        .where(tuple_(Loan.customer_id, Loan.id) > tuple_(after.customer_id, after.loan_id))
        .order_by(Loan.customer_id, Loan.id)
        .limit(limit)
    )
    return [LoanKey(row.customer_id, row.id) for row in await session.execute(statement)]


async def list_disbursal_dates(session: AsyncSession, keys: Collection[LoanKey]) -> dict[int, date]:
    """The disbursal date of each of these loans. Their public ids contain its year."""
    statement = select(Loan.id, Loan.disbursed_on).where(
        Loan.customer_id.in_({key.customer_id for key in keys}), Loan.id.in_({key.loan_id for key in keys})
    )
    return {row.id: row.disbursed_on for row in await session.execute(statement)}


async def count_loans(session: AsyncSession) -> int:
    """How many loans there are."""
    return int((await session.execute(select(func.count()).select_from(Loan))).scalar_one())
