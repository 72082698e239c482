from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.calendar import Frequency, add_months, add_periods
from app.domain.money import Rounding, RoundingMode
from app.domain.offers.apr import AprConvention, CashFlow, NoRoot, OneSignedFlows, SeveralRoots, TooManyTurns, apr
from app.domain.offers.key_facts import KeyFacts, key_facts, offer_flows, two_decimals
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.charges import FeesInvalid
from app.domain.schedules.building import build_schedule
from app.domain.schedules.terms import Amortisation, Disbursal, Moratorium, ScheduleTerms

NOMINAL, EFFECTIVE = AprConvention.NOMINAL, AprConvention.EFFECTIVE
REGULATION_Z, XIRR = AprConvention.REGULATION_Z, AprConvention.XIRR
NEW_YEAR = date(2024, 1, 1)

Payment = tuple[date, int]


def flows(received: int, on: date, payments: list[Payment]) -> list[CashFlow]:
    paid = [CashFlow(on=day, amount_paise=-amount) for day, amount in payments]
    return [CashFlow(on=on, amount_paise=received), *paid]


def monthly(first: date, count: int, amount: int, every: int = 1) -> list[Payment]:
    return [(add_months(first, number * every), amount) for number in range(count)]


def weekly(first: date, count: int, amount: int, every: int = 1) -> list[Payment]:
    return [(add_periods(first, number, frequency=Frequency.WEEK, every=every), amount) for number in range(count)]


# Regulation Z, Appendix J, (c)(1) to (c)(5): the examples for the actuarial method (semimonthly ones left out).
@pytest.mark.parametrize(
    "received, on, payments, rhythm, percent",
    [
        (500000, date(1978, 1, 10), monthly(date(1978, 2, 10), 24, 23000), {}, "9.69"),
        (600000, date(1978, 2, 10), monthly(date(1978, 4, 1), 36, 20000), {}, "11.82"),
        (1000000, date(1978, 5, 23), monthly(date(1978, 10, 1), 40, 38500, 3), {"every": 3}, "8.97"),
        (50000, date(1978, 3, 20), weekly(date(1978, 4, 21), 30, 1760), {"frequency": Frequency.WEEK}, "14.96"),
        (
            500000,
            date(1978, 1, 10),
            [(date(1978, 2, 10), 25000), *monthly(date(1978, 3, 10), 23, 23000)],
            {},
            "10.08",
        ),
        (
            40000,
            date(1978, 3, 18),
            [(date(1978, 4, 20), 3950), *weekly(date(1978, 5, 18), 11, 3831, 4)],
            {"frequency": Frequency.WEEK, "every": 4},
            "28.50",
        ),
        (
            500000,
            date(1978, 1, 10),
            [*monthly(date(1978, 2, 10), 23, 23000), (date(1980, 1, 10), 28000)],
            {},
            "10.50",
        ),
        (
            20000,
            date(1978, 4, 3),
            [*weekly(date(1978, 4, 11), 19, 950, 2), (date(1979, 1, 2), 3000)],
            {"frequency": Frequency.WEEK, "every": 2},
            "12.22",
        ),
        (
            500000,
            date(1978, 1, 10),
            [(date(1978, 2, 10), 25000), *monthly(date(1978, 3, 10), 22, 23000), (date(1980, 1, 10), 28000)],
            {},
            "10.90",
        ),
        (
            800000,
            date(1978, 1, 10),
            [(date(1978, 3, 1), 44936), *monthly(date(1978, 5, 1), 18, 46500, 2), (date(1981, 5, 1), 20000)],
            {"every": 2},
            "7.30",
        ),
        (100000, date(1978, 1, 3), [(date(1978, 9, 15), 108000)], {}, "11.45"),
    ],
)
def test_the_examples_of_regulation_z(
    received: int, on: date, payments: list[Payment], rhythm: dict[str, Any], percent: str
) -> None:
    rate = apr(flows(received, on, payments), convention=REGULATION_Z, **rhythm)
    assert two_decimals(rate) == Decimal(percent)


def test_single_payments_of_whole_months_and_of_years_under_regulation_z() -> None:
    half_year = flows(100_000, NEW_YEAR, [(date(2024, 7, 1), 105_000)])
    assert two_decimals(apr(half_year, convention=REGULATION_Z)) == Decimal("10.00")
    two_years = flows(100_000, NEW_YEAR, [(date(2026, 1, 1), 121_000)])
    assert two_decimals(apr(two_years, convention=REGULATION_Z)) == Decimal("10.00")
    # A year and a half: a whole unit-period, and half of one at simple interest.
    longer = flows(100_000, NEW_YEAR, [(date(2025, 7, 1), 115_500)])
    assert two_decimals(apr(longer, convention=REGULATION_Z)) == Decimal("10.00")
    # A year and 73 days of 365.
    odd = flows(100_000, NEW_YEAR, [(date(2025, 3, 14), 112_200)])
    assert two_decimals(apr(odd, convention=REGULATION_Z)) == Decimal("10.00")


# Directive 98/7/EC, Annexes II and III (kept by 2008/48/EC): calendar days, and equal months.
@pytest.mark.parametrize(
    "convention, received, payments, percent",
    [
        (XIRR, 100_000, [(date(2024, 1, 1) + timedelta(days=546), 120_000)], "12.96"),
        (EFFECTIVE, 100_000, [(date(2025, 7, 1), 120_000)], "12.92"),
        (EFFECTIVE, 95_000, [(date(2025, 7, 1), 120_000)], "16.85"),
        (EFFECTIVE, 100_000, [(date(2025, 1, 1), 60_000), (date(2026, 1, 1), 60_000)], "13.07"),
        (
            EFFECTIVE,
            100_000,
            [(date(2024, 4, 1), 27_200), (date(2024, 7, 1), 27_200), (date(2025, 1, 1), 54_400)],
            "13.19",
        ),
    ],
)
def test_the_examples_of_the_european_directives(
    convention: AprConvention, received: int, payments: list[Payment], percent: str
) -> None:
    assert two_decimals(apr(flows(received, NEW_YEAR, payments), convention=convention)) == Decimal(percent)


@pytest.mark.parametrize(
    "frequency, on, due, years",
    [
        (Frequency.WEEK, date(2024, 1, 1), date(2024, 12, 30), "1"),
        (Frequency.MONTH, date(2024, 1, 31), date(2024, 2, 29), "1/12"),
        # Counted back: a month to 15 February, then 15 days of the year that ends on that day.
        (Frequency.MONTH, date(2023, 1, 31), date(2023, 3, 15), "1/12 + 15/365"),
        (Frequency.MONTH, date(2024, 2, 20), date(2024, 4, 10), "1/12 + 19/366"),
        (Frequency.DAY, date(2023, 3, 1), date(2023, 5, 13), "73/365"),
        (Frequency.DAY, date(2023, 3, 1), date(2025, 5, 13), "2 + 73/365"),
        (Frequency.YEAR, date(2023, 3, 1), date(2023, 5, 13), "73/365"),
        (Frequency.YEAR, date(2023, 11, 1), date(2024, 4, 2), "153/366"),
        (Frequency.YEAR, date(2023, 3, 1), date(2025, 5, 13), "2 + 73/365"),
        # The rest ends on 10 March 2024, after 29 February, so its year has 366 days.
        (Frequency.YEAR, date(2024, 2, 20), date(2026, 3, 10), "2 + 19/366"),
        (Frequency.WEEK, date(2024, 1, 1), date(2024, 1, 18), "2/52 + 3/365"),
    ],
)
def test_european_time(frequency: Frequency, on: date, due: date, years: str) -> None:
    time = sum((Decimal(a) / Decimal(b or 1) for a, _, b in (part.partition("/") for part in years.split(" + "))))
    growth = Decimal("1.2") ** time
    amount = int(growth * 10**15)
    rate = apr(flows(10**15, on, [(due, amount)]), convention=EFFECTIVE, frequency=frequency)
    assert abs(rate - 20) < Decimal("1e-9")


def loan(rupees: int, rate: str, instalments: int, **options: Any) -> ScheduleTerms:
    options.setdefault("disbursed_on", NEW_YEAR)
    return ScheduleTerms(
        amount_paise=rupees * 100, annual_rate_percent=Decimal(rate), instalments=instalments, **options
    )


def test_the_illustration_of_the_reserve_bank() -> None:
    """Annex B of the circular: 20,000 at 15 % over 24 months with 400 of fees: 970 a month, 3,274 interest, 17.07 %."""
    terms = loan(20_000, "15", 24)
    fees = (
        Fee(name="processing", amount_paise=160_00, paid=FeePaid.DEDUCTED),
        Fee(name="insurance", amount_paise=240_00, paid=FeePaid.DEDUCTED),
    )
    schedule = build_schedule(terms)
    assert key_facts(terms, schedule, fees=fees) == KeyFacts(
        sanctioned_paise=20_000_00,
        net_disbursed_paise=19_600_00,
        instalments=24,
        every=1,
        frequency=Frequency.MONTH,
        instalment_paise=969_73,
        first_due_on=date(2024, 2, 1),
        last_due_on=date(2026, 1, 1),
        annual_rate_percent=Decimal(15),
        rate_type="fixed",
        fees=fees,
        fees_paise=400_00,
        interest_paise=3_273_58,
        total_payable_paise=23_273_58,
        apr_percent=Decimal("17.07"),
        apr_effective_percent=Decimal("18.47"),
    )


def test_the_illustration_in_whole_rupees_as_it_was_published() -> None:
    """24 instalments of 970, 3,274 of interest, 19,600 paid out, 23,274 to pay, and 17.07 % from the instalment before
    rounding. From 970.00 itself it would be 17.10 %."""
    terms = loan(20_000, "15", 24, emi_rounding=Rounding(mode=RoundingMode.HALF_UP, unit_paise=100))
    fees = (
        Fee(name="processing", amount_paise=160_00, paid=FeePaid.DEDUCTED),
        Fee(name="insurance", amount_paise=240_00, paid=FeePaid.DEDUCTED, for_third_party=True),
    )
    schedule = build_schedule(terms)
    facts = key_facts(terms, schedule, fees=fees)
    assert (facts.instalments, facts.instalment_paise, facts.net_disbursed_paise) == (24, 970_00, 19_600_00)
    assert facts.apr_percent == Decimal("17.07")
    exact = build_schedule(loan(20_000, "15", 24))
    assert [round(paise / 100) for paise in (exact.interest_paise, exact.amount_paise)] == [3_274, 23_274]
    rounded = apr(flows(19_600_00, NEW_YEAR, [(row.due_on, 970_00) for row in exact.instalments]), convention=NOMINAL)
    assert two_decimals(rounded) == Decimal("17.10")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"frequency": Frequency.WEEK},
        {"frequency": Frequency.DAY, "every": 30},
        {"frequency": Frequency.YEAR},
        {"every": 3},
        {"disbursed_on": date(2024, 1, 31)},
    ],
)
def test_without_fees_the_nominal_rate_is_the_rate_of_the_loan(options: dict[str, Any]) -> None:
    terms = loan(1_00_000, "13.5", 18, **options)
    exact = offer_flows(terms, build_schedule(terms), unrounded=True)
    rhythm: dict[str, Any] = {"frequency": terms.frequency, "every": terms.every}
    assert abs(apr(exact, convention=NOMINAL, **rhythm) - Decimal("13.5")) < Decimal("1e-15")
    assert abs(apr(exact, convention=REGULATION_Z, **rhythm) - Decimal("13.5")) < Decimal("1e-15")


def test_a_short_first_period_counts_its_part_of_a_nominal_period() -> None:
    # Half of April: (1 + i)^(1/2) = 1.05, twelve times.
    half = flows(100_000, date(2024, 4, 1), [(date(2024, 4, 16), 105_000)])
    assert abs(apr(half, convention=NOMINAL) - 123) < Decimal("1e-12")


def test_fees_paid_upfront_and_financed() -> None:
    upfront = (Fee(name="processing", amount_paise=1_000_00, paid=FeePaid.UPFRONT),)
    terms = loan(50_000, "12", 12)
    facts = key_facts(terms, build_schedule(terms), fees=upfront)
    assert (facts.net_disbursed_paise, facts.fees_paise) == (50_000_00, 1_000_00)
    assert facts.total_payable_paise == build_schedule(terms).amount_paise + 1_000_00
    financed = (Fee(name="processing", amount_paise=1_000_00, paid=FeePaid.FINANCED),)
    terms = loan(50_000, "12", 12, financed_fees_paise=1_000_00)
    other = key_facts(terms, build_schedule(terms), fees=financed)
    assert other.net_disbursed_paise == 50_000_00
    assert Decimal(12) < other.apr_percent < facts.apr_percent


def test_uneven_plans_are_taken_as_planned() -> None:
    parts = (Disbursal(on=NEW_YEAR, amount_paise=500_00), Disbursal(on=date(2024, 1, 16), amount_paise=500_00))
    for options in ({"moratorium": Moratorium(instalments=2)}, {"balloon_paise": 300_00}, {"disbursals": parts}):
        terms = loan(1_000, "12", 6, **options)
        facts = key_facts(terms, build_schedule(terms))
        assert abs(facts.apr_percent - 12) < Decimal("0.06")
    terms = loan(1_000, "12", 6, amortisation=Amortisation.EQUAL_PRINCIPAL)
    assert key_facts(terms, build_schedule(terms)).apr_percent == Decimal("12.00")


@pytest.mark.parametrize(
    "fees",
    [
        (Fee(name="a", amount_paise=-1, paid=FeePaid.UPFRONT),),
        (Fee(name="a", amount_paise=1, paid=FeePaid.FINANCED),),
        (Fee(name="a", amount_paise=1_000_00, paid=FeePaid.DEDUCTED),),
    ],
)
def test_wrong_fees_are_refused(fees: tuple[Fee, ...]) -> None:
    terms = loan(1_000, "12", 6)
    with pytest.raises(FeesInvalid):
        key_facts(terms, build_schedule(terms), fees=fees)


# ---- several rates, none, and flows of one sign


@pytest.mark.parametrize("amounts", [[], [100], [100, 200], [-5, -5], [0, 0], [100, 0]])
def test_flows_of_one_sign_have_no_rate(amounts: list[int]) -> None:
    some = [CashFlow(on=add_months(NEW_YEAR, 12 * index), amount_paise=amount) for index, amount in enumerate(amounts)]
    with pytest.raises(OneSignedFlows):
        apr(some, convention=XIRR)


def test_money_back_on_the_same_day_leaves_one_sign() -> None:
    with pytest.raises(OneSignedFlows):
        apr(flows(100, NEW_YEAR, [(NEW_YEAR, 100)]), convention=XIRR)


def test_two_rates_are_reported() -> None:
    yearly = [(date(2025, 1, 1), 230), (date(2026, 1, 1), -132)]
    with pytest.raises(SeveralRoots) as several:
        apr(flows(100, NEW_YEAR, yearly), convention=EFFECTIVE)
    rates = several.value.details["rates"]
    assert isinstance(rates, tuple)
    assert [rate.quantize(Decimal("1e-9")) for rate in rates] == [Decimal("0.1"), Decimal("0.2")]
    assert several.value.details["annual_rates"] == (Decimal("10.000000"), Decimal("20.000000"))


def test_flows_without_a_rate_are_refused() -> None:
    yearly = [(date(2025, 1, 1), 200), (date(2026, 1, 1), -150)]
    with pytest.raises(NoRoot):
        apr(flows(100, NEW_YEAR, yearly), convention=EFFECTIVE)


def test_one_rate_in_spite_of_two_changes_of_direction() -> None:
    yearly = [(date(2025, 1, 1), 200_000), (date(2026, 1, 1), -10)]
    rate = apr(flows(100_000, NEW_YEAR, yearly), convention=EFFECTIVE)
    # The other root of the equation is a loss of 99.995 %, which is outside the bounds.
    assert two_decimals(rate) == Decimal("99.99")


# Advances (positive) and payments at whole years or months, and the result of each convention.
LOAN = [(month, -888_488) for month in range(1, 13)]


@pytest.mark.parametrize(
    "by_month, expected",
    [
        pytest.param(
            [(0, 1_00_000_00), *[(month, -35_000_00) for month in (1, 2, 3)], (4, 500_00)],
            {NOMINAL: "26.931498", EFFECTIVE: "30.517527", REGULATION_Z: "26.931498", XIRR: "30.996889"},
            id="a small refund after three months",
        ),
        pytest.param(
            [(0, 1_00_000_00), *[(12 * year, -35_000_00) for year in (1, 2, 3)], (48, 500_00)],
            {NOMINAL: "2.221532", EFFECTIVE: "2.244291", REGULATION_Z: "2.221532", XIRR: "2.243276"},
            id="a small refund after three years",
        ),
        pytest.param(
            [(0, 90_000_00), *LOAN[:-1], (12, 10_000_00 - 8_884_88)],
            {NOMINAL: "14.589161", EFFECTIVE: "15.605330", REGULATION_Z: "14.589161", XIRR: "15.689067"},
            id="a tenth of the loan comes with the last payment",
        ),
        pytest.param(
            [(0, 1_00_000_00), *LOAN, (13, 2_000_00)],
            {NOMINAL: "8.582655", EFFECTIVE: "8.928452", REGULATION_Z: "8.582655", XIRR: "8.968660"},
            id="2,000 back after the end",
        ),
        pytest.param(
            [(0, 1_00_000_00), *LOAN, (13, -8_884_88), (14, 8_884_88)],
            {NOMINAL: "12.148473", EFFECTIVE: "12.848261", REGULATION_Z: "12.148473", XIRR: "12.891947"},
            id="a thirteenth instalment by mistake",
        ),
        pytest.param(
            [(0, 100_00), (12, -220_00), (24, 121_00)],
            {NOMINAL: "9.568969", EFFECTIVE: "10.000000", REGULATION_Z: "9.568969", XIRR: "10.000000"},
            id="a double root",
        ),
        pytest.param(
            [(0, 10_000_00), (12, -33_000_00), (24, 36_300_00), (36, -13_310_00)],
            {NOMINAL: "9.568969", EFFECTIVE: "10.000000", REGULATION_Z: "9.568969", XIRR: "4.547043"},
            id="a triple root, or by days of a leap year none of it",
        ),
        pytest.param(
            # One paisa away from the double root there are two rates or none.
            [(0, 100_00), (12, -220_01), (24, 121_00)],
            {NOMINAL: None, EFFECTIVE: None, REGULATION_Z: None, XIRR: None},
            id="two rates a paisa from a double root",
        ),
        pytest.param(
            [(0, 100_00), (12, -230_00), (24, 132_00)],
            {NOMINAL: None, EFFECTIVE: None, REGULATION_Z: None, XIRR: None},
            id="two rates",
        ),
        pytest.param(
            [(0, 10**11), (12, -3_725 * 10**8), (24, 45_751 * 10**7), (36, -18_564 * 10**7)],
            {NOMINAL: None, EFFECTIVE: None, REGULATION_Z: None, XIRR: None},
            id="three rates",
        ),
    ],
)
def test_flows_that_change_direction_often_have_the_same_number_of_rates_under_every_convention(
    by_month: list[tuple[int, int]], expected: dict[AprConvention, str | None]
) -> None:
    some = [CashFlow(on=add_months(date(2026, 1, 1), month), amount_paise=amount) for month, amount in by_month]
    for convention, percent in expected.items():
        if percent is None:
            with pytest.raises(SeveralRoots):
                apr(some, convention=convention)
        else:
            assert apr(some, convention=convention).quantize(Decimal("1e-6"), "ROUND_HALF_UP") == Decimal(percent)


def several(some: list[CashFlow], convention: AprConvention, places: str = "1e-6", **rhythm: Any) -> list[Decimal]:
    with pytest.raises(SeveralRoots) as found:
        apr(some, convention=convention, **rhythm)
    rates = found.value.details["rates"]
    assert isinstance(rates, tuple)
    return [(100 * rate).quantize(Decimal(places)) for rate in rates]


def test_several_rates_are_all_listed() -> None:
    yearly = [
        (date(2027, 1, 1), 3_725 * 10**8),
        (date(2028, 1, 1), -45_751 * 10**7),
        (date(2029, 1, 1), 18_564 * 10**7),
    ]
    some = flows(10**11, date(2026, 1, 1), yearly)
    year: dict[str, Any] = {"frequency": Frequency.YEAR}
    for convention in (NOMINAL, EFFECTIVE, REGULATION_Z):
        assert several(some, convention, **year) == [Decimal("10.5"), Decimal(12), Decimal(50)]
    two = flows(100, date(2026, 1, 1), [(date(2027, 1, 1), 230), (date(2028, 1, 1), -132)])
    # Rates of a month each: 9.568969 and 18.371365 % a year.
    assert several(two, NOMINAL, "1e-8") == [Decimal("0.79741404"), Decimal("1.53094705")]


#: The growth in a year, in percent: rates from -79 to 400 %.
growths = st.lists(st.integers(21, 500), min_size=2, max_size=5)


@given(growths=growths, factor=st.lists(st.integers(1, 5), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_known_rate_is_found_once(growths: list[int], factor: list[int]) -> None:
    # (x - a)(x - b)..., times a polynomial that has no positive root.
    amounts = factor
    for growth in growths:
        amounts = [100 * one - growth * other for one, other in zip([*amounts, 0], [0, *amounts], strict=True)]
    some = [CashFlow(on=add_months(NEW_YEAR, 12 * year), amount_paise=amount) for year, amount in enumerate(amounts)]
    made = sorted({Decimal(growth - 100) for growth in growths})
    for convention, rhythm in ((EFFECTIVE, Frequency.YEAR), (NOMINAL, Frequency.YEAR)):
        if len(made) > 1:
            assert several(some, convention, "1e-9", frequency=rhythm) == made
        else:
            assert abs(apr(some, convention=convention, frequency=rhythm) - made[0]) < Decimal("1e-12")


def test_a_huge_second_root_is_not_a_rate() -> None:
    """A fee of 1,000 is paid a month before 1,00,000 are lent: a second root is growth by 100 in a month."""
    loan_of_a_year = [(date(2026, 2, 1), -1_00_000_00), *monthly(date(2026, 3, 1), 12, 8_884_88)]
    some = flows(-1_000_00, date(2026, 1, 1), loan_of_a_year)
    rates = {convention: apr(some, convention=convention).quantize(Decimal("1e-6")) for convention in AprConvention}
    assert rates == {
        NOMINAL: Decimal("13.935541"),
        EFFECTIVE: Decimal("14.860993"),
        REGULATION_Z: Decimal("13.935541"),
        XIRR: Decimal("14.977768"),
    }


def test_rates_of_a_few_days_are_found_outside_the_first_bounds() -> None:
    """4 % a day, two disbursals and a small refund at the end: above 99,900 % a year, and the only rate."""
    days = [(1, 50_000_00), (2, -106_151_00), (3, 60_00)]
    later = [(date(2026, 1, 1) + timedelta(days=day), -amount) for day, amount in days]
    some = flows(50_000_00, date(2026, 1, 1), later)
    rate = apr(some, convention=NOMINAL, frequency=Frequency.DAY)
    assert rate.quantize(Decimal("1e-6")) == Decimal("1463.155144")


def test_a_line_of_credit_has_one_rate_however_often_it_is_drawn() -> None:
    """Drawn and repaid by turns for ten years at 1 % a month: the balance keeps its sign, so no search is done."""
    some = [
        CashFlow(on=add_months(NEW_YEAR, month), amount_paise=-10_100_00 if month % 2 else 10_000_00)
        for month in range(240)
    ]
    assert abs(apr(some, convention=NOMINAL) - 12) < Decimal("1e-12")


def test_flows_of_one_time_are_one_flow() -> None:
    # Counted back by months, 29 and 31 March 2023 are both one month after 28 February, so their flows are added.
    days = [(date(2023, 3, 28), 500_00), (date(2023, 3, 31), -400_00), (date(2023, 4, 28), 910_00)]
    rate = apr(flows(1_000_00, date(2023, 2, 28), days), convention=EFFECTIVE)
    merged = [(date(2023, 3, 28), 100_00), (date(2023, 4, 28), 910_00)]
    assert rate == apr(flows(1_000_00, date(2023, 2, 28), merged), convention=EFFECTIVE)
    # 30 odd days of Regulation Z are a month too.
    days = [(date(2023, 1, 31), 500_00), (date(2023, 2, 1), -500_00)]
    with pytest.raises(OneSignedFlows):
        apr(flows(0, date(2023, 1, 1), [(date(2023, 1, 1), 1), *days]), convention=REGULATION_Z)


def test_a_search_beyond_the_bound_is_refused() -> None:
    some = [
        CashFlow(on=NEW_YEAR + timedelta(days=day), amount_paise=10_100 if day % 2 else -10_000) for day in range(4000)
    ]
    some.append(CashFlow(on=NEW_YEAR + timedelta(days=4200), amount_paise=-70_000))
    with pytest.raises(TooManyTurns):
        apr(some, convention=NOMINAL)


@pytest.mark.parametrize("frequency, every", [(Frequency.DAY, 1), (Frequency.YEAR, 1), (Frequency.YEAR, 1200)])
def test_the_longest_times_lead_to_no_overflow(frequency: Frequency, every: int) -> None:
    first, last = date(1000, 1, 1), date(5000, 1, 1)
    lost = flows(10**13, first, [(last, 1)])
    assert -100 < apr(lost, convention=NOMINAL, frequency=frequency, every=every) < 0
    turns = flows(10**6, first, [(date(2000, 1, 1), 10**13), (last, -(10**6))])
    for convention in AprConvention:
        with pytest.raises(SeveralRoots):
            apr(turns, convention=convention, frequency=frequency, every=every)


# Directive 2014/17/EU, Annex I, remark c: whole periods are counted back, and the rest is in days.
@pytest.mark.parametrize(
    "rhythm, percent",
    [
        ({"frequency": Frequency.YEAR}, "6.282070"),
        ({"every": 12}, "6.282070"),
        ({"frequency": Frequency.DAY, "every": 365}, "6.282070"),
        # Counted in months it is 12 k + 1 months and 3 days.
        ({}, "6.283429"),
        ({"every": 6}, "6.283429"),
    ],
)
def test_an_odd_first_period_is_measured_in_whole_periods_and_days(rhythm: dict[str, Any], percent: str) -> None:
    payments = monthly(date(2026, 2, 4), 20, 16_541_86, 12)
    rate = apr(flows(1_96_000_00, date(2026, 1, 1), payments), convention=EFFECTIVE, **rhythm)
    assert rate.quantize(Decimal("1e-6")) == Decimal(percent)


@pytest.mark.parametrize(
    "received, paid, percent",
    [(100, 100, "0"), (100, 90, "-10"), (100, 1, "-99"), (1, 100, "9900"), (10**13, 10**13 + 1, "1e-11")],
)
def test_rates_of_every_size(received: int, paid: int, percent: str) -> None:
    rate = apr(flows(received, NEW_YEAR, [(date(2025, 1, 1), paid)]), convention=EFFECTIVE)
    assert abs(rate - Decimal(percent)) < Decimal("1e-12")


def test_a_rate_beyond_all_bounds_is_none() -> None:
    with pytest.raises(NoRoot):
        apr(flows(1, NEW_YEAR, [(NEW_YEAR + timedelta(days=1), 10**13)]), convention=XIRR)


@given(
    received=st.integers(100_000, 10**12),
    parts=st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 10**6)), min_size=1, max_size=40),
    cost=st.integers(50, 250),
)
@settings(max_examples=80, deadline=None)
def test_xirr_agrees_with_pyxirr(received: int, parts: list[tuple[int, int]], cost: int) -> None:
    total = sum(weight for _, weight in parts)
    payments = [
        (NEW_YEAR + timedelta(days=days), max(1, received * cost // 100 * weight // total)) for days, weight in parts
    ]
    some = flows(received, NEW_YEAR, payments)
    expected = pyxirr.xirr([flow.on for flow in some], [float(flow.amount_paise) for flow in some])
    assume(expected is not None and -0.99 < expected < 1000)
    assert expected is not None
    rate = apr(some, convention=XIRR)
    assert float(rate) / 100 == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(st.integers(10_000, 10**13), st.decimals(0, 60, places=2), st.integers(1, 120), st.integers(0, 10))
@settings(max_examples=40, deadline=None)
def test_fees_only_ever_raise_the_rate(amount: int, rate: Decimal, count: int, fee_percent: int) -> None:
    terms = ScheduleTerms(amount_paise=amount, annual_rate_percent=rate, instalments=count, disbursed_on=NEW_YEAR)
    schedule = build_schedule(terms)
    fees = (Fee(name="processing", amount_paise=amount * fee_percent // 100, paid=FeePaid.DEDUCTED),)
    facts = key_facts(terms, schedule, fees=fees)
    assert facts.apr_percent >= rate if fee_percent else facts.apr_percent == rate
    assert facts.apr_effective_percent >= facts.apr_percent - Decimal("0.5")
