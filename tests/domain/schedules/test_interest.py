from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendar import DatesReversed, DayCount
from app.domain.money import TO_THE_PAISA
from app.domain.schedules.interest import (
    InterestBasis,
    InterestSpan,
    Movement,
    MovementOutsideSpan,
    RateChange,
    RateInvalid,
    SpanOutsidePeriod,
    accrue,
    accrued_ratio,
    daily_rate_percent,
)
from tests.domain import oracle

D1, D31 = date(2025, 1, 1), date(2025, 1, 31)
DAILY, DAYS, PERIOD = InterestBasis.DAILY_ROUNDED, InterestBasis.DAYS, InterestBasis.PERIOD


@pytest.mark.parametrize(
    "annual, daily",
    [("12", "0.033"), ("10.5", "0.029"), ("14", "0.038"), ("0", "0.000"), ("48", "0.132"), ("0.1825", "0.001")],
)
def test_the_daily_rate_is_a_percentage_with_three_decimals(annual: str, daily: str) -> None:
    assert daily_rate_percent(Decimal(annual)) == Decimal(daily)


@pytest.mark.parametrize(
    "rupees, rate, basis, day_count, paise",
    [
        # 49.32 unrounded, and nothing at all if the rate were taken for a fraction.
        (5_000, "12", DAILY, DayCount.ACTUAL_365F, 49_50),
        (5_000, "12", DAYS, DayCount.ACTUAL_365F, 49_32),
        (50_000, "10.5", DAILY, DayCount.ACTUAL_365F, 435_00),
        (5_000, "12", DAYS, DayCount.ACTUAL_360, 50_00),
        (5_000, "12", DAYS, DayCount.THIRTY_360, 50_00),
        # The mistake of a peer: 1013.89 from a hard-coded 365 where the contract says 30/360.
        (1_00_000, "12", DAYS, DayCount.THIRTY_360, 1000_00),
        (1_00_000, "12", DAYS, DayCount.THIRTY_E_360, 966_67),
        (5_000, "14", PERIOD, DayCount.ACTUAL_365F, 58_33),
        (0, "12", DAYS, DayCount.ACTUAL_365F, 0),
    ],
)
def test_a_month_of_interest(rupees: int, rate: str, basis: InterestBasis, day_count: DayCount, paise: int) -> None:
    accrual = accrue(rupees * 100, from_on=D1, to_on=D31, rate_percent=Decimal(rate), basis=basis, day_count=day_count)
    assert accrual.rounded(TO_THE_PAISA) == paise


def test_a_payment_lowers_the_balance_from_its_value_date() -> None:
    accrual = accrue(
        500_000,
        from_on=D1,
        to_on=D31,
        rate_percent=Decimal(12),
        basis=DAILY,
        movements=[Movement(value_date=date(2025, 1, 11), delta_paise=-100_000)],
    )
    assert accrual.spans == (
        InterestSpan(
            from_on=D1,
            to_on=date(2025, 1, 11),
            days=10,
            balance_paise=500_000,
            rate_percent=Decimal(12),
            numerator=500_000 * 10 * 33,
            denominator=100_000,
        ),
        InterestSpan(
            from_on=date(2025, 1, 11),
            to_on=D31,
            days=20,
            balance_paise=400_000,
            rate_percent=Decimal(12),
            numerator=400_000 * 20 * 33,
            denominator=100_000,
        ),
    )
    assert accrual.rounded(TO_THE_PAISA) == 16_50 + 26_40


def test_a_movement_on_the_last_day_belongs_to_the_next_period() -> None:
    late = [Movement(value_date=D31, delta_paise=-100_000), Movement(value_date=date(2026, 1, 1), delta_paise=-1)]
    first = [Movement(value_date=D1, delta_paise=-100_000)]
    plain = accrued_ratio(500_000, from_on=D1, to_on=D31, rate_percent=Decimal(12), basis=DAYS)
    assert accrued_ratio(500_000, from_on=D1, to_on=D31, rate_percent=Decimal(12), basis=DAYS, movements=late) == plain
    lower = accrued_ratio(400_000, from_on=D1, to_on=D31, rate_percent=Decimal(12), basis=DAYS)
    assert accrued_ratio(500_000, from_on=D1, to_on=D31, rate_percent=Decimal(12), basis=DAYS, movements=first) == lower


def test_a_day_of_a_loan_that_is_paid_back_at_once_costs_nothing() -> None:
    accrual = accrue(500_000, from_on=D1, to_on=D1, rate_percent=Decimal(12), basis=PERIOD)
    assert (accrual.spans, accrual.numerator) == ((), 0)


def test_money_paid_too_much_bears_no_interest() -> None:
    paid = [Movement(value_date=date(2025, 1, 2), delta_paise=-700_000)]
    accrual = accrue(500_000, from_on=D1, to_on=D31, rate_percent=Decimal(12), basis=DAILY, movements=paid)
    assert [span.balance_paise for span in accrual.spans] == [500_000, 0]
    assert accrual.rounded(TO_THE_PAISA) == 165


def test_a_change_of_rate_splits_the_days() -> None:
    rates = [RateChange(from_on=date(2024, 1, 1), rate_percent=Decimal(12))]
    rates.append(RateChange(from_on=date(2025, 1, 16), rate_percent=Decimal(24)))
    accrual = accrue(500_000, from_on=D1, to_on=D31, rate_percent=rates, basis=DAYS, day_count=DayCount.ACTUAL_360)
    assert [(span.days, span.rate_percent) for span in accrual.spans] == [(15, Decimal(12)), (15, Decimal(24))]
    assert accrual.rounded(TO_THE_PAISA) == 2500 + 5000


@pytest.mark.parametrize("begin, end", [(date(2025, 2, 1), date(2025, 3, 1)), (D1, date(2025, 2, 1))])
def test_a_whole_period_costs_the_same_whatever_its_length(begin: date, end: date) -> None:
    whole = accrue(1_200_000, from_on=begin, to_on=end, rate_percent=Decimal(10), basis=PERIOD)
    assert Fraction(whole.numerator, whole.denominator) == 10_000


def test_a_part_of_a_period_costs_its_share_of_the_days() -> None:
    part = accrue(
        1_200_000,
        from_on=date(2025, 2, 8),
        to_on=date(2025, 3, 1),
        rate_percent=Decimal(10),
        basis=PERIOD,
        period_begin=date(2025, 2, 1),
        period_end=date(2025, 3, 1),
    )
    assert Fraction(part.numerator, part.denominator) == Fraction(10_000 * 21, 28)


def test_an_odd_first_period_weighs_more_than_one() -> None:
    odd = accrue(1_200_000, from_on=D1, to_on=D31, rate_percent=Decimal(10), basis=PERIOD, periods=(45, 31))
    assert Fraction(odd.numerator, odd.denominator) == Fraction(10_000 * 45, 31)


@pytest.mark.parametrize("day_count", list(DayCount))
def test_the_parts_of_a_period_sum_to_the_whole_under_every_day_count(day_count: DayCount) -> None:
    begin, end = date(2024, 1, 31), date(2024, 5, 31)
    whole = accrued_ratio(10**9, from_on=begin, to_on=end, rate_percent=Decimal(9), basis=DAYS, day_count=day_count)
    parts = Fraction(0)
    for offset in range((end - begin).days):
        day = begin + timedelta(days=offset)
        ratio = accrued_ratio(
            10**9,
            from_on=day,
            to_on=day + timedelta(days=1),
            rate_percent=Decimal(9),
            basis=DAYS,
            day_count=day_count,
            period_begin=begin,
        )
        parts += Fraction(*ratio)
    assert parts == Fraction(*whole)


@pytest.mark.parametrize("count", [accrue, accrued_ratio])
@pytest.mark.parametrize(
    "options, error",
    [
        ({"to_on": date(2024, 12, 31)}, DatesReversed),
        ({"movements": [Movement(value_date=date(2024, 12, 31), delta_paise=1)]}, MovementOutsideSpan),
        ({"rate_percent": Decimal(-1)}, RateInvalid),
        ({"rate_percent": Decimal("NaN")}, RateInvalid),
        ({"rate_percent": Decimal("0.123456789")}, RateInvalid),
        ({"rate_percent": [RateChange(from_on=date(2025, 1, 2), rate_percent=Decimal(1))]}, RateInvalid),
        ({"basis": PERIOD, "period_end": date(2025, 1, 15)}, SpanOutsidePeriod),
        ({"period_begin": date(2025, 1, 2)}, SpanOutsidePeriod),
    ],
)
def test_senseless_spans_are_refused_by_name(count: type, options: dict[str, object], error: type[Exception]) -> None:
    terms = {"from_on": D1, "to_on": D31, "rate_percent": Decimal(12), "basis": DAYS, **options}
    with pytest.raises(error):
        count(500_000, **terms)


MOVEMENTS = st.lists(st.tuples(st.integers(0, 70), st.integers(-(10**9), 10**9)), max_size=6)


@given(
    opening=st.integers(0, 10**13),
    start=st.dates(date(2019, 1, 1), date(2029, 1, 1)),
    days=st.integers(0, 60),
    moves=MOVEMENTS,
    rate=st.decimals(0, 60, places=2),
    later=st.lists(st.tuples(st.integers(1, 70), st.decimals(0, 60, places=3)), max_size=2, unique_by=lambda x: x[0]),
    basis=st.sampled_from(list(InterestBasis)),
    day_count=st.sampled_from(
        [DayCount.ACTUAL_365F, DayCount.ACTUAL_360, DayCount.ACTUAL_ACTUAL_ISDA, DayCount.NL_365]
    ),
)
@settings(max_examples=120, deadline=None)
def test_accruals_agree_with_counting_day_by_day(
    opening: int,
    start: date,
    days: int,
    moves: list[tuple[int, int]],
    rate: Decimal,
    later: list[tuple[int, Decimal]],
    basis: InterestBasis,
    day_count: DayCount,
) -> None:
    end = start + timedelta(days=days)
    dated = [(start + timedelta(days=offset), delta) for offset, delta in moves]
    rates = [(start, rate), *sorted((start + timedelta(days=offset), other) for offset, other in later)]
    changes = [RateChange(from_on=since, rate_percent=percent) for since, percent in rates]
    terms = {
        "from_on": start,
        "to_on": end,
        "rate_percent": changes if later else rate,
        "basis": basis,
        "day_count": day_count,
        "movements": [Movement(value_date=on, delta_paise=delta) for on, delta in dated],
    }
    accrual = accrue(opening, **terms)  # type: ignore[arg-type]
    exact = oracle.interest(
        opening, dated, start, end, rates, basis=basis.value, day_count=day_count.value, period_days=days
    )
    assert Fraction(accrual.numerator, accrual.denominator) == exact
    assert Fraction(*accrued_ratio(opening, **terms)) == exact  # type: ignore[arg-type]
    assert accrual.rounded(TO_THE_PAISA) == oracle.half_up(exact)
    assert sum(span.days for span in accrual.spans) == days
