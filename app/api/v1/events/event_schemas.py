"""An event as it is shown, one shape for each kind of object. The body of a webhook has the same shapes."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from app.api.schemas import Answer
from app.api.v1.events.event_data import (
    ApplicationData,
    BillData,
    CardAccountClassData,
    CardAccountData,
    CardData,
    CardPaymentData,
    CardStatementData,
    ImportData,
    LoanClassData,
    LoanData,
    PaymentData,
    PromiseData,
    ReversalData,
    RunData,
    ScoreData,
)
from app.services.events.presenting import EventView


class EventHead(Answer):
    """What every event has. `number` only grows and has no gaps; `id` names the event, and is its `webhook-id`."""

    id: str = Field(examples=["EV-000123"])
    number: int = Field(examples=[123])
    version: int = Field(description="The version of the payload")
    occurred_at: datetime
    business_date: date


class LoanEvent(EventHead):
    """Something happened to a loan."""

    type: Literal[
        "loan.approved", "loan.disbursed", "loan.closed", "loan.reopened", "loan.waived", "loan.written_off",
        "loan.refunded", "loan.rate_notice", "loan.changed", "loan.change_undone",
    ]  # fmt: skip
    data: LoanData


class LoanClassEvent(EventHead):
    """A loan has another asset class."""

    type: Literal["loan.class_changed"]
    data: LoanClassData


class CardAccountClassEvent(EventHead):
    """A card account has another asset class."""

    type: Literal["card.account_class_changed"]
    data: CardAccountClassData


class PromiseEvent(EventHead):
    """A promise to pay was made, or stands otherwise."""

    type: Literal["promise.made", "promise.kept", "promise.broken", "promise.reopened", "promise.withdrawn"]
    data: PromiseData


class BillEvent(EventHead):
    """A bill was issued, or found overdue."""

    type: Literal["bill.issued", "bill.overdue"]
    data: BillData


class PaymentEvent(EventHead):
    """A payment was taken."""

    type: Literal["payment.received"]
    data: PaymentData


class ReversalEvent(EventHead):
    """A payment was taken back."""

    type: Literal["payment.reversed"]
    data: ReversalData


class ApplicationEvent(EventHead):
    """An application was received or decided."""

    type: Literal[
        "application.pending",
        "application.offered",
        "application.approved",
        "application.refused",
        "application.expired",
    ]
    data: ApplicationData


class ScoreEvent(EventHead):
    """A customer has a new score."""

    type: Literal["score.changed"]
    data: ScoreData


class CardEvent(EventHead):
    """Something happened to a virtual card."""

    type: Literal["card.issued", "card.blocked", "card.unblocked", "card.replaced"]
    data: CardData


class CardAccountEvent(EventHead):
    """A card account was opened, closed, opened again or charged off."""

    type: Literal["card.account_opened", "card.account_closed", "card.account_charged_off", "card.account_reopened"]
    data: CardAccountData


class CardStatementEvent(EventHead):
    """A statement of a card account was issued."""

    type: Literal["card.statement_issued"]
    data: CardStatementData


class CardPaymentEvent(EventHead):
    """A payment of a card account was taken or returned."""

    type: Literal["card.payment_received", "card.payment_returned"]
    data: CardPaymentData


class RunEvent(EventHead):
    """A billing run has ended."""

    type: Literal["run.finished", "run.cancelled"]
    data: RunData


class ImportEvent(EventHead):
    """An import has ended."""

    type: Literal["import.finished", "import.failed"]
    data: ImportData


EventAnswer = Annotated[
    LoanEvent
    | LoanClassEvent
    | CardAccountClassEvent
    | PromiseEvent
    | BillEvent
    | PaymentEvent
    | ReversalEvent
    | ApplicationEvent
    | ScoreEvent
    | CardEvent
    | CardAccountEvent
    | CardStatementEvent
    | CardPaymentEvent
    | RunEvent
    | ImportEvent,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[EventAnswer] = TypeAdapter(EventAnswer)

EXAMPLE: dict[str, Any] = {
    "id": "EV-000123",
    "number": 123,
    "type": "payment.received",
    "version": 1,
    "occurred_at": "2026-12-21T06:30:00.250000Z",
    "business_date": "2026-12-21",
    "data": {
        "payment_id": "PM-000012",
        "loan_id": "LN-2026-0456",
        "user_id": "BC-USER-009",
        "amount": 4407.43,
        "method": "UPI",
        "reference_id": "UTR 512345678901",
        "value_date": "2026-12-21",
        "booked_on": "2026-12-21",
        "applied": {"charges": 0.0, "interest": 437.5, "principal": 3969.93, "advance": 0.0},
        "outstanding": 46030.07,
        "loan_closed": False,
    },
}


def present(event: EventView) -> EventAnswer:
    """An event as it is shown."""
    return EVENT.validate_python(
        {
            "id": event.id,
            "number": event.number,
            "type": event.type,
            "version": event.version,
            "occurred_at": event.at,
            "business_date": event.business_date,
            "data": event.data,
        }
    )
