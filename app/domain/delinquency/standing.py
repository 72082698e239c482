"""The standing of a borrower at one day-end.

A borrower becomes non-performing when any facility is past due for more days than the rulebook allows, and stays so
until all arrears of interest and principal of all facilities are paid. Until then every facility of the borrower has
the worst class of any. What was written off is never paid, so it keeps its borrower non-performing; and so does a
restructured loan that has not shown yet what the rulebook asks for.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.monitoring import monitoring_of


class Overdue(NamedTuple):
    """A facility at a day-end: its oldest unpaid instalment, whether it was written off, and whether it is restructured
    and has not performed yet."""

    key: FacilityKey
    oldest: Arrear | None
    is_lost: bool
    is_on_trial: bool = False

    def days_past_due(self, on: date) -> int:
        """The days past due; 0 if nothing is."""
        return 0 if self.oldest is None else self.oldest.days_past_due(on)


class Standing(NamedTuple):
    """The class of a borrower at a day-end. `by` is the facility that gives it; None while all is standard."""

    asset_class: AssetClass
    non_performing_since: date | None
    by: FacilityKey | None


# Reading a member from its enum class is slow, and a day-end compares it for every loan that is past due.
_FAILED = AssetClass.SUB_STANDARD
_ORDER = {asset_class: place for place, asset_class in enumerate(AssetClass)}

#: A borrower without arrears.
GOOD = Standing(AssetClass.STANDARD, None, None)


def overdue_at(facilities: Sequence[Facility], rules: ClassRules, on: date) -> list[Overdue]:
    """The facilities that are on the books at a day-end, with what is unpaid of them."""
    return [
        Overdue(
            one.key,
            one.oldest_unpaid(on),
            one.lost_on is not None and one.lost_on <= on,
            bool(one.restructurings) and is_on_trial(one, facilities, rules, on),
        )
        for one in facilities
        if one.is_open(on)
    ]


def is_on_trial(facility: Facility, facilities: Sequence[Facility], rules: ClassRules, on: date) -> bool:
    """Whether a restructured facility has not shown yet what the rulebook asks for."""
    found = monitoring_of(facility, facilities, rules, on=on)
    return found is not None and found.is_open(on)


def next_standing(before: Standing, overdue: Sequence[Overdue], rules: ClassRules, *, on: date) -> Standing:
    """The standing at a day-end, from that of the day-end before. Source: docs/decisions/0032."""
    behind = [one for one in overdue if one.oldest is not None or one.is_lost or one.is_on_trial]
    if not behind:
        return GOOD
    since, by = before.non_performing_since, before.by
    if since is None or by is None:
        by_days = [(rules.limits(on, kind=one.key.kind).class_by_days(one.days_past_due(on)), one) for one in behind]
        failed = [one for found, one in by_days if found is _FAILED or one.is_lost or one.is_on_trial]
        if not failed:
            return _watched(by_days, on)
        since, by = on, max(failed, key=lambda one: (one.is_lost, *_rank(one, on))).key
    return Standing(rules.limits(on, kind=by.kind).class_by_time(since, on=on), since, by)


def _watched(by_days: Sequence[tuple[AssetClass, Overdue]], on: date) -> Standing:
    """The standing of a borrower who is not non-performing: that of the facility that is past due longest."""
    found, one = by_days[0]
    if len(by_days) > 1:
        found, one = max(by_days, key=lambda each: (_ORDER[each[0]], *_rank(each[1], on)))
    return Standing(found, None, one.key)


def _rank(one: Overdue, on: date) -> tuple[int, str, int]:
    """Which facility gives the class: the one that is past due longest; of equal ones a loan before a card, then the
    lower number. So it never depends on the order in which they were read."""
    return one.days_past_due(on), one.key.kind, -one.key.number


def class_of(one: Overdue, standing: Standing) -> AssetClass:
    """The class of one facility: the borrower's, or loss if it was written off. Loss is not passed on to others."""
    return AssetClass.LOSS if one.is_lost else standing.asset_class
