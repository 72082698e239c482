"""Charges that the next bill of a loan demands.

A charge is posted on the day of its cause. Until the next bill it is *unbilled*: the loan owes it, and a payment before
that bill pays it only if it closes the loan. A charge that was booked for an event (a returned payment, a service) is
numbered together with the payments, so that a replay repeats it in its place.
Source: docs/business-rules.md, charges of a loan.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.lending.due_rules import date_after
from app.domain.lending.late_days import count_late_days
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import Decision, LoanStatus, Position
from app.domain.products.charges import Charged


class ChargeKind(StrEnum):
    """What a booked charge is for."""

    BOUNCE = "bounce"
    SERVICE = "service"


_KINDS: Final = {ChargeKind.BOUNCE: Kind.BOUNCE_CHARGE, ChargeKind.SERVICE: Kind.SERVICE_CHARGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCharge:
    """A charge for an event. `number` is from the numbering of the payments; `payment_id` is the payment that caused
    it, `name` what the product calls a charge of an officer, `sac` the service accounting code of a taxed one."""

    number: int
    kind: ChargeKind
    booked_on: date
    charged: Charged
    payment_id: int | None = None
    name: str | None = None
    sac: str | None = None


def book_charge(position: Position, booked: BookedCharge) -> Decision:
    """Books a charge on a position, which it changes. On a loan that is not active it does nothing: a replay may have
    closed the loan."""
    journal = Journal(last_number=position.last_transfer, booked_on=booked.booked_on)
    if position.status is LoanStatus.ACTIVE:
        count_late_days(position, on=booked.booked_on)
        charge(position, journal, booked.charged, kind=_KINDS[booked.kind], on=booked.booked_on, number=booked.number)
    position.last_transfer = journal.number
    position.last_event_on = max(position.last_event_on, booked.booked_on)
    return Decision(position, journal.transfers, {}, ())


def charge(position: Position, journal: Journal, charged: Charged, *, kind: Kind, on: date, number: int) -> None:
    """Posts a charge that the next bill demands. A loan whose plan has ended gets a billing date for it."""
    for credit, part in ((Account.CHARGE_INCOME, charged.amount_paise), (Account.GST_PAYABLE, charged.tax_paise)):
        journal.post(kind, Account.CHARGES, credit, part, Account.CHARGES, on, None, number)
    position.charges_paise += charged.total_paise
    position.unbilled_charges_paise += charged.total_paise
    if charged.total_paise and position.next_billing_on is None and position.status is LoanStatus.ACTIVE:
        position.next_billing_on = date_after(position, on, near=position.next_cycle)
