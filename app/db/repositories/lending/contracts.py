"""Our loans as agreed, with their current plan. One query reads a loan, or all loans of a customer."""

from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, Schedule
from app.db.repositories.lending.loans import LoanKey, LoanNotFound
from app.domain.lending.contracts import LentLoan


async def get_lent_loan(session: AsyncSession, key: LoanKey) -> LentLoan:
    """A loan as agreed. Raises LoanNotFound."""
    row = (await session.execute(_lent(key.customer_id).where(Loan.id == key.loan_id))).mappings().one_or_none()
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return _loan(row)


async def list_lent_loans(session: AsyncSession, customer_id: int) -> list[LentLoan]:
    """The loans of a customer as agreed, in order of their numbers."""
    return [_loan(row) for row in (await session.execute(_lent(customer_id))).mappings()]


def _lent(customer_id: int) -> Select[*tuple[Any, ...]]:
    in_force = (
        (Schedule.customer_id == customer_id)
        & (Schedule.loan_id == Loan.id)
        & (Schedule.version == Loan.schedule_version)
    )
    columns = (
        Loan.customer_id,
        Loan.id.label("loan_id"),
        Loan.disbursed_paise.label("amount_paise"),
        Loan.annual_rate_percent,
        Loan.instalments,
        Loan.closed_on,
        Schedule.emi_paise,
        Schedule.due_on,
    )
    return select(*columns).join(Schedule, in_force).where(Loan.customer_id == customer_id).order_by(Loan.id)


def _loan(row: RowMapping) -> LentLoan:
    return LentLoan(**{**row, "due_on": tuple(row["due_on"])})
