"""Payments as rows."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Payment, PublicId
from app.db.repositories.audit import Trace
from app.db.repositories.lending.loans import LoanKey
from app.db.session import Record
from app.db.statements import Statement
from app.domain.errors import NotFound
from app.domain.payments.payments import PaymentOrder, TreatAs

_PAYMENTS = (
    f"SELECT {', '.join(column.name for column in Payment.__table__.columns)} FROM payments "  # noqa: S608 - our columns
    "WHERE customer_id = :customer_id AND loan_id = :loan_id "
)


class PaymentNotFound(NotFound):
    """There is no such payment, or it is another customer's. Check the id."""

    code = "payment_not_found"


_DRAW = Statement(
    """
WITH drawn AS (
    INSERT INTO public_ids (kind, number, customer_id) VALUES ('payment', nextval('payment_numbers'), :customer_id)
    RETURNING number
)
INSERT INTO audit_events (at, actor, action, object_kind, object_id, customer_id, request_id, client_address, details)
SELECT :at, :actor, 'payment_taken', 'payment', CAST(number AS text), :customer_id, :request_id, :client_address,
       jsonb_build_object('loan_id', CAST(:loan_id AS bigint), 'amount_paise', CAST(:amount_paise AS bigint))
FROM drawn RETURNING object_id
"""
)


async def draw_payment_number(session: AsyncSession, key: LoanKey, *, amount_paise: int, trace: Trace) -> int:
    """A new payment number, whose payment it is, and the event of the audit trail that says who took it. Draw it under
    the loan's lock: a loan's payments are numbered in the order in which they were taken."""
    row = await _DRAW.find(
        session, customer_id=key.customer_id, loan_id=key.loan_id, amount_paise=amount_paise, **trace
    )
    return int(row.object_id)


async def get_payment(session: AsyncSession, payment_id: int) -> Payment:
    """A payment by its public number. Raises PaymentNotFound."""
    statement = (
        select(Payment)
        .join(PublicId, (PublicId.customer_id == Payment.customer_id) & (PublicId.number == Payment.id))
        .where(PublicId.kind == "payment", PublicId.number == payment_id)
    )
    payment = (await session.execute(statement)).scalar_one_or_none()
    if payment is None:
        raise PaymentNotFound("there is no such payment", field="payment_id")
    return payment


async def mark_reversed(session: AsyncSession, *, customer_id: int, payment_id: int, on: date, reason: str) -> bool:
    """Marks a payment as reversed, once; answers whether it was this call."""
    statement = (
        update(Payment)
        .where(Payment.customer_id == customer_id, Payment.id == payment_id, Payment.reversed_on.is_(None))
        .values(reversed_on=on, reversal_reason=reason)
        .returning(Payment.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def list_orders(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[PaymentOrder]:
    """The payments that stand, as they were asked for."""
    payments = await list_payments(session, customer_id=customer_id, loan_id=loan_id)
    return [order_of(payment) for payment in payments if payment.reversed_on is None]


def order_of(payment: Payment | Record) -> PaymentOrder:
    """A payment as it was asked for."""
    return PaymentOrder(
        payment_id=payment.id,
        amount_paise=payment.amount_paise,
        value_date=payment.value_date,
        booked_on=payment.booked_on,
        treat_as=TreatAs(payment.treated_as),
        instalment=payment.instalment,
        reference=payment.reference,
    )


_BY_REFERENCE = Statement(_PAYMENTS + "AND reference = :reference")


async def find_by_reference(session: AsyncSession, *, customer_id: int, loan_id: int, reference: str) -> Record | None:
    """The payment on a loan that carries a reference: there is one for ever. Read it under the loan's lock."""
    row: Record | None = await _BY_REFERENCE.find(
        session, customer_id=customer_id, loan_id=loan_id, reference=reference
    )
    return row


async def find_same_payment(
    session: AsyncSession, *, customer_id: int, loan_id: int, amount_paise: int, value_date: date
) -> int | None:
    """A standing payment on a loan of this amount for this day. Read it under the loan's lock."""
    statement = (
        select(Payment.id)
        .where(
            Payment.customer_id == customer_id,
            Payment.loan_id == loan_id,
            Payment.value_date == value_date,
            Payment.amount_paise == amount_paise,
            Payment.reversed_on.is_(None),
        )
        .order_by(Payment.id)
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


_OF_LOAN = Statement(_PAYMENTS + "ORDER BY value_date, id")


async def list_payments(session: AsyncSession, *, customer_id: int, loan_id: int) -> Sequence[Record]:
    """All payments of a loan as rows of their table, in order of value date."""
    return await _OF_LOAN.list(session, customer_id=customer_id, loan_id=loan_id)


_APPLIED = Statement(
    """
SELECT credit AS component, sum(amount_paise)::bigint AS amount_paise FROM transfers AS t
WHERE customer_id = :customer_id AND loan_id = :loan_id AND payment_id = :payment_id AND debit = 'cash'
  AND NOT EXISTS (SELECT FROM transfers AS r WHERE r.customer_id = t.customer_id AND r.loan_id = t.loan_id
                  AND r.reverses = t.number)
GROUP BY credit
"""
)


async def sum_applied(session: AsyncSession, *, customer_id: int, loan_id: int, payment_id: int) -> dict[str, int]:
    """How the cash of a payment is applied, by component."""
    rows = await _APPLIED.list(session, customer_id=customer_id, loan_id=loan_id, payment_id=payment_id)
    return {row.component: row.amount_paise for row in rows}
