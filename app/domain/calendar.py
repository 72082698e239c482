"""Day counts, due dates and holidays.

A *day count* turns two dates into a fraction of a year. A *frequency* is the distance between two due dates. A *holiday
rule* moves a due date that falls on a day without payments. Every period is half-open, `[from_on, to_on)`: consecutive
periods neither lose a day nor count one twice.
"""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from app.domain.errors import Invalid


class DayCount(StrEnum):
    """The day count conventions. The value is the name in contracts (ISDA 2006 Definitions, section 4.16)."""

    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACTUAL_365F = "actual/365F"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_ACTUAL_ISDA = "actual/actual ISDA"
    NL_365 = "NL/365"


class Frequency(StrEnum):
    """The unit of the distance between two due dates."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class HolidayRule(StrEnum):
    """How a due date is moved when it falls on a holiday or on a weekly day off."""

    UNCHANGED = "unchanged"
    NEXT = "next"
    PREVIOUS = "previous"


class DatesReversed(Invalid):
    """The span ends before it begins. Exchange its two dates."""

    code = "dates_reversed"


class DateOutOfRange(Invalid):
    """A date lies outside the years 1 to 9999. Use an earlier date or fewer instalments."""

    code = "date_out_of_range"


class NoWorkingDay(Invalid):
    """The holiday calendar has no working day within a year of a due date. Correct the calendar."""

    code = "no_working_day"


class DueRuleInvalid(Invalid):
    """The due dates cannot be laid out: a step below one, a due day outside 1 to 31, or a first due date that is not
    after the disbursal. Correct the term in `field`."""

    code = "due_rule_invalid"


#: The denominator of each day count: two fractions are added by adding their numerators.
YEAR_UNITS: dict[DayCount, int] = {
    DayCount.THIRTY_360: 360,
    DayCount.THIRTY_E_360: 360,
    DayCount.THIRTY_E_360_ISDA: 360,
    DayCount.ACTUAL_365F: 365,
    DayCount.ACTUAL_360: 360,
    DayCount.ACTUAL_364: 364,
    DayCount.ACTUAL_ACTUAL_ISDA: 365 * 366,
    DayCount.NL_365: 365,
}

_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ORDINAL_COUNTS = frozenset({DayCount.ACTUAL_365F, DayCount.ACTUAL_360, DayCount.ACTUAL_364})


def day_count_fraction(start: date, end: date, *, day_count: DayCount, maturity: date | None = None) -> tuple[int, int]:
    """The fraction of a year from `start` to `end` as (numerator, denominator), not reduced.

    The denominator depends only on the day count (`YEAR_UNITS`). Only 30E/360 ISDA uses `maturity`: the last day of
    February counts as the 30th, unless it is the maturity date. Raises DatesReversed when `end` is before `start`.
    Source: ISDA 2006 Definitions, section 4.16. NL/365 does not count a 29 February after `start`, up to `end`.
    """
    if end < start:
        raise DatesReversed("the span ends before it begins", field="end", start=start, end=end)
    if day_count in _ORDINAL_COUNTS:
        return end.toordinal() - start.toordinal(), YEAR_UNITS[day_count]
    if day_count is DayCount.ACTUAL_ACTUAL_ISDA:
        return _isda_units_before(end) - _isda_units_before(start), 365 * 366
    if day_count is DayCount.NL_365:
        days = end.toordinal() - start.toordinal()
        return days - (_leap_days_until(end) - _leap_days_until(start)), 365
    return _thirty_day_months(start, end, day_count=day_count, maturity=maturity), 360


def _thirty_day_months(start: date, end: date, *, day_count: DayCount, maturity: date | None) -> int:
    """The days between two dates, in a year of twelve months of thirty days."""
    start_day, end_day = start.day, end.day
    if day_count is DayCount.THIRTY_E_360_ISDA:
        if _is_month_end(start):
            start_day = 30
        if _is_month_end(end) and not (end == maturity and end.month == 2):
            end_day = 30
    else:
        start_day = min(start_day, 30)
        # 30/360 turns an end on the 31st into the 30th only when the start is the 30th; 30E/360 always does.
        if day_count is DayCount.THIRTY_E_360 or start_day == 30:
            end_day = min(end_day, 30)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + end_day - start_day


def _is_month_end(day: date) -> bool:
    return day.day == _month_length(day.year, day.month)


def _month_length(year: int, month: int) -> int:
    return 29 if month == 2 and _is_leap(year) else _MONTH_LENGTHS[month - 1]


def _leap_years_before(year: int) -> int:
    before = year - 1
    return before // 4 - before // 100 + before // 400


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _leap_days_until(day: date) -> int:
    """The number of 29 Februaries from year 1 through this day."""
    this_year = _is_leap(day.year) and (day.month, day.day) >= (2, 29)
    return _leap_years_before(day.year) + this_year


def _isda_units_before(day: date) -> int:
    """The days before this one in units of 1 / (365 x 366) year: 365 units per day in a leap year, otherwise 366."""
    ordinal = day.toordinal() - 1
    leap = 366 * _leap_years_before(day.year)
    if _is_leap(day.year):
        leap += ordinal - (date(day.year, 1, 1).toordinal() - 1)
    return 365 * leap + 366 * (ordinal - leap)


def periods_per_year(frequency: Frequency, *, every: int = 1) -> tuple[int, int]:
    """How many periods of `every` days, weeks, months or years make a year, as an exact ratio.

    A year is 12 months, 52 weeks or 365 days: 30 days give (365, 30). Raises DueRuleInvalid for a step below 1.
    Source: docs/business-rules.md, schedules and interest (m periods a year).
    """
    if every < 1:
        raise DueRuleInvalid("a period must be at least one day, week, month or year", field="every", every=every)
    match frequency:
        case Frequency.DAY:
            return 365, every
        case Frequency.WEEK:
            return 52, every
        case Frequency.MONTH:
            return 12, every
        case Frequency.YEAR:
            return 1, every


def add_months(anchor: date, months: int, *, day: int | None = None) -> date:
    """The anchor's day (or `day`) in the month that is `months` later (negative: earlier), or that month's last day.

    Callers count from the anchor, so that 31 Jan gives 28 Feb and then 31 Mar. Raises DateOutOfRange.
    """
    return _in_month(anchor.year * 12 + anchor.month - 1 + months, day=day or anchor.day)


def add_periods(anchor: date, count: int, *, frequency: Frequency, every: int = 1) -> date:
    """The date `count` periods after the anchor (negative: before it). Raises DateOutOfRange."""
    if frequency is Frequency.MONTH:
        return add_months(anchor, every * count)
    if frequency is Frequency.YEAR:
        return add_months(anchor, 12 * every * count)
    days = every * count * (7 if frequency is Frequency.WEEK else 1)
    try:
        return anchor + timedelta(days=days)
    except OverflowError:
        raise DateOutOfRange("a date must be in the years 1 to 9999", field="count", count=count) from None


def _in_month(month_number: int, *, day: int) -> date:
    """The day `day` (or the last day) of the month that is `month_number` months after January of year 0."""
    year, month = divmod(month_number, 12)
    if not 1 <= year <= 9999:
        raise DateOutOfRange("a date must be in the years 1 to 9999", field="months")
    if day > 28:
        day = min(day, _month_length(year, month + 1))
    return date(year, month + 1, day)


def business_day_adjust(
    day: date,
    *,
    rule: HolidayRule,
    holidays: frozenset[date] = frozenset(),
    weekend: Collection[int] = (),
) -> date:
    """The date itself, or the working day that the rule names when the date is a holiday or a weekly day off.

    `weekend` holds weekdays: 0 is Monday, 6 is Sunday. Raises NoWorkingDay when 366 days contain no working day.
    """
    if rule is HolidayRule.UNCHANGED or not (holidays or weekend):
        return day
    step = timedelta(days=1 if rule is HolidayRule.NEXT else -1)
    for _ in range(366):
        if day not in holidays and day.weekday() not in weekend:
            return day
        day += step
    raise NoWorkingDay("the calendar has no working day within a year", field="holidays")


def due_dates(
    anchor: date,
    *,
    count: int,
    frequency: Frequency,
    every: int = 1,
    first_due_on: date | None = None,
    due_day: int | None = None,
    holiday_rule: HolidayRule = HolidayRule.UNCHANGED,
    holidays: frozenset[date] = frozenset(),
    weekend: Collection[int] = (),
) -> tuple[date, ...]:
    """The due dates of `count` instalments after the anchor (the date of disbursal), strictly increasing.

    By default the dates are `every` days, weeks, months or years apart, counted from the anchor. `due_day` (months and
    years only) puts each date on that day of its month, or on the month's last day. `first_due_on` is the first date;
    the others are counted from it. Holidays are applied last. A holiday shift that would put a date on or before the
    previous date takes the next working day after the previous date.
    Raises DueRuleInvalid, DateOutOfRange, NoWorkingDay. Source: docs/business-rules.md, schedules and interest.
    """
    _check_due_rule(anchor, count=count, frequency=frequency, every=every, first_due_on=first_due_on, due_day=due_day)
    base, planned = (anchor, []) if first_due_on is None else (first_due_on, [first_due_on])
    following = range(1, count + 1 - len(planned))
    if frequency in (Frequency.MONTH, Frequency.YEAR):
        months = every * (12 if frequency is Frequency.YEAR else 1)
        start, day = base.year * 12 + base.month - 1, due_day or base.day
        planned += [_in_month(start + months * step, day=day) for step in following]
    else:
        planned += [add_periods(base, step, frequency=frequency, every=every) for step in following]
    if holiday_rule is HolidayRule.UNCHANGED:
        return tuple(planned)
    return _off_holidays(anchor, planned, rule=holiday_rule, holidays=holidays, weekend=weekend)


def due_date_number(
    anchor: date, number: int, *, frequency: Frequency, every: int = 1, due_day: int | None = None,
    first_due_on: date | None = None,
) -> date:  # fmt: skip
    """The due date of one instalment as in `due_dates`, without holidays. Raises DueRuleInvalid, DateOutOfRange."""
    _check_due_rule(anchor, count=number, frequency=frequency, every=every, first_due_on=first_due_on, due_day=due_day)
    if first_due_on is not None:
        anchor, number = first_due_on, number - 1
    if number == 0:
        return anchor
    if due_day is None:
        return add_periods(anchor, number, frequency=frequency, every=every)
    return add_months(anchor, every * (12 if frequency is Frequency.YEAR else 1) * number, day=due_day)


def _check_due_rule(
    anchor: date, *, count: int, frequency: Frequency, every: int, first_due_on: date | None, due_day: int | None
) -> None:
    if count < 1:
        raise DueRuleInvalid("there must be at least one instalment", field="instalments", instalments=count)
    periods_per_year(frequency, every=every)
    if first_due_on is not None and first_due_on <= anchor:
        raise DueRuleInvalid("the first due date must be after the disbursal", field="first_due_on", after=anchor)
    if due_day is not None and not 1 <= due_day <= 31:
        raise DueRuleInvalid("a due day must be from 1 to 31", field="due_day", due_day=due_day)
    if due_day is not None and frequency not in (Frequency.MONTH, Frequency.YEAR):
        raise DueRuleInvalid("only months and years can have a due day", field="due_day", frequency=frequency.value)


def _off_holidays(
    anchor: date, planned: list[date], *, rule: HolidayRule, holidays: frozenset[date], weekend: Collection[int]
) -> tuple[date, ...]:
    moved, previous = list[date](), anchor
    for day in planned:
        shifted = business_day_adjust(day, rule=rule, holidays=holidays, weekend=weekend)
        if shifted <= previous:
            shifted = previous + timedelta(days=1)
            shifted = business_day_adjust(shifted, rule=HolidayRule.NEXT, holidays=holidays, weekend=weekend)
        moved.append(shifted)
        previous = shifted
    return tuple(moved)
