"""Payments as rows."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Payment
from app.db.repositories import public_ids
from app.db.repositories.lending.loans import LoanKey
from app.db.session import Record
from app.db.statements import Statement
from app.domain.errors import NotFound
from app.domain.payments.payments import PaymentOrder, TreatAs, is_cash

_ALL = f"SELECT {', '.join(column.name for column in Payment.__table__.columns)} FROM payments "  # noqa: S608 - our columns
_PAYMENTS = _ALL + "WHERE customer_id = :customer_id AND loan_id = :loan_id "


class PaymentNotFound(NotFound):
    """There is no such payment, or it is another customer's. Check the id."""

    code = "payment_not_found"


async def get_payment(session: AsyncSession, payment_id: int) -> Payment:
    """A payment by its public number. Raises PaymentNotFound."""
    owner = await public_ids.find_owner(session, "payment", payment_id)
    payment = None
    if owner is not None:
        statement = select(Payment).where(Payment.customer_id == owner.customer_id, Payment.id == payment_id)
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
        is_cash=is_cash(payment.method),
    )


_BY_REFERENCE = Statement(
    _ALL
    + """JOIN unnest(CAST(:customer_ids AS bigint[]), CAST(:loan_ids AS bigint[]), CAST(:texts AS text[]))
     AS n(of_customer, of_loan, sought)
  ON customer_id = of_customer AND loan_id = of_loan AND reference = sought
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))
"""
)


async def list_by_reference(session: AsyncSession, sought: Collection[tuple[LoanKey, str]]) -> list[Record]:
    """The payments on these loans that carry these references: each is one payment. Read it under the loans' locks."""
    rows: Sequence[Record] = await _BY_REFERENCE.list(
        session,
        customer_ids=[key.customer_id for key, _ in sought],
        loan_ids=[key.loan_id for key, _ in sought],
        texts=[reference for _, reference in sought],
    )
    return list(rows)


class Likeness(NamedTuple):
    """What two payments have in common that are taken for the same one."""

    loan: LoanKey
    amount_paise: int
    value_date: date


_ALIKE = Statement(
    """
SELECT DISTINCT customer_id, loan_id, amount_paise, value_date FROM payments
JOIN unnest(
    CAST(:customer_ids AS bigint[]), CAST(:loan_ids AS bigint[]), CAST(:amounts AS bigint[]), CAST(:days AS date[])
) AS n(of_customer, of_loan, amount, day)
  ON customer_id = of_customer AND loan_id = of_loan AND amount_paise = amount AND value_date = day
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND reversed_on IS NULL
"""
)


async def list_alike(session: AsyncSession, sought: Collection[Likeness]) -> set[Likeness]:
    """Which of these were taken already, and stand. Read it under the loans' locks."""
    rows = await _ALIKE.list(
        session,
        customer_ids=[each.loan.customer_id for each in sought],
        loan_ids=[each.loan.loan_id for each in sought],
        amounts=[each.amount_paise for each in sought],
        days=[each.value_date for each in sought],
    )
    return {Likeness(LoanKey(row.customer_id, row.loan_id), row.amount_paise, row.value_date) for row in rows}


_OF_LOAN = Statement(_PAYMENTS + "ORDER BY value_date, id")


async def list_payments(session: AsyncSession, *, customer_id: int, loan_id: int) -> Sequence[Record]:
    """All payments of a loan as rows of their table, in order of value date."""
    return await _OF_LOAN.list(session, customer_id=customer_id, loan_id=loan_id)


_APPLIED = Statement(
    """
SELECT credit AS component, sum(amount_paise)::bigint AS amount_paise FROM transfers AS t
WHERE customer_id = :customer_id AND loan_id = :loan_id AND payment_id = :payment_id AND debit = 'cash'
  AND NOT EXISTS (SELECT FROM transfers AS r WHERE r.customer_id = :customer_id AND r.loan_id = t.loan_id
                  AND r.reverses = t.number)
GROUP BY credit
"""
)


async def sum_applied(session: AsyncSession, *, customer_id: int, loan_id: int, payment_id: int) -> dict[str, int]:
    """How the cash of a payment is applied, by component."""
    rows = await _APPLIED.list(session, customer_id=customer_id, loan_id=loan_id, payment_id=payment_id)
    return {row.component: row.amount_paise for row in rows}
