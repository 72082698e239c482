"""Lists of applications, the newest first."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Application, Loan
from app.db.repositories.credit.applications import EXPIRED, WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """Which applications a list holds: all that agree with every value that is given.

    An application that waited too long is expired on the day after, whether the nightly job has marked it or not.
    """

    today: date
    customer_id: int | None = None
    status: str | None = None
    product_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSummary:
    """An application in a list. `disbursed_on` is the day of its loan, whose public id holds the year."""

    customer_id: int
    application_id: int
    product_code: str
    status: str
    amount_paise: int
    instalments: int
    annual_rate_percent: Decimal | None
    purpose: str | None
    applied_on: date
    decided_on: date | None
    expires_on: date | None
    loan_id: int | None
    disbursed_on: date | None


_COLUMNS: Final[tuple[Any, ...]] = (
    Application.customer_id,
    Application.id.label("application_id"),
    Application.product_code,
    Application.status,
    Application.amount_paise,
    Application.instalments,
    Application.annual_rate_percent,
    Application.purpose,
    Application.applied_on,
    Application.decided_on,
    Application.expires_on,
    Application.loan_id,
    Loan.disbursed_on,
)
_ITS_LOAN: Final = and_(Loan.customer_id == Application.customer_id, Loan.id == Application.loan_id)


async def list_applications(
    session: AsyncSession, wanted: ApplicationFilter, *, before: int | None, limit: int
) -> list[ApplicationSummary]:
    """A page of the applications of all customers, the newest first, before the one with this number."""
    rows = await session.execute(applications_statement(wanted, before=before, limit=limit))
    return [ApplicationSummary(**row) for row in rows.mappings()]


async def list_applications_of(
    session: AsyncSession, wanted: ApplicationFilter, *, before: int | None, limit: int
) -> list[ApplicationSummary]:
    """The same of the customer whom the filter names. With several servers, one of them is asked."""
    assert wanted.customer_id is not None, "the filter names a customer"
    rows = await session.execute(applications_statement(wanted, before=before, limit=limit))
    return [ApplicationSummary(**row) for row in rows.mappings()]


def applications_statement(wanted: ApplicationFilter, *, before: int | None, limit: int) -> Select[tuple[Any, ...]]:
    """The statement of both lists. A test looks at its plans."""
    its_loan = _ITS_LOAN
    if wanted.customer_id is not None:
        # With several servers, each part names the customer.
        its_loan = and_(its_loan, Loan.customer_id == wanted.customer_id)
    statement = select(*_COLUMNS).outerjoin(Loan, its_loan)
    if wanted.customer_id is not None:
        statement = statement.where(Application.customer_id == wanted.customer_id)
    is_late = and_(Application.status.in_(WAITING), Application.expires_on <= wanted.today)
    if wanted.status == EXPIRED:
        statement = statement.where(or_(Application.status == EXPIRED, is_late))
    elif wanted.status is not None:
        statement = statement.where(Application.status == wanted.status, ~is_late)
    if wanted.product_code is not None:
        statement = statement.where(Application.product_code == wanted.product_code)
    if before is not None:
        statement = statement.where(Application.id < before)
    return statement.order_by(Application.id.desc()).limit(limit)
