from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendar import (
    DateOutOfRange,
    DatesReversed,
    DayCount,
    DueRuleInvalid,
    Frequency,
    HolidayRule,
    NoWorkingDay,
    add_months,
    add_periods,
    business_day_adjust,
    day_count_fraction,
    due_dates,
    periods_per_year,
)
from tests.domain import oracle

DATES = st.dates(date(1990, 1, 1), date(2060, 12, 31))
REAL_DAYS = [
    DayCount.ACTUAL_365F,
    DayCount.ACTUAL_360,
    DayCount.ACTUAL_364,
    DayCount.ACTUAL_ACTUAL_ISDA,
    DayCount.NL_365,
]


# The examples of ISDA for the differences of its three 30/360 rules (30/360, 30E/360, 30E/360 ISDA).
@pytest.mark.parametrize(
    "start, end, american, european, isda",
    [
        (date(2007, 1, 15), date(2007, 1, 30), 15, 15, 15),
        (date(2007, 1, 15), date(2007, 2, 15), 30, 30, 30),
        (date(2007, 1, 15), date(2007, 7, 15), 180, 180, 180),
        (date(2007, 9, 30), date(2008, 3, 31), 180, 180, 180),
        (date(2007, 9, 30), date(2007, 10, 31), 30, 30, 30),
        (date(2007, 9, 30), date(2008, 9, 30), 360, 360, 360),
        (date(2007, 1, 15), date(2007, 1, 31), 16, 15, 15),
        (date(2007, 1, 31), date(2007, 2, 28), 28, 28, 30),
        (date(2007, 2, 28), date(2007, 3, 31), 33, 32, 30),
        (date(2006, 8, 31), date(2007, 2, 28), 178, 178, 180),
        (date(2007, 2, 28), date(2007, 8, 31), 183, 182, 180),
        (date(2007, 2, 14), date(2007, 2, 28), 14, 14, 16),
        (date(2007, 2, 26), date(2008, 2, 29), 363, 363, 364),
        (date(2008, 2, 29), date(2009, 2, 28), 359, 359, 360),
        (date(2008, 2, 29), date(2008, 3, 30), 31, 31, 30),
        (date(2008, 2, 29), date(2008, 3, 31), 32, 31, 30),
        (date(2007, 2, 28), date(2007, 3, 5), 7, 7, 5),
        (date(2007, 10, 31), date(2007, 11, 28), 28, 28, 28),
        (date(2007, 8, 31), date(2008, 2, 29), 179, 179, 180),
        (date(2008, 2, 29), date(2008, 8, 31), 182, 181, 180),
    ],
)
def test_years_of_thirty_day_months(start: date, end: date, american: int, european: int, isda: int) -> None:
    counts = [
        day_count_fraction(start, end, day_count=count)
        for count in (DayCount.THIRTY_360, DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA)
    ]
    assert counts == [(american, 360), (european, 360), (isda, 360)]


def test_a_maturity_at_the_end_of_february_keeps_its_day() -> None:
    start, end = date(2007, 8, 31), date(2008, 2, 29)
    kept = day_count_fraction(start, end, day_count=DayCount.THIRTY_E_360_ISDA, maturity=end)
    moved = day_count_fraction(start, end, day_count=DayCount.THIRTY_E_360_ISDA, maturity=date(2009, 2, 28))
    assert (kept, moved) == ((179, 360), (180, 360))


# The first three figures are those of ISDA's memorandum "EMU and market conventions" (1998).
@pytest.mark.parametrize(
    "start, end, day_count, fraction",
    [
        (date(2003, 11, 1), date(2004, 5, 1), DayCount.ACTUAL_ACTUAL_ISDA, (61 * 366 + 121 * 365, 365 * 366)),
        (date(1999, 2, 1), date(1999, 7, 1), DayCount.ACTUAL_ACTUAL_ISDA, (150 * 366, 365 * 366)),
        (date(1999, 7, 30), date(2000, 1, 30), DayCount.ACTUAL_ACTUAL_ISDA, (155 * 366 + 29 * 365, 365 * 366)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_ACTUAL_ISDA, (365 * 366, 365 * 366)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_365F, (366, 365)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_360, (366, 360)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_364, (366, 364)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.NL_365, (365, 365)),
        (date(2024, 2, 28), date(2024, 2, 29), DayCount.NL_365, (0, 365)),
        (date(2024, 2, 29), date(2024, 3, 1), DayCount.NL_365, (1, 365)),
        (date(2023, 2, 28), date(2023, 3, 1), DayCount.NL_365, (1, 365)),
        (date(1900, 2, 28), date(1900, 3, 1), DayCount.NL_365, (1, 365)),
    ],
)
def test_years_of_real_days(start: date, end: date, day_count: DayCount, fraction: tuple[int, int]) -> None:
    assert day_count_fraction(start, end, day_count=day_count) == fraction


@given(DATES, st.integers(0, 900), st.sampled_from(REAL_DAYS))
@settings(max_examples=60, deadline=None)
def test_real_days_agree_with_counting_them(start: date, days: int, day_count: DayCount) -> None:
    end = start + timedelta(days=days)
    numerator, denominator = day_count_fraction(start, end, day_count=day_count)
    assert Fraction(numerator, denominator) == oracle.year_fraction(start, end, day_count.value)


@given(DATES, st.integers(0, 3000), st.integers(0, 3000), st.sampled_from(list(DayCount)))
@settings(max_examples=100, deadline=None)
def test_day_counts_never_run_backwards(start: date, days: int, more: int, day_count: DayCount) -> None:
    early, late = start + timedelta(days=days), start + timedelta(days=days + more)
    to_early, _ = day_count_fraction(start, early, day_count=day_count)
    to_late, _ = day_count_fraction(start, late, day_count=day_count)
    assert 0 <= to_early <= to_late


def test_a_span_does_not_end_before_it_begins() -> None:
    with pytest.raises(DatesReversed):
        day_count_fraction(date(2025, 1, 2), date(2025, 1, 1), day_count=DayCount.ACTUAL_365F)


@pytest.mark.parametrize(
    "anchor, months, expected",
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 31), 2, date(2025, 3, 31)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 1, 15), -13, date(2023, 12, 15)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2025, 5, 5), 0, date(2025, 5, 5)),
    ],
)
def test_months_are_counted_from_the_anchor(anchor: date, months: int, expected: date) -> None:
    assert add_months(anchor, months) == expected


def test_dates_stay_in_the_calendar() -> None:
    with pytest.raises(DateOutOfRange):
        add_months(date(9999, 12, 1), 1)
    with pytest.raises(DateOutOfRange):
        add_months(date(1, 1, 1), -1)
    with pytest.raises(DateOutOfRange):
        add_periods(date(9999, 12, 1), 40, frequency=Frequency.DAY)


@pytest.mark.parametrize(
    "frequency, every, expected",
    [
        (Frequency.MONTH, 1, (12, 1)),
        (Frequency.MONTH, 3, (12, 3)),
        (Frequency.WEEK, 2, (52, 2)),
        (Frequency.DAY, 30, (365, 30)),
        (Frequency.YEAR, 1, (1, 1)),
    ],
)
def test_periods_a_year(frequency: Frequency, every: int, expected: tuple[int, int]) -> None:
    assert periods_per_year(frequency, every=every) == expected


def test_every_thirty_days() -> None:
    assert due_dates(date(2025, 1, 31), count=3, frequency=Frequency.DAY, every=30) == (
        date(2025, 3, 2),
        date(2025, 4, 1),
        date(2025, 5, 1),
    )


def test_the_same_day_clamped_and_returning() -> None:
    assert due_dates(date(2025, 1, 31), count=4, frequency=Frequency.MONTH) == (
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
        date(2025, 5, 31),
    )


@pytest.mark.parametrize(
    "anchor, options, expected",
    [
        (date(2025, 1, 20), {"due_day": 5}, [date(2025, 2, 5), date(2025, 3, 5), date(2025, 4, 5)]),
        (date(2025, 1, 1), {"due_day": 5}, [date(2025, 2, 5), date(2025, 3, 5), date(2025, 4, 5)]),
        (date(2025, 1, 20), {"due_day": 31}, [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]),
        (date(2025, 1, 20), {"due_day": 5, "every": 3}, [date(2025, 4, 5), date(2025, 7, 5), date(2025, 10, 5)]),
        (
            date(2025, 1, 20),
            {"first_due_on": date(2025, 3, 10)},
            [date(2025, 3, 10), date(2025, 4, 10), date(2025, 5, 10)],
        ),
        (
            date(2025, 1, 20),
            {"first_due_on": date(2025, 2, 28), "due_day": 31},
            [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)],
        ),
        (
            date(2025, 1, 20),
            {"frequency": Frequency.WEEK, "every": 2},
            [date(2025, 2, 3), date(2025, 2, 17), date(2025, 3, 3)],
        ),
        (
            date(2024, 2, 29),
            {"frequency": Frequency.YEAR},
            [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28)],
        ),
        (
            date(2025, 1, 20),
            {"frequency": Frequency.DAY, "every": 10, "first_due_on": date(2025, 1, 21)},
            [date(2025, 1, 21), date(2025, 1, 31), date(2025, 2, 10)],
        ),
    ],
)
def test_due_rules(anchor: date, options: dict[str, object], expected: list[date]) -> None:
    rule = {"frequency": Frequency.MONTH, **options}
    assert list(due_dates(anchor, count=3, **rule)) == expected  # type: ignore[arg-type]


# 1 Feb 2025 is a Saturday, 2 Feb a Sunday.
@pytest.mark.parametrize(
    "rule, expected",
    [
        (HolidayRule.UNCHANGED, date(2025, 2, 1)),
        (HolidayRule.NEXT, date(2025, 2, 4)),
        (HolidayRule.PREVIOUS, date(2025, 1, 31)),
    ],
)
def test_holidays_move_a_date(rule: HolidayRule, expected: date) -> None:
    holidays = frozenset({date(2025, 2, 3)})
    assert business_day_adjust(date(2025, 2, 1), rule=rule, holidays=holidays, weekend=(5, 6)) == expected


def test_shifted_dates_still_increase() -> None:
    # Friday 31 Jan, then three days that all move to the same Monday, or to the same Friday.
    options = {"count": 5, "frequency": Frequency.DAY, "weekend": (5, 6)}
    following = due_dates(date(2025, 1, 30), holiday_rule=HolidayRule.NEXT, **options)  # type: ignore[arg-type]
    assert following == (
        date(2025, 1, 31),
        date(2025, 2, 3),
        date(2025, 2, 4),
        date(2025, 2, 5),
        date(2025, 2, 6),
    )
    # The first date may not move back to the disbursal itself.
    backwards = due_dates(date(2025, 1, 31), holiday_rule=HolidayRule.PREVIOUS, **options)  # type: ignore[arg-type]
    assert backwards == (
        date(2025, 2, 3),
        date(2025, 2, 4),
        date(2025, 2, 5),
        date(2025, 2, 6),
        date(2025, 2, 7),
    )


def test_a_calendar_without_a_working_day_is_refused() -> None:
    with pytest.raises(NoWorkingDay):
        business_day_adjust(date(2025, 1, 1), rule=HolidayRule.NEXT, weekend=range(7))


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"every": 0},
        {"every": -1},
        {"due_day": 0},
        {"due_day": 32},
        {"due_day": 5, "frequency": Frequency.WEEK},
        {"first_due_on": date(2025, 1, 31)},
        {"first_due_on": date(2024, 12, 31)},
    ],
)
def test_wrong_due_rules_are_refused(options: dict[str, object]) -> None:
    rule = {"count": 3, "frequency": Frequency.MONTH, **options}
    with pytest.raises(DueRuleInvalid):
        due_dates(date(2025, 1, 31), **rule)  # type: ignore[arg-type]


@given(
    anchor=DATES,
    count=st.integers(1, 60),
    frequency=st.sampled_from(list(Frequency)),
    every=st.integers(1, 12),
    first_in=st.none() | st.integers(1, 500),
    due_day=st.none() | st.integers(1, 31),
    rule=st.sampled_from(list(HolidayRule)),
    holidays_in=st.frozensets(st.integers(0, 200), max_size=20),
    weekend=st.frozensets(st.integers(0, 6), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_due_dates_strictly_increase_on_working_days(
    anchor: date,
    count: int,
    frequency: Frequency,
    every: int,
    first_in: int | None,
    due_day: int | None,
    rule: HolidayRule,
    holidays_in: frozenset[int],
    weekend: frozenset[int],
) -> None:
    if frequency in (Frequency.DAY, Frequency.WEEK):
        due_day = None
    holidays = frozenset(anchor + timedelta(days=days) for days in holidays_in)
    dates = due_dates(
        anchor,
        count=count,
        frequency=frequency,
        every=every,
        first_due_on=None if first_in is None else anchor + timedelta(days=first_in),
        due_day=due_day,
        holiday_rule=rule,
        holidays=holidays,
        weekend=weekend,
    )
    assert len(dates) == count
    assert all(before < after for before, after in pairwise((anchor, *dates)))
    if rule is not HolidayRule.UNCHANGED:
        assert not any(day in holidays or day.weekday() in weekend for day in dates)
