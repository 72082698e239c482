"""Finds, locks, lists and adds loans. `positions.py` reads their positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan
from app.db.models.lending import loan_numbers
from app.db.repositories import public_ids
from app.db.session import Reader
from app.domain.calendar import Frequency
from app.domain.errors import NotFound
from app.domain.lending.contracts import monthly_paise
from app.domain.lending.positions import Position


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What counts of an active loan in a decision: principal outstanding, and the planned instalment with its rhythm.

    One instalment is due every `every` periods of `frequency`.
    """

    product_code: str
    principal_paise: int
    emi_paise: int
    frequency: Frequency = Frequency.MONTH
    every: int = 1

    @property
    def monthly_paise(self) -> int:
        """The instalment converted to one month, for the instalment cap."""
        return monthly_paise(self.emi_paise, frequency=self.frequency, every=self.every)


async def find_loan_key(reader: AsyncSession | Reader, loan_id: int, *, year: int | None = None) -> LoanKey | None:
    """The key of the loan with this public number. With `year`, None if the loan was disbursed in another year."""
    owner = await public_ids.find_owner(reader, "loan", loan_id)
    if owner is None or owner.year is None or year not in (None, owner.year):
        return None
    return LoanKey(owner.customer_id, loan_id)


async def next_loan_number(session: AsyncSession) -> int:
    """A new loan number, read before the insert."""
    return int((await session.execute(select(loan_numbers.next_value()))).scalar_one())


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


async def add_loan(
    session: AsyncSession,
    position: Position,
    *,
    state: Mapping[str, Any],
    product: ProductKey,
    application_id: int | None,
    purpose: str | None,
    now: datetime,
    actor: str,
) -> None:
    """Writes a new loan and its public number. `state` comes from `positions.state_of`."""
    await public_ids.add_number(
        session, "loan", position.loan_id, customer_id=position.customer_id, year=position.disbursed_on.year
    )
    await session.execute(
        insert(Loan).values(
            customer_id=position.customer_id,
            id=position.loan_id,
            product_code=product.code,
            product_version=product.version,
            application_id=application_id,
            purpose=purpose,
            disbursed_paise=position.disbursed_paise,
            annual_rate_percent=position.annual_rate_percent,
            instalments=position.instalments,
            disbursed_on=position.disbursed_on,
            version=position.version,
            created_at=now,
            actor=actor,
            **state,
        )
    )


async def list_active_exposures(session: AsyncSession, customer_id: int) -> list[Exposure]:
    """A customer's active loans, for the limit and the instalment cap."""
    rows = await session.execute(
        text(
            """
SELECT l.product_code, l.principal_paise, s.emi_paise, p.terms -> 'repayment' ->> 'frequency' AS frequency,
       CAST(p.terms -> 'repayment' ->> 'every' AS integer) AS every
FROM loans AS l
JOIN schedules AS s
  ON s.customer_id = :customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
WHERE l.customer_id = :customer_id AND l.status = 'active'
ORDER BY l.id
"""
        ),
        {"customer_id": customer_id},
    )
    return [
        Exposure(
            product_code=row.product_code,
            principal_paise=row.principal_paise,
            emi_paise=row.emi_paise,
            frequency=Frequency(row.frequency),
            every=row.every,
        )
        for row in rows
    ]


async def count_written_off(session: AsyncSession, customer_id: int) -> int:
    """How many loans of a customer were written off."""
    statement = select(func.count()).where(Loan.customer_id == customer_id, Loan.status == "written_off")
    return int((await session.execute(statement)).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanSummary:
    """A loan in a list."""

    loan_id: int
    product_code: str
    status: str
    disbursed_on: date
    disbursed_paise: int
    annual_rate_percent: Decimal
    principal_paise: int
    next_billing_on: date | None


async def list_loans(session: AsyncSession, customer_id: int, *, after: int, limit: int) -> list[LoanSummary]:
    """A page of a customer's loans, in order of their numbers."""
    columns = (
        Loan.id.label("loan_id"),
        Loan.product_code,
        Loan.status,
        Loan.disbursed_on,
        Loan.disbursed_paise,
        Loan.annual_rate_percent,
        Loan.principal_paise,
        Loan.next_billing_on,
    )
    statement = select(*columns).where(Loan.customer_id == customer_id, Loan.id > after).order_by(Loan.id).limit(limit)
    return [LoanSummary(**row) for row in (await session.execute(statement)).mappings()]


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
