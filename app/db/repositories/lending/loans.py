"""Finds, locks, lists and adds loans. `positions.py` reads their positions."""

from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan
from app.db.repositories import public_ids
from app.db.session import Reader
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


async def find_loan_key(reader: AsyncSession | Reader, loan_id: int, *, year: int | None = None) -> LoanKey | None:
    """The key of the loan with this public number. With `year`, None if the loan was disbursed in another year."""
    owner = await public_ids.find_owner(reader, "loan", loan_id)
    if owner is None or owner.year is None or year not in (None, owner.year):
        return None
    return LoanKey(owner.customer_id, loan_id)


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


async def count_loans(session: AsyncSession) -> int:
    """How many loans there are."""
    return int((await session.execute(select(func.count()).select_from(Loan))).scalar_one())
