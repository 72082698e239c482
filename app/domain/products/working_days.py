"""Working days: the holidays of banks and Sundays are none."""

from datetime import date, timedelta
from typing import Final

from app.domain.calendar import HolidayRule, business_day_adjust

SUNDAY: Final = 6


def working_days_later(on: date, days: int, *, holidays: frozenset[date] = frozenset()) -> date:
    """The working day that is so many working days after a day. Saturdays are working days. Raises NoWorkingDay."""
    for _ in range(days):
        tomorrow = on + timedelta(days=1)
        on = business_day_adjust(tomorrow, rule=HolidayRule.NEXT, holidays=holidays, weekend=(SUNDAY,))
    return on
