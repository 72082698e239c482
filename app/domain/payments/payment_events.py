"""What other programs are told about payments and concessions."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.lending.loan_events import ended, given_up, loan_id_of
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.concessions import ConcessionKind
from app.domain.payments.payments import PaymentOrder
from app.domain.public_ids import format_payment_id, format_user_id


def payment_received(
    order: PaymentOrder, position: Position, applied: Mapping[str, int], *, method: str | None
) -> Happened:
    """A payment that left a loan at this position; `applied` is its cash by component, in paise."""
    get = applied.get
    data = {
        "payment_id": format_payment_id(order.payment_id),
        "loan_id": loan_id_of(position),
        "user_id": format_user_id(position.customer_id),
        "amount_paise": order.amount_paise,
        "method": method,
        "reference_id": order.reference,
        "value_date": order.value_date.isoformat(),
        "booked_on": order.booked_on.isoformat(),
        "applied": {
            "charges_paise": get("charges", 0),
            "interest_paise": get("interest", 0),
            "principal_paise": get("principal", 0),
            "advance_paise": get("advance", 0),
        },
        "outstanding_paise": position.principal_paise,
        "loan_closed": position.status is LoanStatus.CLOSED,
    }
    return Happened(
        type=EventType.PAYMENT_RECEIVED, customer_id=position.customer_id, loan_id=position.loan_id, data=data
    )


def payment_reversed(position: Position, *, payment_id: int, amount_paise: int, on: date) -> Happened:
    """A payment that was reversed, and where that left its loan. The reason stays in the books: it is free text."""
    data = {
        "payment_id": format_payment_id(payment_id),
        "loan_id": loan_id_of(position),
        "user_id": format_user_id(position.customer_id),
        "amount_paise": amount_paise,
        "reversed_on": on.isoformat(),
        "outstanding_paise": position.principal_paise,
        "loan_status": position.status.value,
    }
    return Happened(
        type=EventType.PAYMENT_REVERSED, customer_id=position.customer_id, loan_id=position.loan_id, data=data
    )


def concession_events(
    position: Position, *, kind: ConcessionKind, amounts: Mapping[str, int], was: LoanStatus
) -> Sequence[Happened]:
    """The events of a concession, by what was given up of each component. One that leaves nothing closes the loan."""
    if kind is ConcessionKind.WRITE_OFF:
        return (given_up(EventType.LOAN_WRITTEN_OFF, position, amounts),)
    return (given_up(EventType.LOAN_WAIVED, position, amounts), *ended(position, was=was))
