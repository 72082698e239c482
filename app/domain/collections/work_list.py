"""The work list: which cases it holds, in which order, and how cases are dealt to officers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from app.domain.collections.promises import PromiseStatus
from app.domain.delinquency.classes import AssetClass
from app.domain.errors import Invalid
from app.domain.rulebook.kinds import ProductKind

Key = TypeVar("Key")
LONGEST_NAME: Final = 60


class ViewInvalid(Invalid):
    """The name of the view is empty or too long, or a stored view is of another version. Give it 1 to 60 characters,
    and save the view again."""

    code = "collection_view_invalid"


class FilterInvalid(Invalid):
    """Two filters contradict each other: an officer and unassigned cases, or a range whose end is before its beginning.
    Leave out one of them."""

    code = "collection_filter_invalid"


class CaseSort(StrEnum):
    """The order of the work list: the most days past due first, the largest amount first, or the next action first."""

    DAYS = "-days_past_due"
    AMOUNT = "-overdue"
    ACTION = "next_action_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which open cases a list holds: all that agree with every value that is given. Ranges include both ends.

    `promise` is the status of the latest promise. `action_to` asks for cases whose next action is due by that day.
    """

    kind: ProductKind | None = None
    asset_class: AssetClass | None = None
    officer_id: int | None = None
    is_unassigned: bool = False
    days_from: int | None = None
    days_to: int | None = None
    overdue_from_paise: int | None = None
    overdue_to_paise: int | None = None
    promise: PromiseStatus | None = None
    action_to: date | None = None

    def oldest_due(self, *, judged: date) -> tuple[date | None, date | None]:
        """The days past due at a day-end as due dates of the oldest unpaid instalment: from, to."""
        first = None if self.days_to is None else _due(judged, self.days_to)
        last = None if self.days_from is None else _due(judged, self.days_from)
        return first, last


def _due(judged: date, days_past_due: int) -> date:
    days = min(days_past_due - 1, judged.toordinal() - 1)
    return judged - timedelta(days=days)


def check_filter(wanted: CaseFilter) -> CaseFilter:
    """Raises FilterInvalid."""
    if wanted.is_unassigned and wanted.officer_id is not None:
        raise FilterInvalid("a case is assigned or it is not", field="officer_id")
    for first, last, name in (
        (wanted.days_from, wanted.days_to, "days_from"),
        (wanted.overdue_from_paise, wanted.overdue_to_paise, "overdue_from"),
    ):
        if first is not None and last is not None and first > last:
            raise FilterInvalid("the range ends before it begins", field=name)
    return wanted


def deal(keys: Sequence[Key], officers: Sequence[int]) -> dict[Key, int]:
    """Deals cases to officers in turn, as cards are dealt: each gets as many of the worst as the others."""
    assert officers, "cases are dealt to somebody"
    return {key: officers[place % len(officers)] for place, key in enumerate(keys)}


# --- saved views -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A filter and an order under a name. A shared view is shown to all staff."""

    name: str
    wanted: CaseFilter
    sort: CaseSort
    is_shared: bool


def check_view_name(name: str) -> str:
    """The name without space around it. Raises ViewInvalid."""
    found = name.strip()
    if not 0 < len(found) <= LONGEST_NAME:
        raise ViewInvalid(f"a name has 1 to {LONGEST_NAME} characters", field="name")
    return found


def filter_document(wanted: CaseFilter) -> dict[str, Any]:
    """A filter as JSON: what is given, and nothing else."""
    given = {name: value for name, value in asdict(wanted).items() if value not in (None, False)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}


def filter_of(document: Mapping[str, Any]) -> CaseFilter:
    """What `filter_document` wrote. Raises ViewInvalid."""
    kinds: Mapping[str, Callable[[Any], Any]] = {
        "kind": ProductKind,
        "asset_class": AssetClass,
        "promise": PromiseStatus,
        "action_to": date.fromisoformat,
    }
    if unknown := set(document) - {known.name for known in fields(CaseFilter)}:
        raise ViewInvalid("the view has a filter that is not known", field=min(unknown))
    try:
        return CaseFilter(**{name: kinds.get(name, _same)(value) for name, value in document.items()})
    except ValueError:
        raise ViewInvalid("the view has a value that is not known", field="filter") from None


def _same(value: Any) -> Any:
    return value
