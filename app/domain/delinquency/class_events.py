"""What other programs are told about classes: a loan or a card account that has another class than before.

A day-end changes many classes, so its events name the changes: what a change says stays, and is read with the event. A
correction is told as the difference to what was believed, which no single row says; its event holds everything.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from app.domain.delinquency.changes import Change, FacilityState
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.events.catalog import EventType
from app.domain.events.happened import ClassBatch, Happened
from app.domain.public_ids import format_card_account_id, format_loan_id, format_user_id
from app.domain.rulebook.kinds import ProductKind

#: Why a correction changes a class: a backdated payment, or one that bounced, changed the past.
CORRECTED: Final = "corrected"
#: The type of the event for each kind of facility.
_TYPES: Final = {
    ProductKind.LOAN: EventType.LOAN_CLASS_CHANGED,
    ProductKind.CARD: EventType.CARD_ACCOUNT_CLASS_CHANGED,
}
#: The kind of facility that a type tells about.
KINDS: Final = {type_.value: kind for kind, type_ in _TYPES.items()}


def class_batches(found: Iterable[tuple[int, int, Change]]) -> list[ClassBatch]:
    """The events of changes at day-ends: (customer, number among those of the facility, change). A change that leaves
    the class, and only makes the oldest unpaid instalment another, is not told."""
    told = [
        (change.key, customer_id, number)
        for customer_id, number, change in found
        if change.before.asset_class != change.after.asset_class
    ]
    batches = []
    for kind, type_ in _TYPES.items():
        if ours := [(customer, key.number, number) for key, customer, number in told if key.kind is kind]:
            customers, facilities, numbers = zip(*ours, strict=True)
            batches.append(ClassBatch(type=type_, customers=customers, facilities=facilities, numbers=numbers))
    return batches


def class_corrected(
    key: FacilityKey, before: AssetClass | None, after: FacilityState, *, on: date, customer_id: int, opened_on: date
) -> Happened | None:
    """A correction of the past that leaves a facility in another class at the latest day-end; None if it does not."""
    if before == after.asset_class:
        return None
    data = class_document(key, before, after, on=on, reason=CORRECTED, customer_id=customer_id, opened_on=opened_on)
    loan_id = key.number if key.kind is ProductKind.LOAN else None
    return Happened(type=_TYPES[key.kind], customer_id=customer_id, loan_id=loan_id, data=data)


def class_document(
    key: FacilityKey,
    before: AssetClass | None,
    after: FacilityState,
    *,
    on: date,
    reason: str,
    customer_id: int,
    opened_on: date,
) -> dict[str, Any]:
    """Another class at a day-end, as other programs see it. `opened_on` is the day on which a loan was disbursed: its
    year is in the public id."""
    named = (
        {"loan_id": format_loan_id(year=opened_on.year, number=key.number)}
        if key.kind is ProductKind.LOAN
        else {"card_account_id": format_card_account_id(key.number)}
    )
    return named | {
        "user_id": format_user_id(customer_id),
        "on": on.isoformat(),
        "from": None if before is None else before.value,
        "to": None if after.asset_class is None else after.asset_class.value,
        "days_past_due": after.days_past_due(on),
        "oldest_due_on": _day(after.oldest_due_on),
        "oldest_instalment": after.cycle,
        "non_performing_since": _day(after.non_performing_since),
        "reason": reason,
    }


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
