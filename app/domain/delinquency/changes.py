"""The history of a borrower's classes: one row for each change of a facility, and none for a day on which nothing
changes.

A change is another class, or another oldest unpaid instalment: from the latest change, the days past due of every
later day-end follow. The history is derived at once, by judging only the day-ends on which something can change; judged
day by day it is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.calendar import add_months
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.facilities import Facility, FacilityKey
from app.domain.delinquency.standing import GOOD, Overdue, Standing, class_of, next_standing, overdue_at


class ChangeReason(StrEnum):
    """Why a class, or the oldest unpaid instalment, changed."""

    FELL_DUE = "instalment_fell_due"
    DAYS_PASSED = "days_passed"
    PAID = "arrears_paid"
    MONTHS_PASSED = "months_as_non_performing"
    OTHER_FACILITY = "other_facility"
    WRITTEN_OFF = "written_off"
    RULE_CHANGED = "rule_changed"
    CLOSED = "closed"
    RESTRUCTURED = "restructured"
    PERFORMED = "performed_after_restructuring"


class FacilityState(NamedTuple):
    """A facility at a day-end, as a change leaves it. `asset_class` is None when it is not on the books."""

    asset_class: AssetClass | None = AssetClass.STANDARD
    oldest_due_on: date | None = None
    cycle: int | None = None
    non_performing_since: date | None = None
    by: FacilityKey | None = None

    def days_past_due(self, on: date) -> int:
        """The days past due at a day-end before the next change."""
        return 0 if self.oldest_due_on is None else on.toordinal() - self.oldest_due_on.toordinal() + 1


_DAY = timedelta(days=1)
#: A facility without arrears of a borrower without arrears.
STANDARD_STATE = FacilityState()


class Change(NamedTuple):
    """A change of a facility at a day-end: from which state to which, why, and by which instalment (`cycle`)."""

    key: FacilityKey
    on: date
    before: FacilityState
    after: FacilityState
    reason: ChangeReason
    cycle: int | None


@dataclass(slots=True)
class BorrowerStates:
    """A borrower at a day-end: the standing, and the state of each facility that is not standard."""

    standing: Standing = GOOD
    of: dict[FacilityKey, FacilityState] = field(default_factory=dict)


def derive_changes(
    facilities: Sequence[Facility], rules: ClassRules, *, through: date, since: "BorrowerStates | None" = None,
    after: date | None = None,
) -> list[Change]:  # fmt: skip
    """All changes of a borrower's facilities through a day-end, in order.

    With `since`, the states at the day-end `after`, only later day-ends are judged; `since` becomes the state at
    `through`.
    """
    states = BorrowerStates() if since is None else since
    if after is not None and through.toordinal() == after.toordinal() + 1:
        # Usually a run judges the one day-end since the run before.
        return judge_day(facilities, states, rules, on=through)
    days = _days_of_change(facilities, rules, after=after, through=through)
    if (standing_since := states.standing.non_performing_since) is not None:
        days = _with_months(days, rules, standing_since, after=after, through=through)
    found: list[Change] = []
    place = 0
    while place < len(days):
        on = days[place]
        place += 1
        found += judge_day(facilities, states, rules, on=on)
        if states.standing.non_performing_since == on:
            days[place:] = _with_months(days[place:], rules, on, after=on, through=through)
    return found


def judge_day(facilities: Sequence[Facility], states: BorrowerStates, rules: ClassRules, *, on: date) -> list[Change]:
    """The changes at one day-end. `states` are those of an earlier day-end, and become those of this one."""
    overdue = overdue_at(facilities, rules, on)
    standing = states.standing = next_standing(states.standing, overdue, rules, on=on)
    known, found, now = states.of.copy(), [], {}
    for one in overdue:
        key = one.key
        before, after = known.pop(key, STANDARD_STATE), _state(one, standing)
        if after != STANDARD_STATE:
            now[key] = after
        if before != after and _said(before) != _said(after):
            reason = _reason(one, before, after, standing, is_new_rule=rules.is_changed_on(on))
            found.append(Change(key, on, before, after, reason, after.cycle or before.cycle))
    for key, before in known.items():
        # It is no longer on the books.
        after = FacilityState(asset_class=None)
        found.append(Change(key, on, before, after, ChangeReason.CLOSED, before.cycle))
    states.of = now
    if len(found) > 1:
        found.sort(key=lambda change: change.key)
    return found


def latest_states(changes: Iterable[Change], *, on: date) -> Mapping[FacilityKey, FacilityState]:
    """The state of each facility at a day-end, by its latest change until then."""
    found: dict[FacilityKey, FacilityState] = {}
    for change in changes:
        if change.on <= on:
            found[change.key] = change.after
    return found


def _said(state: FacilityState) -> tuple[object, ...]:
    """What a row of the history says."""
    return state.asset_class, state.oldest_due_on, state.non_performing_since


def _state(one: Overdue, standing: Standing) -> FacilityState:
    asset_class = class_of(one, standing)
    if standing is GOOD and not one.is_lost:
        return STANDARD_STATE
    oldest = one.oldest
    return FacilityState(
        asset_class,
        None if oldest is None else oldest.due_on,
        None if oldest is None else oldest.cycle,
        standing.non_performing_since,
        standing.by,
    )


def _reason(
    one: Overdue, before: FacilityState, after: FacilityState, standing: Standing, *, is_new_rule: bool
) -> ChangeReason:
    if after.asset_class is AssetClass.LOSS:
        return ChangeReason.WRITTEN_OFF
    if one.is_on_trial and before.non_performing_since is None:
        return ChangeReason.RESTRUCTURED
    if before.oldest_due_on is after.oldest_due_on is None and before.by == one.key and standing.by is None:
        return ChangeReason.PERFORMED
    if before.oldest_due_on != after.oldest_due_on:
        return ChangeReason.FELL_DUE if before.oldest_due_on is None else ChangeReason.PAID
    if standing.by is None or standing.by != one.key:
        return ChangeReason.OTHER_FACILITY
    if before.non_performing_since is not None and after.non_performing_since is not None:
        return ChangeReason.MONTHS_PASSED
    return ChangeReason.RULE_CHANGED if is_new_rule else ChangeReason.DAYS_PASSED


def _days_of_change(
    facilities: Sequence[Facility], rules: ClassRules, *, after: date | None, through: date
) -> list[date]:
    """The day-ends after one, through another, on which something can change, in order. Those on which a non-performing
    borrower gets a worse class are left out."""
    before = date.min if after is None else after
    days: set[date] = set()

    def add(*found: date | None) -> None:
        days.update(day for day in found if day is not None and before < day <= through)

    first = through
    for facility in facilities:
        first = min(first, facility.opened_on)
        add(facility.opened_on, facility.closed_on, facility.lost_on)
        for restructuring in facility.restructurings:
            trial = rules.trial(restructuring.on, borrower=facility.borrower)
            add(restructuring.on, None if trial is None else trial.passed_on(restructuring))
        for arrear in facility.arrears:
            add(arrear.due_on, arrear.cleared_on, *[arrear.due_on + limit for limit in rules.days])
    add(*rules.changes_between(max(first, before), through))
    if after is not None:
        # What was entered since the day-end before may have changed a facility that has no day of its own here.
        add(after + _DAY)
    return sorted(days)


def _with_months(
    days: Iterable[date], rules: ClassRules, since: date, *, after: date | None, through: date
) -> list[date]:
    """Adds the day-ends on which a borrower who is non-performing since a day gets a worse class."""
    before = date.min if after is None else after
    worse = (add_months(since, months) for months in rules.months)
    return sorted({*days, *(day for day in worse if before < day <= through)})
