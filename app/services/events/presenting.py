"""An event as other programs see it: in the API and in the body of a webhook alike.

Stored figures are paise under names that end in `_paise`, and rates are decimal texts under names that end in
`_percent`. Other programs see rupees and numbers, under names without these endings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.domain.events.happened import instant
from app.domain.public_ids import format_event_id

PAISE: Final = "_paise"
PERCENT: Final = "_percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One event with its number. `data` is as it was stored."""

    number: int
    type: str
    version: int
    customer_id: int
    loan_id: int | None
    at: datetime
    business_date: date
    data: Mapping[str, Any]
    traceparent: str | None = None

    @property
    def id(self) -> str:
        """The public id, which is also the `webhook-id`."""
        return format_event_id(self.number)


def document(event: EventView) -> dict[str, Any]:
    """The whole event as JSON values."""
    return {
        "id": event.id,
        "number": event.number,
        "type": event.type,
        "version": event.version,
        "occurred_at": instant(event.at),
        "business_date": event.business_date.isoformat(),
        "data": shown(event.data),
    }


def shown(value: Any, *, name: str = "") -> Any:
    """A stored value as other programs see it."""
    if isinstance(value, Mapping):
        return {_shown_name(key): shown(part, name=key) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [shown(part, name=name) for part in value]
    if name.endswith(PAISE) and isinstance(value, int):
        return value / 100
    if name.endswith(PERCENT) and isinstance(value, str):
        return float(value)
    return value


def _shown_name(name: str) -> str:
    return name.removesuffix(PAISE).removesuffix(PERCENT)
