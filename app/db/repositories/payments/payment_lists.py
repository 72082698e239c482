"""Lists of payments, the newest first, and one payment with the id of its loan.

A payment's number and the business date on which it was booked grow together, so both give one order, which an index
holds.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, Payment, PublicId
from app.db.repositories.payments.payments import PaymentNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments a list holds: all that agree with every value that is given. Days are included on both sides."""

    customer_id: int | None = None
    loan_id: int | None = None
    reference: str | None = None
    booked_from: date | None = None
    booked_to: date | None = None
    reversed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSummary:
    """A payment as it was taken. `disbursed_on` is its loan's, whose public id holds the year."""

    customer_id: int
    payment_id: int
    loan_id: int
    disbursed_on: date
    amount_paise: int
    value_date: date
    booked_on: date
    method: str | None
    reference: str | None
    instalment: int | None
    treated_as: str
    reversed_on: date | None
    reversal_reason: str | None
    received_at: datetime


_COLUMNS: Final[tuple[Any, ...]] = (
    Payment.customer_id,
    Payment.id.label("payment_id"),
    Payment.loan_id,
    Loan.disbursed_on,
    Payment.amount_paise,
    Payment.value_date,
    Payment.booked_on,
    Payment.method,
    Payment.reference,
    Payment.instalment,
    Payment.treated_as,
    Payment.reversed_on,
    Payment.reversal_reason,
    Payment.received_at,
)
_ITS_LOAN: Final = and_(Loan.customer_id == Payment.customer_id, Loan.id == Payment.loan_id)


async def list_payments_of_all(
    session: AsyncSession, wanted: PaymentFilter, *, before: tuple[Any, ...] | None, limit: int
) -> list[PaymentSummary]:
    """A page of payments, the newest first, before the payment that was booked on this day with this number."""
    rows = await session.execute(payments_statement(wanted, before=before, limit=limit))
    return [PaymentSummary(**row) for row in rows.mappings()]


def payments_statement(wanted: PaymentFilter, *, before: tuple[Any, ...] | None, limit: int) -> Select[tuple[Any, ...]]:
    """The statement of `list_payments_of_all`. A test looks at its plans."""
    statement = select(*_COLUMNS).join(Loan, _ITS_LOAN)
    if wanted.customer_id is not None:
        # With several servers, each part names the customer.
        statement = statement.where(Payment.customer_id == wanted.customer_id, Loan.customer_id == wanted.customer_id)
    if wanted.loan_id is not None:
        statement = statement.where(Payment.loan_id == wanted.loan_id)
    if wanted.reference is not None:
        statement = statement.where(Payment.reference == wanted.reference)
    if wanted.booked_from is not None:
        statement = statement.where(Payment.booked_on >= wanted.booked_from)
    if wanted.booked_to is not None:
        statement = statement.where(Payment.booked_on <= wanted.booked_to)
    if wanted.reversed is not None:
        statement = statement.where(
            Payment.reversed_on.is_not(None) if wanted.reversed else Payment.reversed_on.is_(None)
        )
    if before is not None:
        statement = statement.where(tuple_(Payment.booked_on, Payment.id) < tuple_(*before))
    return statement.order_by(Payment.booked_on.desc(), Payment.id.desc()).limit(limit)


async def get_payment_summary(session: AsyncSession, payment_id: int) -> PaymentSummary:
    """A payment by its number. Raises PaymentNotFound."""
    owner = select(PublicId.customer_id).where(PublicId.kind == "payment", PublicId.number == payment_id)
    customer_id = (await session.execute(owner)).scalar_one_or_none()
    row = None
    if customer_id is not None:
        of_customer = and_(Payment.customer_id == customer_id, Payment.id == payment_id)
        statement = select(*_COLUMNS).join(Loan, _ITS_LOAN).where(of_customer, Loan.customer_id == customer_id)
        row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise PaymentNotFound("there is no such payment", field="payment_id")
    return PaymentSummary(**row)
