"""What other programs are told about classes: a loan or a card account that has another class than before."""

from datetime import date
from typing import Any, Final

from app.domain.delinquency.changes import Change, FacilityState
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.public_ids import format_card_account_id, format_loan_id, format_user_id
from app.domain.rulebook.kinds import ProductKind

#: Why a correction changes a class: a backdated payment, or one that bounced, changed the past.
CORRECTED: Final = "corrected"


def class_changed(change: Change, *, customer_id: int, opened_on: date) -> Happened | None:
    """A change at a day-end; None if the class is the same and only the oldest unpaid instalment is another.

    `opened_on` is the day on which a loan was disbursed: its year is in the public id.
    """
    return _event(
        change.key,
        change.before.asset_class,
        change.after,
        on=change.on,
        reason=change.reason.value,
        customer_id=customer_id,
        opened_on=opened_on,
    )


def class_corrected(
    key: FacilityKey, before: AssetClass | None, after: FacilityState, *, on: date, customer_id: int, opened_on: date
) -> Happened | None:
    """A correction of the past that leaves a facility in another class at the latest day-end; None if it does not."""
    return _event(key, before, after, on=on, reason=CORRECTED, customer_id=customer_id, opened_on=opened_on)


def _event(
    key: FacilityKey,
    before: AssetClass | None,
    after: FacilityState,
    *,
    on: date,
    reason: str,
    customer_id: int,
    opened_on: date,
) -> Happened | None:
    if before == after.asset_class:
        return None
    is_loan = key.kind is ProductKind.LOAN
    named: dict[str, Any] = (
        {"loan_id": format_loan_id(year=opened_on.year, number=key.number)}
        if is_loan
        else {"card_account_id": format_card_account_id(key.number)}
    )
    data = named | {
        "user_id": format_user_id(customer_id),
        "on": on.isoformat(),
        "from": before,
        "to": after.asset_class,
        "days_past_due": after.days_past_due(on),
        "oldest_due_on": _day(after.oldest_due_on),
        "oldest_instalment": after.cycle,
        "non_performing_since": _day(after.non_performing_since),
        "reason": reason,
    }
    return Happened(
        type=EventType.LOAN_CLASS_CHANGED if is_loan else EventType.CARD_ACCOUNT_CLASS_CHANGED,
        customer_id=customer_id,
        loan_id=key.number if is_loan else None,
        data=data,
    )


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
