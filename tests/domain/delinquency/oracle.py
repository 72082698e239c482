"""A second, simple way to judge a borrower: day by day, with the numbers of the circular written down again.

It uses nothing of `app.domain.delinquency` but the arrears, the restructurings and the names of the classes. What a
restructured loan has to show is that of a larger NBFC: a tenth repaid, a year from the first payment, and no default.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import Facility

#: (class, days past due, oldest unpaid due date) of each facility at a day-end, by its number.
DayEnd = dict[int, tuple[AssetClass, int, date | None]]


def day_ends(facilities: Sequence[Facility], first: date, last: date) -> Iterator[tuple[date, DayEnd]]:
    """Every day-end. A facility that is not on the books is left out."""
    failed_on: date | None = None
    watches: dict[tuple[int, date], Watch] = {}
    day = first
    while day <= last:
        counts: dict[int, int] = {}
        oldest: dict[int, date | None] = {}
        lost: set[int] = set()
        for facility in facilities:
            ended = facility.closed_on is not None and facility.closed_on <= day and facility.lost_on is None
            if facility.opened_on > day or ended:
                continue
            unpaid = [
                arrear.due_on
                for arrear in facility.arrears
                if arrear.due_on <= day and not (arrear.cleared_on is not None and arrear.cleared_on <= day)
            ]
            oldest[facility.key.number] = min(unpaid, default=None)
            counts[facility.key.number] = (day - min(unpaid)).days + 1 if unpaid else 0
            if facility.lost_on is not None and facility.lost_on <= day:
                lost.add(facility.key.number)
        # Every facility is watched on every day.
        trials = [_is_on_trial(one, facilities, watches, day) for one in facilities if one.key.number in counts]
        if not lost and not any(trials) and not any(counts.values()):
            failed_on = None
        elif failed_on is None and (lost or any(trials) or max(counts.values()) > 90):
            failed_on = day
        worst = _class(max(counts.values(), default=0), failed_on, day)
        yield (
            day,
            {
                number: (AssetClass.LOSS if number in lost else worst, days, oldest[number])
                for number, days in counts.items()
            },
        )
        day += timedelta(days=1)


@dataclass
class Watch:
    """How far a restructured facility is: seen day by day."""

    is_begun: bool = False
    has_defaulted: bool = False
    has_passed: bool = False


def _is_on_trial(
    facility: Facility, facilities: Sequence[Facility], watches: dict[tuple[int, date], Watch], day: date
) -> bool:
    made = [one for one in facility.restructurings if one.on <= day]
    if not made:
        return False
    latest = max(made, key=lambda one: one.on)
    watch = watches.setdefault((facility.key.number, latest.on), Watch())
    unpaid = [
        arrear.due_on
        for one in facilities
        for arrear in one.arrears
        if arrear.due_on <= day and (arrear.cleared_on is None or arrear.cleared_on > day)
    ]
    if not any(due <= latest.on for due in unpaid):
        watch.is_begun = True
    if watch.is_begun and not watch.has_defaulted:
        first = latest.first_due_on
        is_long_enough = first is not None and (day.year - first.year, day.month, day.day) >= (
            1,
            first.month,
            first.day,
        )
        repaid = sum(amount for on, amount in latest.repaid if on <= day)
        if is_long_enough and repaid * 10 >= latest.principal_paise:
            watch.has_passed = True
        if unpaid and not watch.has_passed:
            watch.has_defaulted = True
    return not watch.has_passed


def _class(days: int, failed_on: date | None, day: date) -> AssetClass:
    if failed_on is not None:
        months = (day.year - failed_on.year) * 12 + day.month - failed_on.month
        if _day_of(failed_on, day) > day.day:
            months -= 1
        if months >= 48:
            return AssetClass.DOUBTFUL_3
        if months >= 24:
            return AssetClass.DOUBTFUL_2
        return AssetClass.DOUBTFUL_1 if months >= 12 else AssetClass.SUB_STANDARD
    if days > 60:
        return AssetClass.SMA_2
    if days > 30:
        return AssetClass.SMA_1
    return AssetClass.SMA_0 if days else AssetClass.STANDARD


def _day_of(since: date, day: date) -> int:
    """The day of the month on which a month since `since` is complete in the month of `day`."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return min(since.day, (following - timedelta(days=1)).day)
