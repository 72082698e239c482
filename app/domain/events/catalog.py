"""The types of events. A type never changes its meaning; a payload that changes gets another version.

A version that only adds fields keeps its number. A field that is removed, or that means something else, needs the next
number. Events that are stored keep the version with which they were written.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.errors import Invalid


class EventType(StrEnum):
    """What happened: the object, a dot, and what became of it."""

    APPLICATION_PENDING = "application.pending"
    APPLICATION_APPROVED = "application.approved"
    APPLICATION_OFFERED = "application.offered"
    APPLICATION_REFUSED = "application.refused"
    APPLICATION_EXPIRED = "application.expired"
    SCORE_CHANGED = "score.changed"
    LOAN_APPROVED = "loan.approved"
    LOAN_DISBURSED = "loan.disbursed"
    LOAN_CLOSED = "loan.closed"
    LOAN_REOPENED = "loan.reopened"
    LOAN_WAIVED = "loan.waived"
    LOAN_WRITTEN_OFF = "loan.written_off"
    LOAN_REFUNDED = "loan.refunded"
    LOAN_RATE_NOTICE = "loan.rate_notice"
    LOAN_CHANGED = "loan.changed"
    LOAN_CHANGE_UNDONE = "loan.change_undone"
    LOAN_CLASS_CHANGED = "loan.class_changed"
    BILL_ISSUED = "bill.issued"
    BILL_OVERDUE = "bill.overdue"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_REVERSED = "payment.reversed"
    CARD_ISSUED = "card.issued"
    CARD_BLOCKED = "card.blocked"
    CARD_UNBLOCKED = "card.unblocked"
    CARD_REPLACED = "card.replaced"
    CARD_ACCOUNT_OPENED = "card.account_opened"
    CARD_ACCOUNT_CLOSED = "card.account_closed"
    CARD_ACCOUNT_CHARGED_OFF = "card.account_charged_off"
    CARD_ACCOUNT_REOPENED = "card.account_reopened"
    CARD_STATEMENT_ISSUED = "card.statement_issued"
    CARD_PAYMENT_RECEIVED = "card.payment_received"
    CARD_PAYMENT_RETURNED = "card.payment_returned"
    CARD_ACCOUNT_CLASS_CHANGED = "card.account_class_changed"
    PROMISE_MADE = "promise.made"
    PROMISE_KEPT = "promise.kept"
    PROMISE_BROKEN = "promise.broken"
    PROMISE_REOPENED = "promise.reopened"
    PROMISE_WITHDRAWN = "promise.withdrawn"
    RUN_FINISHED = "run.finished"
    RUN_CANCELLED = "run.cancelled"
    IMPORT_FINISHED = "import.finished"
    IMPORT_FAILED = "import.failed"


#: What each type means, for people.
MEANINGS: Final[Mapping[EventType, str]] = {
    EventType.APPLICATION_PENDING: "An application was received and waits for a score",
    EventType.APPLICATION_APPROVED: "An application was approved; `loan_id` is the loan that was made",
    EventType.APPLICATION_OFFERED: "An application was approved, and its key facts wait to be accepted",
    EventType.APPLICATION_REFUSED: "An application was refused; `reasons` has every reason",
    EventType.APPLICATION_EXPIRED: "An application waited too long for a score",
    EventType.SCORE_CHANGED: "A customer has a new score",
    EventType.LOAN_APPROVED: "A loan was made for an approved application",
    EventType.LOAN_DISBURSED: "The loan was paid out; it follows `loan.approved` in the same transaction",
    EventType.LOAN_CLOSED: "Nothing of the loan is left to pay",
    EventType.LOAN_REOPENED: "A closed loan is active again, because a payment was reversed",
    EventType.LOAN_WAIVED: "Interest or charges were given up; `given_up` says how much",
    EventType.LOAN_WRITTEN_OFF: "The rest of the loan was given up; `given_up` says how much",
    EventType.LOAN_REFUNDED: "What was owed to the borrower was paid out; `refunded` says how much",
    EventType.LOAN_RATE_NOTICE: "The borrower is told of a new rate; `change` says from when, and what it does",
    EventType.LOAN_CHANGED: "The rate, the rest, the due day or the amount of a loan was changed; `change` says how",
    EventType.LOAN_CHANGE_UNDONE: "A change of a loan was undone; `change` says which",
    EventType.LOAN_CLASS_CHANGED: "A day-end, or a correction of the past, gave the loan another asset class",
    EventType.BILL_ISSUED: "A cycle has ended and its bill was issued",
    EventType.BILL_OVERDUE: "A bill was not paid by its due date, and its cycle was closed",
    EventType.PAYMENT_RECEIVED: "A payment was taken; `applied` says what it paid",
    EventType.PAYMENT_REVERSED: "A payment bounced; the loan stands as if it had never come",
    EventType.CARD_ISSUED: "A virtual card was issued with a loan, or on a card account",
    EventType.CARD_BLOCKED: "A virtual card was blocked",
    EventType.CARD_UNBLOCKED: "A virtual card works again",
    EventType.CARD_REPLACED: "A lost card was ended for ever",
    EventType.CARD_ACCOUNT_OPENED: "A card account was opened",
    EventType.CARD_ACCOUNT_CLOSED: "A card account was closed",
    EventType.CARD_ACCOUNT_CHARGED_OFF: "What was owed on a card account became a loss",
    EventType.CARD_ACCOUNT_REOPENED: "A closed card account is open again, because a payment was returned",
    EventType.CARD_STATEMENT_ISSUED: "A cycle of a card account has ended and its statement was issued",
    EventType.CARD_PAYMENT_RECEIVED: "A payment was taken on a card account",
    EventType.CARD_PAYMENT_RETURNED: "A payment of a card account bounced; the account stands as if it had never come",
    EventType.CARD_ACCOUNT_CLASS_CHANGED: "A day-end, or a correction of the past, gave it another asset class",
    EventType.PROMISE_MADE: "A borrower promised to pay an amount by a day",
    EventType.PROMISE_KEPT: "What was promised has come by its day",
    EventType.PROMISE_BROKEN: "The promised day is over, and less than promised has come",
    EventType.PROMISE_REOPENED: "A promise that was kept waits again, because a payment bounced before its day",
    EventType.PROMISE_WITHDRAWN: "A promise no longer counts",
    EventType.RUN_FINISHED: "A billing run has billed every loan that was due",
    EventType.RUN_CANCELLED: "A billing run was ended before it had billed every loan",
    EventType.IMPORT_FINISHED: "A file was loaded",
    EventType.IMPORT_FAILED: "A file could not be loaded",
}

#: The version of each payload that is written now.
VERSIONS: Final[Mapping[EventType, int]] = dict.fromkeys(EventType, 1)


class EventTypeUnknown(Invalid):
    """A type of event is not known. Name types of the list in `docs/reference/events.md`."""

    code = "event_type_unknown"


def event_types(names: list[str] | tuple[str, ...]) -> tuple[EventType, ...]:
    """The types with these names, each once, in the order of the catalog. Raises EventTypeUnknown."""
    if set(names) - set(EventType):
        # The names are not repeated: they are what somebody sent.
        raise EventTypeUnknown("there is no event of this type", field="events", known=[*EventType])
    return tuple(kind for kind in EventType if kind in set(names))
