"""Loans as agreed, read with the plan in force: one query for one or for all of a customer's."""

from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, Schedule
from app.db.repositories.loans import LoanKey, LoanNotFound
from app.domain.loan_contracts import LoanContract


async def get_contract(session: AsyncSession, key: LoanKey) -> LoanContract:
    """The contract of a loan. Raises LoanNotFound."""
    row = (await session.execute(_contracts(key.customer_id).where(Loan.id == key.loan_id))).mappings().one_or_none()
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return _contract(row)


async def list_contracts(session: AsyncSession, customer_id: int) -> list[LoanContract]:
    """The contracts of a customer, in order of their numbers."""
    return [_contract(row) for row in (await session.execute(_contracts(customer_id))).mappings()]


def _contracts(customer_id: int) -> Select[*tuple[Any, ...]]:
    in_force = (
        (Schedule.customer_id == Loan.customer_id)
        & (Schedule.loan_id == Loan.id)
        & (Schedule.version == Loan.schedule_version)
    )
    columns = (
        Loan.id.label("loan_id"),
        Loan.disbursed_paise.label("amount_paise"),
        Loan.annual_rate_percent,
        Loan.instalments,
        Loan.closed_on,
        Schedule.emi_paise,
        Schedule.due_on,
    )
    return select(*columns).join(Schedule, in_force).where(Loan.customer_id == customer_id).order_by(Loan.id)


def _contract(row: RowMapping) -> LoanContract:
    return LoanContract(**{**row, "due_on": tuple(row["due_on"])})
