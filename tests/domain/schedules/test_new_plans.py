"""A new plan for an existing loan: its instalment, and the interest of a short first period."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.billing.cycles import catch_up
from app.domain.lending.due_rules import contract_terms
from app.domain.lending.loans import accrued_paise, make_plan
from app.domain.lending.positions import LoanStatus, PlanReason, Position
from app.domain.money import Rounding, RoundingMode
from app.domain.offers.quotes import quote
from app.domain.payments.histories import History
from app.domain.payments.payments import TreatAs, next_due, payoff
from app.domain.products.products import Product, Replan
from app.domain.products.seeded import PERSONAL_LOAN, PERSONAL_LOAN_1, STANDARD_LOAN
from app.domain.reporting.explanations import explain_interest
from app.domain.reporting.simulations import outlook, simulate_prepayment, simulate_rate
from app.domain.schedules.building import build_schedule
from app.domain.schedules.terms import (
    Amortisation,
    AmountInvalid,
    Disbursal,
    Moratorium,
    MoratoriumInterest,
    MoratoriumOf,
    OddFirstPeriod,
    ScheduleTerms,
)
from tests.domain.made_loans import make_loan, pay, pay_due

FEBRUARY = date(2025, 2, 1)
OCTOBER = date(2026, 10, 31)


def product_with(**terms: object) -> Product:
    return replace(STANDARD_LOAN, repayment=replace(STANDARD_LOAN.repayment, **terms))  # type: ignore[arg-type]


def amounts(position: Position) -> list[int]:
    plan = position.plan
    return [principal + interest for principal, interest in zip(plan.principal_paise, plan.interest_paise, strict=True)]


def prepaid(product: Product = STANDARD_LOAN) -> Position:
    """1,00,000 at 24 % over 24 months; 95,000 are prepaid after 25 of the 28 days of February."""
    loan = make_loan(product, amount=100_000, rate="24", instalments=24, on=FEBRUARY)
    return pay(loan, amount=95_000_00, on=date(2025, 2, 26), treat_as=TreatAs.SMALLER_EMI).decision.position


def test_accrued_interest_above_the_instalment_is_paid_and_the_rest_is_level() -> None:
    loan = prepaid()
    assert amounts(loan) == [1796_43, *[273_34] * 22, 273_35]
    assert loan.emi_paise == 273_34
    assert (outlook(loan).emi_paise, outlook(loan).instalments) == (273_34, 24)


def test_the_bills_are_the_ones_shown() -> None:
    loan = prepaid()
    shown = amounts(loan)
    billed = []
    while loan.status is LoanStatus.ACTIVE:
        assert loan.next_billing_on is not None
        on = loan.next_billing_on
        loan = catch_up(loan, through=on).decision.position
        due = next_due(loan)
        assert due is not None
        billed.append(due.amount_paise)
        loan = pay_due(loan, on=on)
    assert billed == shown


def test_an_earlier_end_keeps_the_instalment_and_not_the_first_row() -> None:
    loan = prepaid()
    kept = pay(loan, amount=500_00, on=date(2025, 2, 26), number=2, treat_as=TreatAs.EARLIER_END).decision
    assert kept.position.emi_paise == kept.plans[-1].emi_paise == 273_34
    rows = amounts(kept.position)
    # 25 of 28 days on 1,00,000 and three on 4,500, rounded once.
    assert rows[0] == 1795_36
    assert set(rows[1:-1]) == {273_34}
    assert 0 < rows[-1] <= 273_34
    assert sum(kept.position.plan.principal_paise) == 4_500_00


def test_a_flat_plan_that_ends_earlier_asks_for_all_of_its_interest() -> None:
    """1,200 at flat 12 %: instalments of 112.00. After 89.00 are prepaid on day 10, the interest of 12 rows is 133.72.
    Eleven rows could repay all of the principal; the loan would end with them, and the 12.32 of the last would be lost.
    """
    flat = replace(PERSONAL_LOAN, repayment=replace(PERSONAL_LOAN.repayment, due_day=None))
    loan = make_loan(flat, amount=1_200, rate="12", instalments=12, on=date(2024, 1, 1))
    assert (loan.emi_paise, sum(loan.plan.interest_paise)) == (112_00, 144_00)
    kept = pay(loan, amount=89_00, on=date(2024, 1, 11), treat_as=TreatAs.EARLIER_END).decision.position
    assert kept.plan.principal_paise == [*[101_00] * 10, 100_99, 1]
    assert kept.plan.interest_paise == [11_40, *[11_00] * 10, 12_32]
    ahead = outlook(kept)
    assert (ahead.instalments, ahead.interest_paise) == (12, 133_72)


def test_both_choices_of_a_prepayment_show_the_instalment() -> None:
    offered = simulate_prepayment(prepaid(), amount_paise=500_00, on=date(2025, 2, 26))
    emi = {treat_as: outlook(outcome.decision.position).emi_paise for treat_as, outcome in offered.items()}
    assert emi == {Replan.SMALLER_EMI: 246_01, Replan.EARLIER_END: 273_34}


@pytest.mark.parametrize(
    "method, emi",
    [
        # 5,000 / 24 with a month's interest on the balance after the first row; and the interest alone.
        (Amortisation.EQUAL_PRINCIPAL, 208_33 + 95_83),
        (Amortisation.INTEREST_ONLY, 100_00),
    ],
)
def test_accrued_interest_is_no_part_of_the_instalment(method: Amortisation, emi: int) -> None:
    loan = prepaid(product_with(amortisation=method))
    assert loan.plan.interest_paise[0] == 1796_43
    assert loan.emi_paise == emi


@pytest.mark.parametrize("method", list(Amortisation))
@pytest.mark.parametrize("treat_as", [TreatAs.EARLIER_END, TreatAs.SMALLER_EMI])
def test_a_prepayment_without_interest_is_taken(method: Amortisation, treat_as: TreatAs) -> None:
    product = product_with(amortisation=method, prepayment=Replan.EARLIER_END)
    loan = make_loan(product, amount=1_000, rate="0", instalments=12, on=FEBRUARY)
    after = pay(loan, amount=100_00, on=FEBRUARY + timedelta(days=5), treat_as=treat_as).decision.position
    assert sum(after.plan.principal_paise) == after.principal_paise == 900_00
    assert after.emi_paise == (0 if method is Amortisation.INTEREST_ONLY else after.plan.principal_paise[0])


def test_an_instalment_below_the_interest_is_kept_and_the_last_row_settles() -> None:
    loan = make_loan(STANDARD_LOAN, amount=100_000, rate="12", instalments=12, on=FEBRUARY)
    ahead = simulate_rate(loan, annual_rate_percent=Decimal(240), on=FEBRUARY)[Replan.EARLIER_END]
    assert (ahead.emi_paise, ahead.instalments) == (8884_88, 12)
    assert ahead.amount_paise == 12 * 20_000_00 + 100_000_00


# ---- a first period that is not a whole one


def test_a_first_period_of_five_days() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24, on=OCTOBER)
    assert loan.plan.due_on[:2] == [date(2026, 11, 5), date(2026, 12, 5)]
    assert loan.plan.interest_paise == [602_74, *[3_667_00] * 22, 3_659_33]
    assert loan.plan.principal_paise == [*[20_833_00] * 23, 20_841_00]
    assert loan.emi_paise == 24_500_00
    assert [accrued_paise(loan, on=OCTOBER + timedelta(days=days)) for days in (0, 1, 5)] == [0, 120_55, 602_74]
    assert payoff(loan, on=OCTOBER + timedelta(days=1)).total_paise == 500_120_55
    billing = catch_up(loan, through=date(2026, 11, 5))
    (bill,) = billing.bills
    assert (bill.interest_paise, bill.principal_due_paise) == (602_74, 20_833_00)
    history = History(transfers=billing.decision.transfers, bills=billing.bills, payments=[], replanned=[])
    (explained,) = explain_interest(
        billing.decision.position,
        history,
        from_on=OCTOBER,
        to_on=date(2026, 11, 5),
        today=date(2026, 11, 5),
    )
    assert (explained.rounded_paise, explained.billed_paise) == (602_74, 602_74)


@pytest.mark.parametrize(
    "on, first",
    [
        (date(2026, 11, 4), (date(2026, 12, 5), 3_787_21)),
        (date(2026, 11, 5), (date(2026, 12, 5), 3_667_00)),
        (date(2026, 11, 2), (date(2026, 12, 5), 4_028_31)),
    ],
)
def test_whole_periods_and_the_days_before_them(on: date, first: tuple[date, int]) -> None:
    """5,00,000 x 8.8 % x (1 / 12 + days / 365). A single whole period is as in source system 2."""
    loan = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24, on=on)
    assert (loan.plan.due_on[0], loan.plan.interest_paise[0]) == first
    assert set(loan.plan.interest_paise[1:-1]) == {3_667_00}


def test_a_single_instalment_is_its_whole_amount() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=1, on=OCTOBER)
    assert (amounts(loan), loan.emi_paise) == ([500_602_74], 500_602_74)


def test_the_first_version_is_planned_as_before() -> None:
    loan = make_loan(PERSONAL_LOAN_1, amount=500_000, rate="8.8", instalments=24, on=OCTOBER)
    assert PERSONAL_LOAN_1.repayment.odd_first_period is None
    assert amounts(loan) == [24_500_00] * 24
    assert payoff(loan, on=date(2026, 11, 4)).total_paise == 502_934_00


def test_a_short_first_period_keeps_its_own_interest_in_a_new_plan() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24, on=OCTOBER)
    halves = {
        treat_as: pay(loan, amount=250_000_00, on=date(2026, 11, 2), treat_as=treat_as).decision.position
        for treat_as in (TreatAs.SMALLER_EMI, TreatAs.EARLIER_END)
    }
    # Two days on 5,00,000 and three on 2,50,000: 241.10 + 180.82.
    smaller, earlier = halves[TreatAs.SMALLER_EMI], halves[TreatAs.EARLIER_END]
    assert smaller.plan.interest_paise == [421_92, *[1_833_00] * 22, 1_840_67]
    assert smaller.emi_paise == 12_250_00
    assert earlier.plan.interest_paise[0] == 421_92
    assert earlier.emi_paise == 24_500_00
    assert set(amounts(earlier)[1:10]) == {24_500_00}
    assert sum(earlier.plan.principal_paise) == 250_000_00


@given(
    st.sampled_from([PERSONAL_LOAN, PERSONAL_LOAN_1]),
    st.integers(10_000, 1_000_000),
    st.integers(1, 60),
    st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    st.decimals(0, 48, places=2),
)
@settings(max_examples=150, deadline=None)
def test_a_flat_loan_bills_what_its_plan_shows(
    product: Product, amount: int, count: int, on: date, rate: Decimal
) -> None:
    loan = make_loan(product, amount=amount, rate=str(rate), instalments=count, on=on)
    first, due_on = loan.plan.interest_paise[0], loan.plan.due_on[0]
    assert accrued_paise(loan, on=due_on) == first
    if product is PERSONAL_LOAN and (due_on - on).days < 28 and count > 1:
        exact = rate * amount * (due_on - on).days / 365
        assert abs(first - exact) <= Decimal("0.5")
    bills = catch_up(loan, through=loan.plan.due_on[-1]).bills
    assert [bill.interest_paise for bill in bills] == loan.plan.interest_paise
    assert [bill.principal_due_paise for bill in bills] == loan.plan.principal_paise


# ---- the key facts use the rows that are paid


def test_the_rate_of_an_offer_is_taken_from_the_rows_that_are_paid() -> None:
    loan = make_loan(STANDARD_LOAN, amount=100_000, rate="14", instalments=240, on=date(2026, 1, 1))
    terms = replace(contract_terms(loan), first_due_on=date(2026, 3, 1))
    # The present value of two months' interest at the end is a little less than that of a month's interest each month.
    assert quote(terms).nominal_percent == Decimal("13.997731")
    flat = replace(
        terms, amortisation=Amortisation.FLAT, odd_first_period=OddFirstPeriod.BY_DAYS, first_due_on=date(2026, 1, 6)
    )
    assert quote(flat).nominal_percent > 14


def test_the_instalment_of_a_plan_of_interest_only() -> None:
    loan = prepaid()
    plan = make_plan(
        loan, on=date(2025, 2, 26), principal_paise=0, accrued=(3, 2), reason=PlanReason.PREPAYMENT, emi_paise=None
    )
    assert (plan.emi_paise, plan.plan.principal_paise, plan.plan.interest_paise) == (2, [0], [2])


@pytest.mark.parametrize("rounding", [mode for mode in RoundingMode if mode is not RoundingMode.NONE])
@pytest.mark.parametrize(
    "amortisation, first, later",
    [
        (Amortisation.EQUAL_INSTALMENT, (0, 250_00), 10_695_62),
        (Amortisation.EQUAL_PRINCIPAL, (0, 250_00), 7_142_86),
        (Amortisation.INTEREST_ONLY, (0, 250_00), 0),
    ],
)
def test_the_balance_may_be_below_the_balloon_before_the_last_disbursal(
    amortisation: Amortisation, first: tuple[int, int], later: int, rounding: RoundingMode
) -> None:
    """1,00,000 with a balloon of 50,000; 25,000 are disbursed at once and the rest in June. Until then only interest is
    paid."""
    plan = build_schedule(
        ScheduleTerms(
            amount_paise=100_000_00,
            annual_rate_percent=Decimal(12),
            instalments=12,
            disbursed_on=date(2026, 1, 1),
            amortisation=amortisation,
            emi_rounding=Rounding(mode=rounding),
            balloon_paise=50_000_00,
            disbursals=(
                Disbursal(on=date(2026, 1, 1), amount_paise=25_000_00),
                Disbursal(on=date(2026, 6, 15), amount_paise=75_000_00),
            ),
        )
    )
    rows = [(row.principal_paise, row.interest_paise) for row in plan.instalments]
    assert (plan.emi_paise, rows[:5]) == (250_00, [first] * 5)
    assert abs(rows[5][0] - later) <= 1
    assert sum(principal for principal, _ in rows) == 100_000_00


def test_a_moratorium_that_grows_beyond_any_amount_is_refused() -> None:
    terms = ScheduleTerms(
        amount_paise=100_000_00,
        annual_rate_percent=Decimal(48),
        instalments=480,
        disbursed_on=date(2026, 1, 1),
        moratorium=Moratorium(instalments=479, of=MoratoriumOf.BOTH, interest=MoratoriumInterest.CAPITALISED),
    )
    with pytest.raises(AmountInvalid):
        build_schedule(terms)
