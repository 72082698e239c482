"""Receipts: what a payment did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.db.repositories.payments import payments as repository
from app.db.session import Record
from app.domain.errors import Conflict
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import Due, PaymentOrder, next_due
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWork


class ReferenceReused(Conflict):
    """The reference belongs to another payment of this loan. Send another reference."""

    code = "reference_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a payment did: how much went where, and what is left. `replayed` when it had been taken before.

    `overpaid_paise` is owed to the borrower, `recovered_paise` was received after a write-off, and `rounding_paise` is
    what the lender gave (below 0) or kept (above 0) because cash has a smallest unit.
    """

    payment_id: int
    loan_public_id: str
    amount_paise: int
    value_date: date
    reference: str | None
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    overpaid_paise: int
    recovered_paise: int
    rounding_paise: int
    outstanding_paise: int
    next_due: Due | None
    closed: bool
    replayed: bool


def receipt_of(order: PaymentOrder, position: Position, applied: Mapping[str, int], *, replayed: bool) -> Receipt:
    """The receipt of a payment that left a loan at this position; `applied` is its cash by component."""
    return Receipt(
        payment_id=order.payment_id,
        loan_public_id=loans.public_loan_id(position),
        amount_paise=order.amount_paise,
        value_date=order.value_date,
        reference=order.reference,
        charges_paise=applied.get("charges", 0),
        interest_paise=applied.get("interest", 0),
        principal_paise=applied.get("principal", 0),
        advance_paise=applied.get("advance", 0),
        overpaid_paise=applied.get("refund_payable", 0),
        recovered_paise=applied.get("recovery_income", 0),
        rounding_paise=order.amount_paise - sum(applied.values()) + applied.get("cash_rounding", 0),
        outstanding_paise=position.principal_paise,
        next_due=next_due(position),
        closed=position.status is LoanStatus.CLOSED,
        replayed=replayed,
    )


async def repeated_receipt(uow: UnitOfWork, earlier: Record, position: Position, *, amount_paise: int) -> Receipt:
    """The receipt of a payment whose reference comes again; nothing moves. Raises ReferenceReused."""
    if earlier.reversed_on is not None:
        raise ReferenceReused("this reference belongs to a payment that was reversed", field="reference_id")
    if earlier.amount_paise != amount_paise:
        raise ReferenceReused("this reference belongs to a payment of another amount", field="reference_id")
    applied = await repository.sum_applied(
        uow.session, customer_id=position.customer_id, loan_id=position.loan_id, payment_id=earlier.id
    )
    return receipt_of(repository.order_of(earlier), position, applied, replayed=True)
