"""Working days by a table of holidays. A Saturday is a working day, a Sunday and a holiday are not."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final

_SUNDAY: Final = 6


def working_days_later(on: date, days: int, *, holidays: AbstractSet[date] = frozenset()) -> date:
    """The working day that is so many working days after a day; with 0 days the day itself."""
    while days:
        on += timedelta(days=1)
        if on.weekday() != _SUNDAY and on not in holidays:
            days -= 1
    return on
