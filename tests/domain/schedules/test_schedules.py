from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.calendar import DateOutOfRange, DayCount, DueRuleInvalid, Frequency, HolidayRule
from app.domain.errors import Invalid
from app.domain.money import Rounding, RoundingMode
from app.domain.schedules.building import ReplanInvalid, build_schedule, legacy_annual_instalment, replan
from app.domain.schedules.interest import InterestBasis, Movement, RateChange, RateInvalid, accrue, accrued_ratio
from app.domain.schedules.periods import first_period_weight
from app.domain.schedules.segments import PeriodCost, Segment, unrounded_instalment
from app.domain.schedules.terms import (
    Amortisation,
    AmountInvalid,
    Disbursal,
    DisbursalsInvalid,
    Instalment,
    InstalmentNeverRepays,
    InstalmentsInvalid,
    InstalmentTooSmall,
    Moratorium,
    MoratoriumInterest,
    MoratoriumOf,
    MoratoriumTooLong,
    OddFirstPeriod,
    RateOutOfBounds,
    Schedule,
    ScheduleTerms,
    StepUp,
    TermsContradict,
)
from tests.domain import oracle

PAISA_UP = Rounding(mode=RoundingMode.UP)
RUPEE = Rounding(mode=RoundingMode.HALF_UP, unit_paise=100)
DAILY = {"interest_basis": InterestBasis.DAILY_ROUNDED, "every": 30, "frequency": Frequency.DAY}


def terms(rupees: int, rate: str, instalments: int, **options: Any) -> ScheduleTerms:
    options.setdefault("disbursed_on", date(2025, 1, 31))
    return ScheduleTerms(
        amount_paise=rupees * 100, annual_rate_percent=Decimal(rate), instalments=instalments, **options
    )


def amounts(schedule: Schedule | tuple[Instalment, ...]) -> list[int]:
    rows = schedule.instalments if isinstance(schedule, Schedule) else schedule
    return [row.amount_paise for row in rows]


# ---- the figures of docs/business-rules.md, schedules and interest


@pytest.mark.parametrize(
    "rupees, rate, months, emi",
    [
        (200_000, "8.5", 24, 9091_13),
        (200_000, "10.5", 24, 9275_21),
        (200_000, "12", 24, 9414_69),
        (200_000, "16", 24, 9792_62),
        (600_000, "15", 10, 64201_84),
        (50_000, "10.5", 12, 4407_43),
        (1_000_000, "14", 36, 34177_63),
        (8_500_000, "14", 240, 105699_27),
        (12_000, "0", 12, 1000_00),
        (100, "0", 3, 33_33),
        (1_000, "12", 1, 1010_00),
    ],
)
def test_equal_instalments_half_up_to_the_paisa(rupees: int, rate: str, months: int, emi: int) -> None:
    schedule = build_schedule(terms(rupees, rate, months))
    assert schedule.emi_paise == emi
    assert set(amounts(schedule)[:-1]) <= {emi}


def test_a_credit_card_line() -> None:
    schedule = build_schedule(terms(5_000, "14", 12, emi_rounding=PAISA_UP))
    assert amounts(schedule) == [448_94] * 11 + [448_88]
    assert schedule.interest_paise == 387_22
    assert [row.due_on for row in schedule.instalments[:3]] == [
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
    ]
    assert schedule.instalments[0].interest_paise == 58_33


def test_a_credit_card_loan() -> None:
    schedule = build_schedule(terms(50_000, "10.5", 12, emi_rounding=PAISA_UP, **DAILY))
    assert amounts(schedule) == [4406_04] * 11 + [4405_94]
    assert schedule.interest_paise == 2872_38
    first = schedule.instalments[0]
    assert (first.interest_paise, first.days, first.due_on) == (435_00, 30, date(2025, 3, 2))


def test_thirty_days_at_a_rounded_daily_rate() -> None:
    schedule = build_schedule(terms(5_000, "12", 1, **DAILY))
    assert schedule.interest_paise == 49_50


@pytest.mark.parametrize("due_day", [None, 5])
def test_a_flat_personal_loan(due_day: int | None) -> None:
    schedule = build_schedule(
        terms(500_000, "8.8", 24, amortisation=Amortisation.FLAT, emi_rounding=RUPEE, due_day=due_day)
    )
    assert schedule.emi_paise == 24_500_00
    parts = [(row.principal_paise, row.interest_paise) for row in schedule.instalments]
    assert parts == [(20_833_00, 3_667_00)] * 23 + [(20_841_00, 3_659_00)]
    assert schedule.interest_paise == 88_000_00


@pytest.mark.parametrize(
    "rupees, rate, months, paise",
    [
        (100_000, "10", 12, 9167_00),
        (100_000, "10", 11, 9091_00),
        (100_000, "10", 24, 5042_00),
        (100_000, "10.25", 36, 3722_00),
    ],
)
def test_the_payment_of_the_imported_files(rupees: int, rate: str, months: int, paise: int) -> None:
    assert legacy_annual_instalment(rupees * 100, annual_rate_percent=Decimal(rate), instalments=months) == paise


# ---- rounding of the instalment


def test_an_instalment_rounded_up_to_a_rupee_does_not_end_the_loan_early() -> None:
    schedule = build_schedule(terms(1_000, "14", 60, emi_rounding=replace(RUPEE, mode=RoundingMode.UP)))
    assert len(schedule.instalments) == 60
    assert schedule.emi_paise == 24_00
    assert max(amounts(schedule)) == 24_00
    assert min(row.principal_paise for row in schedule.instalments) == 1
    assert schedule.principal_paise == 1_000_00


@pytest.mark.parametrize(
    "mode, emi, last",
    [
        (RoundingMode.HALF_UP, 9275_00, 9280_55),
        (RoundingMode.HALF_EVEN, 9275_00, 9280_55),
        (RoundingMode.DOWN, 9275_00, 9280_55),
        (RoundingMode.UP, 9276_00, 9254_94),
        (RoundingMode.LEVEL, 9275_00, 9280_55),
        (RoundingMode.NONE, 9275_21, 9275_18),
    ],
)
def test_modes_of_an_instalment_in_rupees(mode: RoundingMode, emi: int, last: int) -> None:
    schedule = build_schedule(terms(200_000, "10.5", 24, emi_rounding=replace(RUPEE, mode=mode)))
    assert (schedule.emi_paise, schedule.instalments[-1].amount_paise) == (emi, last)


def test_no_rounding_follows_the_running_total_of_the_exact_instalment() -> None:
    schedule = build_schedule(terms(1_000, "0", 7, emi_rounding=Rounding(mode=RoundingMode.NONE)))
    assert amounts(schedule) == [142_86, 142_85, 142_86, 142_86, 142_86, 142_85, 142_86]
    assert schedule.emi_unrounded.quantize(Decimal("0.0001")) == Decimal("14285.7143")


@given(st.integers(2, 24), st.integers(100, 20_000), st.decimals(0, 60, places=2), st.sampled_from([1, 5, 10, 100]))
@settings(max_examples=60, deadline=None)
def test_up_and_level_are_the_best_of_all_multiples(count: int, amount: int, rate: Decimal, unit: int) -> None:
    rates = [Fraction(rate) / 1200] * count
    base = ScheduleTerms(
        amount_paise=amount, annual_rate_percent=rate, instalments=count, disbursed_on=date(2025, 1, 31)
    )
    up = build_schedule(replace(base, emi_rounding=Rounding(mode=RoundingMode.UP, unit_paise=unit)))
    smallest = oracle.smallest_up(amount, rates, unit)
    assert up.emi_paise == smallest
    parts = [(row.principal_paise, row.interest_paise) for row in up.instalments]
    assert parts == oracle.rows(amount, rates, smallest)
    try:
        level = build_schedule(replace(base, emi_rounding=Rounding(mode=RoundingMode.LEVEL, unit_paise=unit)))
    except InstalmentNeverRepays:
        return
    distance = abs(level.instalments[-1].amount_paise - level.emi_paise)
    assert distance == oracle.most_level(amount, rates, unit)


# ---- methods, by hand


def test_equal_principal() -> None:
    schedule = build_schedule(terms(1_200, "12", 4, amortisation=Amortisation.EQUAL_PRINCIPAL))
    parts = [(row.principal_paise, row.interest_paise, row.balance_paise) for row in schedule.instalments]
    assert parts == [
        (300_00, 12_00, 900_00),
        (300_00, 9_00, 600_00),
        (300_00, 6_00, 300_00),
        (300_00, 3_00, 0),
    ]
    assert schedule.emi_paise == 312_00


def test_interest_only_repays_at_the_end() -> None:
    schedule = build_schedule(terms(1_200, "12", 3, amortisation=Amortisation.INTEREST_ONLY))
    assert amounts(schedule) == [12_00, 12_00, 1212_00]
    assert schedule.emi_paise == 12_00


def test_a_balloon_is_left_to_the_last_instalment() -> None:
    schedule = build_schedule(terms(100_000, "12", 12, balloon_paise=40_000_00))
    assert schedule.emi_paise == 5730_93
    assert schedule.instalments[-2].balance_paise - schedule.instalments[-1].principal_paise == 0
    assert schedule.instalments[-1].amount_paise - schedule.emi_paise == 40_000_00 - 3


@pytest.mark.parametrize("method", [Amortisation.EQUAL_PRINCIPAL, Amortisation.FLAT])
def test_a_balloon_with_equal_principal(method: Amortisation) -> None:
    schedule = build_schedule(terms(1_200, "12", 4, amortisation=method, balloon_paise=400_00))
    assert [row.principal_paise for row in schedule.instalments] == [200_00, 200_00, 200_00, 600_00]


def test_steps_are_relative_to_the_instalment_before() -> None:
    steps = (StepUp(from_number=3, by_percent=Decimal(10)), StepUp(from_number=5, by_percent=Decimal(10)))
    schedule = build_schedule(terms(10_000, "12", 6, step_ups=steps, emi_rounding=RUPEE))
    assert amounts(schedule)[:-1] == [1566_00, 1566_00, 1722_00, 1722_00, 1895_00]
    assert abs(schedule.instalments[-1].amount_paise - 1895_00) < 6_00
    assert schedule.principal_paise == 10_000_00


def test_a_moratorium_of_principal_pays_its_interest() -> None:
    rest = Moratorium(instalments=2)
    schedule = build_schedule(terms(1_200, "12", 5, moratorium=rest))
    plain = build_schedule(terms(1_200, "12", 3))
    assert amounts(schedule) == [12_00, 12_00, *amounts(plain)]
    assert schedule.emi_paise == plain.emi_paise


def test_a_moratorium_of_both_capitalises_each_period() -> None:
    rest = Moratorium(instalments=2, of=MoratoriumOf.BOTH, interest=MoratoriumInterest.CAPITALISED)
    schedule = build_schedule(terms(1_200, "12", 5, moratorium=rest))
    assert [row.capitalised_paise for row in schedule.instalments] == [12_00, 12_12, 0, 0, 0]
    assert [row.balance_paise for row in schedule.instalments[:2]] == [1212_00, 1224_12]
    assert amounts(schedule)[:2] == [0, 0]
    assert schedule.principal_paise == 1224_12 == 1200_00 + schedule.capitalised_paise


def test_a_moratorium_of_both_may_keep_its_interest_simple() -> None:
    rest = Moratorium(instalments=2, of=MoratoriumOf.BOTH)
    schedule = build_schedule(terms(1_200, "12", 5, moratorium=rest))
    plain = build_schedule(terms(1_200, "12", 3))
    assert amounts(schedule)[:2] == [0, 0]
    assert schedule.principal_paise == 1200_00
    # 24.00 is deferred and paid as 8.00 with each instalment. It is never added to the balance.
    assert amounts(schedule)[2:] == [amount + 8_00 for amount in amounts(plain)]


@pytest.mark.parametrize(
    "rest, interest",
    [
        (Moratorium(instalments=2), [12_00] * 5),
        (Moratorium(instalments=2, of=MoratoriumOf.BOTH), [0, 0, 20_00, 20_00, 20_00]),
        (
            Moratorium(instalments=2, of=MoratoriumOf.BOTH, interest=MoratoriumInterest.CAPITALISED),
            [0, 0, 12_24, 12_24, 12_24],
        ),
    ],
)
def test_a_moratorium_of_a_flat_loan(rest: Moratorium, interest: list[int]) -> None:
    schedule = build_schedule(terms(1_200, "12", 5, moratorium=rest, amortisation=Amortisation.FLAT))
    assert [row.interest_paise for row in schedule.instalments] == interest
    assert schedule.instalments[-1].balance_paise == 0


def test_a_second_disbursal_changes_the_instalment() -> None:
    parts = (
        Disbursal(on=date(2025, 1, 1), amount_paise=600_00),
        Disbursal(on=date(2025, 2, 1), amount_paise=600_00),
    )
    schedule = build_schedule(terms(1_200, "12", 4, disbursed_on=date(2025, 1, 1), disbursals=parts))
    first = build_schedule(terms(600, "12", 4, disbursed_on=date(2025, 1, 1)))
    assert schedule.instalments[0].amount_paise == first.emi_paise == 153_77
    # 600.00 - 147.77 + 600.00 on the due date itself: a whole period for all of it.
    assert schedule.instalments[1].interest_paise == 10_52
    assert schedule.principal_paise == 1_200_00


def test_a_disbursal_within_a_period_costs_its_days() -> None:
    parts = (
        Disbursal(on=date(2025, 1, 1), amount_paise=600_00),
        Disbursal(on=date(2025, 1, 21), amount_paise=600_00),
    )
    options = {"disbursed_on": date(2025, 1, 1), "disbursals": parts, "interest_basis": InterestBasis.DAYS}
    schedule = build_schedule(terms(1_200, "36.5", 2, **options))
    assert schedule.instalments[0].interest_paise == 18_60 + 6_60


def test_a_change_of_rate_changes_the_instalment() -> None:
    change = (RateChange(from_on=date(2025, 3, 1), rate_percent=Decimal(24)),)
    schedule = build_schedule(terms(1_200, "12", 4, disbursed_on=date(2025, 1, 1), rate_changes=change))
    plain = build_schedule(terms(1_200, "12", 4, disbursed_on=date(2025, 1, 1)))
    assert amounts(schedule)[:2] == amounts(plain)[:2]
    balance = plain.instalments[1].balance_paise
    assert schedule.instalments[2].interest_paise == oracle.half_up(Fraction(balance * 2, 100))
    assert schedule.instalments[2].amount_paise > plain.emi_paise


def test_down_payment_and_financed_fees() -> None:
    schedule = build_schedule(terms(1_000, "0", 2, down_payment_paise=200_00, financed_fees_paise=50_00))
    assert amounts(schedule) == [425_00, 425_00]


@pytest.mark.parametrize(
    "options, weight",
    [
        ({}, (1, 1)),
        ({"first_due_on": date(2025, 2, 28)}, (1, 1)),
        ({"first_due_on": date(2025, 3, 31)}, (2, 1)),
        # A whole month back to 15 February, and 15 of the 31 days of the month before it.
        ({"first_due_on": date(2025, 3, 15)}, (31 + 15, 31)),
        ({"first_due_on": date(2025, 2, 10)}, (10, 31)),
        ({"due_day": 5}, (5, 31)),
        ({"due_day": 31}, (1, 1)),
        ({"first_due_on": date(2025, 2, 10), "odd_first_period": OddFirstPeriod.IGNORED}, (1, 1)),
        ({"first_due_on": date(2025, 2, 10), "amortisation": Amortisation.FLAT}, (1, 1)),
        ({"first_due_on": date(2025, 2, 10), "interest_basis": InterestBasis.DAYS}, (1, 1)),
        ({"first_due_on": date(2025, 2, 10), "frequency": Frequency.WEEK, "every": 2}, (10, 14)),
        ({"first_due_on": date(2026, 3, 31), "frequency": Frequency.YEAR}, (365 + 59, 365)),
    ],
)
def test_an_odd_first_period_by_days(options: dict[str, Any], weight: tuple[int, int]) -> None:
    found = first_period_weight(terms(1_000, "12", 3, **options))
    assert Fraction(*found) == Fraction(*weight)


@pytest.mark.parametrize(
    "options, weight",
    [
        # A flat loan's interest is counted in years: 10 days of 365 are 120 / 365 of a month, on every basis.
        ({"first_due_on": date(2025, 2, 10)}, (120, 365)),
        ({"first_due_on": date(2025, 2, 10), "interest_basis": InterestBasis.DAYS}, (120, 365)),
        ({"first_due_on": date(2025, 2, 10), "day_count": DayCount.ACTUAL_360}, (120, 360)),
        ({"first_due_on": date(2025, 2, 10), "frequency": Frequency.WEEK}, (7 * 365 + 52 * 3 * 7, 7 * 365)),
        ({"due_day": 3}, (36, 365)),
        ({"due_day": 5, "disbursed_on": date(2025, 2, 2)}, (365 + 36, 365)),
        ({"due_day": 5, "disbursed_on": date(2025, 2, 5)}, (1, 1)),
        ({"due_day": 31}, (1, 1)),
        ({"first_due_on": date(2025, 3, 31)}, (2, 1)),
        ({}, (1, 1)),
    ],
)
def test_an_odd_first_period_of_a_flat_loan(options: dict[str, Any], weight: tuple[int, int]) -> None:
    some = terms(1_000, "12", 3, amortisation=Amortisation.FLAT, odd_first_period=OddFirstPeriod.BY_DAYS, **options)
    assert Fraction(*first_period_weight(some)) == Fraction(*weight)


def test_a_long_first_period_costs_more_but_the_instalment_is_level() -> None:
    schedule = build_schedule(terms(10_000, "12", 12, first_due_on=date(2025, 3, 31)))
    assert schedule.instalments[0].interest_paise == 200_00
    assert abs(schedule.instalments[-1].amount_paise - schedule.emi_paise) < 10


def test_holidays_move_due_dates_but_not_whole_periods() -> None:
    options = {"holiday_rule": HolidayRule.NEXT, "weekend": (5, 6), "disbursed_on": date(2025, 1, 1)}
    schedule = build_schedule(terms(10_000, "12", 3, **options))
    assert [row.due_on for row in schedule.instalments] == [date(2025, 2, 3), date(2025, 3, 3), date(2025, 4, 1)]
    assert amounts(schedule) == amounts(build_schedule(terms(10_000, "12", 3)))


# ---- refusals


@pytest.mark.parametrize(
    "options, error, code",
    [
        ({"amount_paise": 0}, AmountInvalid, "amount_invalid"),
        ({"amount_paise": -1}, AmountInvalid, "amount_invalid"),
        ({"amount_paise": 10**13 + 1}, AmountInvalid, "amount_invalid"),
        (
            {"amount_paise": 10**13, "annual_rate_percent": Decimal(100), "first_due_on": date(2095, 1, 31)},
            AmountInvalid,
            "amount_invalid",
        ),
        ({"down_payment_paise": 100_000}, AmountInvalid, "amount_invalid"),
        ({"down_payment_paise": -1}, AmountInvalid, "amount_invalid"),
        ({"financed_fees_paise": -1}, AmountInvalid, "amount_invalid"),
        ({"balloon_paise": 100_000}, AmountInvalid, "amount_invalid"),
        ({"balloon_paise": -1}, AmountInvalid, "amount_invalid"),
        ({"instalments": 0}, InstalmentsInvalid, "instalments_invalid"),
        ({"instalments": 1201}, InstalmentsInvalid, "instalments_invalid"),
        ({"annual_rate_percent": Decimal(-1)}, RateInvalid, "rate_invalid"),
        ({"annual_rate_percent": Decimal("Infinity")}, RateInvalid, "rate_invalid"),
        ({"annual_rate_percent": Decimal("1000.01")}, RateOutOfBounds, "rate_out_of_bounds"),
        (
            {"rate_changes": (RateChange(from_on=date(2025, 3, 1), rate_percent=Decimal(-1)),)},
            RateInvalid,
            "rate_invalid",
        ),
        ({"moratorium": Moratorium(instalments=3)}, MoratoriumTooLong, "moratorium_too_long"),
        ({"moratorium": Moratorium(instalments=-1)}, TermsContradict, "terms_contradict"),
        ({"amount_paise": 2}, InstalmentTooSmall, "instalment_too_small"),
        ({"amount_paise": 120, "emi_rounding": RUPEE}, InstalmentTooSmall, "instalment_too_small"),
        (
            {"amount_paise": 120, "emi_rounding": RUPEE, "amortisation": Amortisation.FLAT},
            InstalmentTooSmall,
            "instalment_too_small",
        ),
        ({"instalments": 480, "annual_rate_percent": Decimal(60)}, InstalmentNeverRepays, "instalment_never_repays"),
        ({"first_due_on": date(2025, 1, 31)}, DueRuleInvalid, "due_rule_invalid"),
        ({"first_due_on": date(2025, 1, 1)}, DueRuleInvalid, "due_rule_invalid"),
        ({"every": 0}, DueRuleInvalid, "due_rule_invalid"),
        ({"due_day": 40}, DueRuleInvalid, "due_rule_invalid"),
        ({"frequency": Frequency.YEAR, "every": 5000}, DateOutOfRange, "date_out_of_range"),
        ({"interest_rounding": Rounding(mode=RoundingMode.LEVEL)}, TermsContradict, "terms_contradict"),
        ({"emi_rounding": Rounding(mode=RoundingMode.UP, unit_paise=0)}, TermsContradict, "terms_contradict"),
        ({"step_ups": (StepUp(from_number=1, by_percent=Decimal(5)),)}, TermsContradict, "terms_contradict"),
        ({"step_ups": (StepUp(from_number=2, by_percent=Decimal(0)),)}, TermsContradict, "terms_contradict"),
        (
            {"step_ups": (StepUp(from_number=2, by_percent=Decimal(5)),), "amortisation": Amortisation.FLAT},
            TermsContradict,
            "terms_contradict",
        ),
        (
            {"disbursals": (Disbursal(on=date(2025, 1, 31), amount_paise=1),)},
            DisbursalsInvalid,
            "disbursals_invalid",
        ),
        (
            {"disbursals": (Disbursal(on=date(2025, 2, 1), amount_paise=100_000),)},
            DisbursalsInvalid,
            "disbursals_invalid",
        ),
        (
            {
                "disbursals": (
                    Disbursal(on=date(2025, 1, 31), amount_paise=99_999),
                    Disbursal(on=date(2025, 4, 30), amount_paise=1),
                )
            },
            DisbursalsInvalid,
            "disbursals_invalid",
        ),
        (
            {
                "disbursals": (
                    Disbursal(on=date(2025, 1, 31), amount_paise=100_001),
                    Disbursal(on=date(2025, 2, 28), amount_paise=-1),
                )
            },
            AmountInvalid,
            "amount_invalid",
        ),
    ],
)
def test_wrong_terms_are_refused(options: dict[str, Any], error: type[Invalid], code: str) -> None:
    with pytest.raises(error) as refused:
        build_schedule(replace(terms(1_000, "12", 3), **options))
    assert refused.value.code == code


# ---- invariants over all inputs


@st.composite
def any_terms(draw: st.DrawFn) -> ScheduleTerms:
    """Random terms of every kind; some of them are refused."""
    frequency = draw(st.sampled_from(list(Frequency)))
    method = draw(st.sampled_from(list(Amortisation)))
    count = draw(st.integers(1, 480 if frequency is Frequency.MONTH else 60) | st.integers(1, 24))
    amount = draw(st.integers(1, 10**13) | st.integers(1, 10_000))
    start = draw(
        st.sampled_from([date(2024, 1, 31), date(2024, 2, 29), date(2025, 12, 31)])
        | st.dates(date(2000, 1, 1), date(2040, 1, 1))
    )
    mode = st.sampled_from([RoundingMode.HALF_UP, RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN])
    emi_mode = mode | st.sampled_from([RoundingMode.LEVEL, RoundingMode.NONE])
    rate = st.decimals(0, 60, places=2)
    monthly = frequency in (Frequency.MONTH, Frequency.YEAR)
    rest = st.builds(
        Moratorium,
        instalments=st.integers(0, max(count - 1, 0)),
        of=st.sampled_from(list(MoratoriumOf)),
        interest=st.sampled_from(list(MoratoriumInterest)),
    )
    steps = st.lists(st.tuples(st.integers(2, max(count, 2)), st.decimals("0.5", 20, places=1)), max_size=3)
    changes = st.lists(st.tuples(st.integers(1, 400), rate), max_size=2)
    later = draw(st.lists(st.tuples(st.integers(1, 300), st.integers(1, max(1, amount // 4))), max_size=2))
    disbursals: tuple[Disbursal, ...] = ()
    if later and sum(part for _, part in later) < amount:
        disbursals = (
            Disbursal(on=start, amount_paise=amount - sum(part for _, part in later)),
            *(Disbursal(on=start + timedelta(days=days), amount_paise=part) for days, part in later),
        )
    plain = draw(st.booleans())
    return ScheduleTerms(
        amount_paise=amount,
        annual_rate_percent=draw(rate),
        instalments=count,
        disbursed_on=start,
        every=draw(st.integers(1, 40 if frequency is Frequency.DAY else 4)),
        frequency=frequency,
        amortisation=method,
        interest_basis=draw(st.sampled_from(list(InterestBasis))),
        day_count=draw(st.sampled_from(list(DayCount))),
        first_due_on=draw(st.none() | st.integers(1, 200).map(lambda days: start + timedelta(days=days))),
        due_day=draw(st.none() | st.integers(1, 31)) if monthly else None,
        odd_first_period=draw(st.sampled_from(list(OddFirstPeriod))),
        holiday_rule=draw(st.sampled_from(list(HolidayRule))),
        weekend=(5, 6),
        emi_rounding=Rounding(mode=draw(emi_mode), unit_paise=draw(st.sampled_from([1, 1, 100, 1000]))),
        interest_rounding=Rounding(mode=draw(mode), unit_paise=draw(st.sampled_from([1, 1, 1, 100]))),
        moratorium=None if plain else draw(st.none() | rest),
        balloon_paise=0 if plain else draw(st.integers(0, amount // 2)),
        disbursals=() if plain else disbursals,
        step_ups=()
        if plain or method is not Amortisation.EQUAL_INSTALMENT
        else tuple(
            StepUp(from_number=number, by_percent=percent)
            for number, percent in sorted(dict(draw(steps)).items())
            if number <= count
        ),
        rate_changes=()
        if plain
        else tuple(
            RateChange(from_on=start + timedelta(days=days), rate_percent=percent) for days, percent in draw(changes)
        ),
        financed_fees_paise=draw(st.integers(0, amount // 10)),
    )


def check_plan(rows: tuple[Instalment, ...], *, principal: int) -> None:
    """Checks the invariants of any plan."""
    assert sum(row.principal_paise for row in rows) == principal + sum(row.capitalised_paise for row in rows)
    assert rows[-1].balance_paise == 0
    for row in rows:
        assert min(row.principal_paise, row.interest_paise, row.capitalised_paise, row.balance_paise) >= 0
        assert row.from_on < row.due_on
    for before, after in pairwise(rows):
        assert after.from_on == before.due_on
        assert after.number == before.number + 1


@given(any_terms())
@settings(max_examples=250, deadline=None)
def test_the_invariants_of_a_schedule(some: ScheduleTerms) -> None:
    try:
        schedule = build_schedule(some)
    except (InstalmentTooSmall, InstalmentNeverRepays, DisbursalsInvalid) as refused:
        assume(refused.code != "disbursals_invalid")
        return
    except AmountInvalid:
        # A moratorium takes a debt beyond the largest amount.
        assert some.moratorium
        assert some.financed_paise > 10**13 // 2
        return
    rows = schedule.instalments
    assert len(rows) == some.instalments
    assert (rows[0].number, rows[0].from_on) == (1, some.disbursed_on)
    check_plan(rows, principal=some.financed_paise)
    repaying = rows[some.moratorium.instalments if some.moratorium else 0 :]
    regular = not (some.step_ups or some.disbursals or some.rate_changes or some.balloon_paise)
    if regular and some.amortisation is Amortisation.EQUAL_INSTALMENT and len(repaying) > 1:
        if some.emi_rounding.mode is RoundingMode.UP:
            assert rows[-1].amount_paise <= schedule.emi_paise
            assert schedule.emi_paise % some.emi_rounding.unit_paise == 0
        if some.emi_rounding.mode is not RoundingMode.NONE:
            # An instalment is larger only if its interest alone is larger, and smaller only if nothing is left.
            assert all(row.amount_paise <= schedule.emi_paise or row.principal_paise == 0 for row in repaying[:-1])


@given(any_terms())
@settings(max_examples=150, deadline=None)
def test_accruing_on_a_schedule_gives_its_planned_interest(some: ScheduleTerms) -> None:
    """The interest accrued on the balance of each period is the planned interest, to the paisa."""
    if some.amortisation is Amortisation.FLAT or some.moratorium:
        some = replace(some, amortisation=Amortisation.EQUAL_PRINCIPAL, moratorium=None, step_ups=())
    try:
        schedule = build_schedule(some)
    except (InstalmentTooSmall, InstalmentNeverRepays, DisbursalsInvalid):
        assume(False)
    balance = some.financed_paise - sum(part.amount_paise for part in some.disbursals if part.on > some.disbursed_on)
    rates = [RateChange(from_on=some.disbursed_on, rate_percent=some.annual_rate_percent), *some.rate_changes]
    for row in schedule.instalments:
        drawn = [
            Movement(value_date=part.on, delta_paise=part.amount_paise)
            for part in some.disbursals
            if part.on > some.disbursed_on and row.from_on <= part.on < row.due_on
        ]
        accrual = accrue(
            balance,
            from_on=row.from_on,
            to_on=row.due_on,
            rate_percent=rates,
            basis=some.interest_basis,
            day_count=some.day_count,
            movements=drawn,
            periods=first_period_weight(some) if row.number == 1 else (1, 1),
            periods_per_year=some.periods_per_year,
            maturity=schedule.instalments[-1].due_on,
        )
        assert accrual.rounded(some.interest_rounding) == row.interest_paise
        balance += sum(movement.delta_paise for movement in drawn) - row.principal_paise
        assert balance == row.balance_paise
    assert balance == 0


@given(
    st.integers(10**4, 10**13),
    st.decimals(0, 60, places=2),
    st.integers(1, 36),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.sampled_from([InterestBasis.DAYS, InterestBasis.PERIOD, InterestBasis.DAILY_ROUNDED]),
)
@settings(max_examples=60, deadline=None)
def test_the_instalment_agrees_with_exact_fractions(
    amount: int, rate: Decimal, count: int, start: date, basis: InterestBasis
) -> None:
    some = ScheduleTerms(
        amount_paise=amount,
        annual_rate_percent=rate,
        instalments=count,
        disbursed_on=start,
        interest_basis=basis,
        day_count=DayCount.ACTUAL_ACTUAL_ISDA,
    )
    try:
        schedule = build_schedule(some)
    except InstalmentNeverRepays:
        return
    rates = [
        oracle.interest(
            1,
            [],
            row.from_on,
            row.due_on,
            [(start, rate)],
            basis=basis.value,
            day_count="actual/actual ISDA",
            period_days=row.days,
        )
        for row in schedule.instalments
    ]
    exact = oracle.instalment(amount, rates)
    assert abs(Fraction(schedule.emi_unrounded) - exact) < Fraction(1, 10**20)
    if count > 1:
        assert schedule.emi_paise == oracle.half_up(exact)
    parts = [(row.principal_paise, row.interest_paise) for row in schedule.instalments]
    assert parts == oracle.rows(amount, rates, oracle.half_up(exact))


# ---- interest above the instalment is paid, and never added to the balance


LONG_FIRST = terms(100_000, "14", 240, disbursed_on=date(2026, 1, 1), first_due_on=date(2026, 3, 1))


@pytest.mark.parametrize(
    "mode, emi, last",
    [
        (RoundingMode.HALF_UP, 1244_48, 1241_75),
        (RoundingMode.HALF_EVEN, 1244_48, 1241_75),
        (RoundingMode.UP, 1244_48, 1241_75),
        (RoundingMode.LEVEL, 1244_48, 1241_75),
        (RoundingMode.DOWN, 1244_47, 1254_05),
        (RoundingMode.NONE, 1244_48, 1244_63),
    ],
)
def test_a_first_row_of_interest_alone_in_every_mode(mode: RoundingMode, emi: int, last: int) -> None:
    schedule = build_schedule(replace(LONG_FIRST, emi_rounding=Rounding(mode=mode)))
    first = schedule.instalments[0]
    assert (first.interest_paise, first.principal_paise) == (2333_33, 0)
    assert schedule.emi_paise == emi
    assert schedule.emi_unrounded == Decimal("124447.724337249401693683295906095834")
    # The rest is a plain loan of 239 months.
    assert schedule.emi_unrounded == build_schedule(terms(100_000, "14", 239)).emi_unrounded
    assert {row.amount_paise for row in schedule.instalments[1:-1]} <= {emi, emi - (mode is RoundingMode.NONE)}
    assert schedule.instalments[-1].amount_paise == last


@pytest.mark.parametrize(
    "method, first, second",
    [
        (Amortisation.EQUAL_PRINCIPAL, (416_67, 2333_33), (416_67, 1161_81)),
        (Amortisation.INTEREST_ONLY, (0, 2333_33), (0, 1166_67)),
        (Amortisation.FLAT, (416_67, 1166_67), (416_67, 1166_67)),
    ],
)
def test_a_long_first_period_by_the_other_methods(
    method: Amortisation, first: tuple[int, int], second: tuple[int, int]
) -> None:
    rows = build_schedule(replace(LONG_FIRST, amortisation=method)).instalments
    assert [(row.principal_paise, row.interest_paise) for row in rows[:2]] == [first, second]
    check_plan(rows, principal=100_000_00)


def test_two_rows_of_which_one_is_interest_alone() -> None:
    schedule = build_schedule(terms(100_000, "12", 2, first_due_on=date(2034, 1, 31)))
    assert amounts(schedule) == [108_000_00, 101_000_00]
    assert schedule.emi_paise == 101_000_00


def test_a_rate_that_falls_within_a_row_leaves_its_interest_above_the_instalment() -> None:
    change = (RateChange(from_on=date(2026, 2, 25), rate_percent=Decimal(6)),)
    some = terms(100_000, "48", 240, disbursed_on=date(2026, 1, 1), rate_changes=change)
    rows = build_schedule(some).instalments
    balance = rows[0].balance_paise
    # 24 of the 28 days of February at 48 %.
    interest = oracle.half_up(Fraction(balance * (48 * 24 + 6 * 4), 1200 * 28))
    assert (rows[1].principal_paise, rows[1].interest_paise) == (0, interest)
    rest = oracle.half_up(oracle.instalment(balance, [Fraction(6, 1200)] * 238))
    assert {row.amount_paise for row in rows[2:-1]} == {rest}


def test_interest_that_rounds_to_zero_does_not_extend_the_plan() -> None:
    rupee_down = Rounding(mode=RoundingMode.DOWN, unit_paise=100)
    schedule = build_schedule(terms(9, "12", 90, interest_rounding=rupee_down))
    assert amounts(schedule) == [10] * 90


def _remaining_costs(draw: st.DrawFn, count: int) -> list[tuple[Fraction, int]]:
    """The cost of each period: a growth factor, and interest that does not depend on the balance."""
    growth = st.fractions(0, Fraction(1, 5), max_denominator=1000)
    alike = draw(growth)
    growths = [alike] * count if draw(st.booleans()) else [draw(growth) for _ in range(count)]
    growths[0] *= draw(st.integers(1, 12))
    return [(value, draw(st.integers(0, 10**7)) if index == 0 else 0) for index, value in enumerate(growths)]


@st.composite
def any_segment(draw: st.DrawFn) -> Segment:
    count = draw(st.integers(1, 12))
    balance = draw(st.integers(count, 10**8))
    step = draw(st.integers(1, count))
    weights = None
    if draw(st.booleans()):
        weights = [(1, 1)] * step + [(draw(st.integers(10, 19)), 10)] * (count - step)
    return Segment(
        balance_paise=balance,
        costs=[
            PeriodCost(growth.numerator, added * growth.denominator, growth.denominator)
            for growth, added in _remaining_costs(draw, count)
        ],
        drawn=[draw(st.integers(0, 10**7)) if draw(st.booleans()) else 0, *[0] * (count - 1)],
        shares=draw(st.just([0] * count) | st.lists(st.integers(0, 10**5), min_size=count, max_size=count)),
        interest_rounding=Rounding(mode=RoundingMode.HALF_UP),
        weights=weights,
        balloon_paise=draw(st.just(0) | st.integers(0, balance - 1)),
    )


@given(any_segment())
@settings(max_examples=300, deadline=None)
def test_the_instalment_is_the_one_a_search_finds(some: Segment) -> None:
    """A search over exact fractions. Rows pay the instalment or their interest, and the last row pays the rest."""
    found = Fraction(unrounded_instalment(some))
    rows = [
        (Fraction(cost.coefficient, cost.denominator), Fraction(cost.addition, cost.denominator) + share, drawn)
        for cost, share, drawn in zip(some.costs, some.shares, some.drawn, strict=True)
    ]
    weights = [Fraction(*weight) for weight in some.weights or [(1, 1)] * len(rows)]
    low, high = oracle.solved_instalment(some.balance_paise, rows, weights, some.balloon_paise)
    slack = Fraction(1, 10**20)
    assert low - slack <= found <= high + slack


# ---- planning again


def test_planning_again_without_a_change_changes_nothing() -> None:
    for options in ({}, DAILY, {"interest_basis": InterestBasis.DAYS}, {"amortisation": Amortisation.EQUAL_PRINCIPAL}):
        some = terms(50_000, "10.5", 12, **options)
        rest = build_schedule(some).instalments[4:]
        principal = sum(row.principal_paise for row in rest)
        again = replan(some, on=rest[0].from_on, principal_paise=principal, remaining=rest).instalments
        assert [(row.number, row.from_on, row.due_on) for row in again] == [
            (row.number, row.from_on, row.due_on) for row in rest
        ]
        assert [abs(new.amount_paise - old.amount_paise) <= 1 for new, old in zip(again, rest, strict=True)]
        check_plan(again, principal=principal)


def test_a_prepayment_on_a_due_date_makes_the_instalment_smaller() -> None:
    some = terms(50_000, "10.5", 12, emi_rounding=PAISA_UP, **DAILY)
    rest = build_schedule(some).instalments[1:]
    again = replan(some, on=rest[0].from_on, principal_paise=36_028_96, remaining=rest).instalments
    assert again[0].interest_paise == oracle.half_up(Fraction(36_028_96 * 30 * 29, 100_000)) == 313_45
    assert {row.amount_paise for row in again[:-1]} == {3448_81}
    assert again[-1].due_on == rest[-1].due_on
    check_plan(again, principal=36_028_96)


def test_a_prepayment_within_a_period_splits_its_days() -> None:
    some = terms(50_000, "10.5", 12, emi_rounding=PAISA_UP, **DAILY)
    rest = build_schedule(some).instalments
    on = date(2025, 2, 10)
    accrued = accrued_ratio(
        50_000_00, from_on=rest[0].from_on, to_on=on, rate_percent=Decimal("10.5"), basis=InterestBasis.DAILY_ROUNDED
    )
    again = replan(some, on=on, principal_paise=40_000_00, remaining=rest, accrued=accrued).instalments
    # 10 days on 50,000 and 20 on 40,000, rounded once.
    assert again[0].interest_paise == 145_00 + 232_00
    assert (again[0].number, again[0].from_on, again[0].due_on) == (1, date(2025, 1, 31), date(2025, 3, 2))
    assert len(again) == 12
    check_plan(again, principal=40_000_00)


def test_on_the_basis_period_a_part_is_pro_rata() -> None:
    some = terms(12_000, "12", 12, disbursed_on=date(2025, 2, 1))
    rest = build_schedule(some).instalments
    accrued = accrued_ratio(
        12_000_00,
        from_on=date(2025, 2, 1),
        to_on=date(2025, 2, 15),
        rate_percent=Decimal(12),
        basis=InterestBasis.PERIOD,
        period_end=date(2025, 3, 1),
    )
    again = replan(some, on=date(2025, 2, 15), principal_paise=6_000_00, remaining=rest, accrued=accrued).instalments
    assert again[0].interest_paise == 60_00 + 30_00


def test_the_same_instalment_ends_earlier() -> None:
    some = terms(50_000, "10.5", 12, emi_rounding=PAISA_UP, **DAILY)
    schedule = build_schedule(some)
    rest = schedule.instalments[1:]
    again = replan(
        some, on=rest[0].from_on, principal_paise=30_000_00, remaining=rest, emi_paise=schedule.emi_paise
    ).instalments
    assert [row.amount_paise for row in again[:-1]] == [schedule.emi_paise] * 7
    assert 0 < again[-1].amount_paise <= schedule.emi_paise
    check_plan(again, principal=30_000_00)


def test_unpaid_principal_returns_to_the_plan() -> None:
    some = terms(50_000, "10.5", 12, emi_rounding=PAISA_UP, **DAILY)
    schedule = build_schedule(some)
    rest = schedule.instalments[1:]
    principal = sum(row.principal_paise for row in rest) + 2_471_04
    larger = replan(some, on=rest[0].from_on, principal_paise=principal, remaining=rest).instalments
    assert larger[0].amount_paise > schedule.emi_paise
    check_plan(larger, principal=principal)
    settled = replan(
        some, on=rest[0].from_on, principal_paise=principal, remaining=rest, emi_paise=schedule.emi_paise
    ).instalments
    assert settled[0].amount_paise == schedule.emi_paise
    assert settled[-1].amount_paise > schedule.emi_paise
    check_plan(settled, principal=principal)


def test_a_flat_loan_keeps_interest_in_proportion() -> None:
    some = terms(500_000, "8.8", 24, amortisation=Amortisation.FLAT, emi_rounding=RUPEE, due_day=5)
    schedule = build_schedule(some)
    rest = schedule.instalments[12:]
    before = sum(row.principal_paise for row in rest)
    planned = sum(row.interest_paise for row in rest)
    again = replan(some, on=rest[0].from_on, principal_paise=before // 2, remaining=rest).instalments
    assert sum(row.interest_paise for row in again) == oracle.half_up(Fraction(planned * (before // 2), before))
    assert len(again) == 12
    assert len({(row.principal_paise, row.interest_paise) for row in again[:-1]}) == 1
    check_plan(again, principal=before // 2)
    shorter = replan(
        some, on=rest[0].from_on, principal_paise=before // 2, remaining=rest, emi_paise=schedule.emi_paise
    ).instalments
    assert [row.amount_paise for row in shorter[:-1]] == [24_500_00] * 5
    assert len(shorter) == 6
    check_plan(shorter, principal=before // 2)


def test_planning_again_on_the_due_date_of_a_row_with_a_change_of_rate_ahead() -> None:
    change = (RateChange(from_on=date(2025, 3, 31), rate_percent=Decimal(24)),)
    some = terms(1_200, "12", 4, rate_changes=change)
    rest = build_schedule(some).instalments[1:]
    again = replan(
        some, on=rest[0].due_on, principal_paise=600_00, remaining=rest, accrued=(9_00_00, 100), emi_paise=None
    ).instalments
    # The period is over: its accrued interest is left, and the new rate counts from the next period on.
    assert [row.interest_paise for row in again[:1]] == [9_00]
    assert again[1].interest_paise == oracle.half_up(Fraction(again[0].balance_paise * 2, 100))
    check_plan(again, principal=600_00)


def test_nothing_left_is_one_row_of_interest() -> None:
    some = terms(50_000, "10.5", 12, **DAILY)
    rest = build_schedule(some).instalments[3:]
    on = rest[0].from_on + timedelta(days=10)
    again = replan(
        some, on=on, principal_paise=0, remaining=rest, accrued=(1234_50, 100), deferred_interest_paise=5
    ).instalments
    assert len(again) == 1
    row = again[0]
    assert (row.number, row.due_on) == (rest[0].number, rest[0].due_on)
    assert (row.principal_paise, row.interest_paise, row.balance_paise) == (0, 1235 + 5, 0)


def test_fewer_paise_than_rows_shorten_the_plan() -> None:
    some = terms(50_000, "10.5", 12)
    rest = build_schedule(some).instalments[2:]
    again = replan(some, on=rest[0].from_on, principal_paise=3, remaining=rest).instalments
    assert [row.principal_paise for row in again] == [1, 1, 1]


@pytest.mark.parametrize("method", [Amortisation.EQUAL_INSTALMENT, Amortisation.FLAT, Amortisation.EQUAL_PRINCIPAL])
def test_a_unit_too_coarse_for_the_rest_is_replaced_by_the_paisa(method: Amortisation) -> None:
    some = terms(50_000, "10.5", 12, emi_rounding=RUPEE, amortisation=method)
    rest = build_schedule(some).instalments[2:]
    again = replan(some, on=rest[0].from_on, principal_paise=2_00, remaining=rest).instalments
    assert len(again) == 10
    assert min(row.principal_paise for row in again) > 0
    check_plan(again, principal=2_00)


def test_deferred_interest_survives_a_new_plan() -> None:
    rest = Moratorium(instalments=2, of=MoratoriumOf.BOTH)
    some = terms(1_200, "12", 5, moratorium=rest)
    rows = build_schedule(some).instalments
    again = replan(
        some, on=rows[2].from_on, principal_paise=1200_00, remaining=rows[2:], deferred_interest_paise=24_00
    ).instalments
    assert again == rows[2:]


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"remaining": ()}, ReplanInvalid),
        ({"on": date(2024, 12, 31)}, ReplanInvalid),
        ({"on": date(2025, 3, 1)}, ReplanInvalid),
        ({"principal_paise": -1}, AmountInvalid),
        ({"emi_paise": -1}, AmountInvalid),
    ],
)
def test_a_wrong_new_plan_is_refused(changes: dict[str, Any], error: type[Invalid]) -> None:
    some = terms(1_200, "12", 5)
    request = {"on": some.disbursed_on, "principal_paise": 100, "remaining": build_schedule(some).instalments}
    with pytest.raises(error):
        replan(some, **{**request, **changes})


@given(any_terms(), st.data())
@settings(max_examples=200, deadline=None)
def test_the_invariants_of_a_new_plan(some: ScheduleTerms, data: st.DataObject) -> None:
    some = replace(some, moratorium=None, disbursals=())
    try:
        schedule = build_schedule(some)
    except (InstalmentTooSmall, InstalmentNeverRepays):
        assume(False)
    rest = schedule.instalments[data.draw(st.integers(0, some.instalments - 1)) :]
    on = rest[0].from_on + timedelta(days=data.draw(st.integers(0, rest[0].days)))
    planned = sum(row.principal_paise for row in rest)
    principal = data.draw(st.integers(some.balloon_paise, max(planned, some.balloon_paise) * 2))
    accrued = (data.draw(st.integers(0, 10**9)), data.draw(st.integers(1, 1000)))
    emi = data.draw(st.none() | st.just(max(1, schedule.emi_paise)))
    again = replan(some, on=on, principal_paise=principal, remaining=rest, accrued=accrued, emi_paise=emi).instalments
    assert 1 <= len(again) <= len(rest)
    assert [(row.number, row.due_on) for row in again] == [(row.number, row.due_on) for row in rest[: len(again)]]
    check_plan(again, principal=principal)
