"""A second, simple way to judge a borrower: day by day, with the numbers of the circular written down again.

It uses nothing of `app.domain.delinquency` but the arrears and the names of the classes.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import Facility

#: (class, days past due, oldest unpaid due date) of each facility at a day-end, by its number.
DayEnd = dict[int, tuple[AssetClass, int, date | None]]


def day_ends(facilities: Sequence[Facility], first: date, last: date) -> Iterator[tuple[date, DayEnd]]:
    """Every day-end. A facility that is not on the books is left out."""
    failed_on: date | None = None
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
        if not lost and not any(counts.values()):
            failed_on = None
        elif failed_on is None and (lost or max(counts.values()) > 90):
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
