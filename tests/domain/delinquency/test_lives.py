"""Days past due derived from the lives of loans: stories with exact values, and random lives of any product."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.delinquency.changes import STANDARD_STATE, FacilityState, derive_changes, latest_states
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.explanations import explain, unpaid_instalments
from app.domain.delinquency.facilities import Facility, facility_of_loan, owed_paise
from app.domain.payments.payments import TreatAs
from app.domain.products.products import Component, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from tests.domain.payments.test_life_of_a_loan import LATE, TERMS
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.simulated_loan import SimulatedLoan

US = LenderKind.NBFC_MIDDLE
RULES = ClassRules(RULEBOOK, lender=US)
STANDARD, SMA_0, SMA_1 = AssetClass.STANDARD, AssetClass.SMA_0, AssetClass.SMA_1


def begin(
    terms: RepaymentTerms, *, on: date, amount: int = 1_20_000_00, rate: str = "12", count: int = 12
) -> SimulatedLoan:
    return SimulatedLoan.begin(
        Contract(
            product="",
            terms=terms,
            amount_paise=amount,
            annual_rate_percent=Decimal(rate),
            instalments=count,
            disbursed_on=on,
        )
    )


def act(loan: SimulatedLoan, kind: str, *, on: date, first: int = 0, value_date: date | None = None) -> None:
    back = (on - (value_date or on)).days
    loan.apply(Action((on - loan.contract.disbursed_on).days, kind, first, back))


def facility(loan: SimulatedLoan, *, through: date) -> Facility:
    return facility_of_loan(loan.books.position, loan.books.history, through=through).facility


def seen(loan: SimulatedLoan, on: date) -> tuple[AssetClass | None, int]:
    """The class and the days past due at a day-end, as known today."""
    state = state_of(loan, on)
    return state.asset_class, state.days_past_due(on)


def state_of(loan: SimulatedLoan, on: date) -> FacilityState:
    one = facility(loan, through=on)
    return latest_states(derive_changes([one], RULES, through=on), on=on).get(one.key, STANDARD_STATE)


STANDARD_TERMS = STANDARD_LOAN.repayment
EMI = 10_661_85
MADE = date(2026, 2, 28)
MARCH, APRIL = date(2026, 3, 28), date(2026, 4, 28)


def test_a_part_payment_leaves_the_instalment_unpaid() -> None:
    loan = begin(STANDARD_TERMS, on=MADE)
    act(loan, "pay", on=date(2026, 4, 1), first=EMI - 1)
    assert seen(loan, MARCH) == (SMA_0, 1)
    assert seen(loan, date(2026, 4, 1)) == (SMA_0, 5)
    act(loan, "pay", on=date(2026, 4, 2), first=1)
    assert seen(loan, date(2026, 4, 1)) == (SMA_0, 5)
    assert seen(loan, date(2026, 4, 2)) == (STANDARD, 0)


def test_a_payment_with_a_value_date_before_the_day_end_that_is_entered_after() -> None:
    loan = begin(STANDARD_TERMS, on=MADE)
    act(loan, "wait", on=date(2026, 3, 30))
    assert seen(loan, MARCH) == (SMA_0, 1)
    act(loan, "pay", on=date(2026, 3, 30), first=EMI, value_date=MARCH)
    assert seen(loan, MARCH) == (STANDARD, 0)
    # What was known before it was entered stays known as it was.
    known = loan.books.history.known_on(date(2026, 3, 29))
    before = facility_of_loan(loan.books.position, known, through=date(2026, 3, 29)).facility
    assert [arrear.cleared_on for arrear in before.arrears] == [None]


def test_a_payment_bounces_after_an_upgrade() -> None:
    loan = begin(STANDARD_TERMS, on=MADE)
    act(loan, "pay", on=date(2026, 7, 1), first=4 * EMI)
    failed = MARCH + timedelta(days=90)
    assert seen(loan, failed) == (AssetClass.SUB_STANDARD, 91)
    assert seen(loan, date(2026, 7, 1)) == (STANDARD, 0)
    act(loan, "reverse", on=date(2026, 7, 20), first=loan.books.payments[0].payment_id)
    assert seen(loan, date(2026, 7, 1)) == (AssetClass.SUB_STANDARD, 96)
    assert seen(loan, date(2026, 7, 20)) == (AssetClass.SUB_STANDARD, 115)
    assert state_of(loan, date(2026, 7, 20)).non_performing_since == failed


def test_paying_only_the_minimum_is_past_due_until_the_rest_goes_back_to_the_plan() -> None:
    """The instalment is what is due, never only the minimum. At the close of the bill the contract plans the rest anew,
    and nothing of the bill is due any more."""
    loan = begin(CREDIT_CARD_LOAN.repayment, on=date(2025, 1, 1), amount=50_000_00, rate="10.5")
    due = date(2025, 1, 31) + timedelta(days=15)
    act(loan, "pay", on=due, first=1_935_00)
    act(loan, "wait", on=due + timedelta(days=1))
    assert seen(loan, due) == (SMA_0, 1)
    assert seen(loan, due + timedelta(days=1)) == (STANDARD, 0)


def test_a_charge_alone_makes_nothing_past_due() -> None:
    order = (Component.PRINCIPAL, Component.INTEREST, Component.CHARGES)
    loan = begin(replace(STANDARD_TERMS, late_charge=LATE, payment_order=order), on=MADE)
    act(loan, "pay", on=date(2026, 4, 10), first=EMI)
    state = loan.books.position.open_bills[0]
    assert (owed_paise(state), state.unpaid_charges_paise) == (0, 590_00)
    assert seen(loan, date(2026, 4, 9)) == (SMA_0, 13)
    assert seen(loan, date(2026, 4, 10)) == (STANDARD, 0)


def test_thirty_four_days_are_explained() -> None:
    loan = begin(STANDARD_TERMS, on=MADE)
    on = date(2026, 4, 30)
    act(loan, "wait", on=on)
    known = facility_of_loan(loan.books.position, loan.books.history, through=on)
    state = state_of(loan, on)
    reasons = explain(
        known.facility.key, state, unpaid_instalments(known.replayed.states, on=on), on=on, rulebook=RULEBOOK, lender=US
    )
    assert reasons.sentences == (
        "instalment 1 fell due on 2026-03-28, and ₹10,661.85 of it is unpaid",
        "the due date is the first day past due: 2026-03-28 to 2026-04-30, both included, is 34 days",
        "2 instalments are unpaid, ₹21,323.70 in all; the oldest counts",
        "more days past due than this are SMA-1: 30 days (DOR.STR.REC.68/21.04.048/2021-22)",
    )


# --- random lives ---

STEPS = st.tuples(
    st.integers(0, 40),
    st.sampled_from(["wait", "pay", "pay", "pay", "backdated", "waive", "reverse", "write_off"]),
    st.integers(1, 3 * EMI),
    st.integers(0, 60),
)
EXACT = [CREDIT_CARD.repayment, PERSONAL_LOAN.repayment]


def apply(loan: SimulatedLoan, kind: str, amount: int, back: int) -> None:
    day = loan.day
    payments = loan.books.payments
    if kind == "backdated":
        loan.apply(Action(day, "pay", amount, min(back, day)))
    elif kind == "reverse" and payments:
        loan.apply(Action(day, "reverse", payments[back % len(payments)].payment_id))
    elif kind == "waive":
        loan.apply(Action(day, "waive", max(loan.books.position.interest_paise, 0) // 2))
    elif kind == "pay":
        loan.apply(Action(day, "pay", amount, 0, TreatAs.INSTALMENT))
    elif kind == "write_off" and back > 50:
        loan.apply(Action(day, "write_off"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([*TERMS, *EXACT]), st.lists(STEPS, max_size=14))
def test_the_arrears_of_today_are_those_of_the_open_bills(
    terms: RepaymentTerms, steps: list[tuple[int, str, int, int]]
) -> None:
    """Whatever was paid, backdated, reversed or given up: the life lived again owes what the books owe."""
    loan = begin(terms, on=date(2023, 12, 31), count=6)
    for days, kind, amount, back in steps:
        loan.apply(Action(loan.day + days, "wait"))
        apply(loan, kind, amount, back)
        open_now = [
            (bill.cycle, bill.due_on)
            for bill in loan.books.position.open_bills
            if bill.due_on <= loan.today and owed_paise(bill) > 0
        ]
        derived = facility(loan, through=loan.today)
        if derived.lost_on is None:
            unpaid = [(one.cycle, one.due_on) for one in derived.arrears if one.is_unpaid(loan.today)]
            assert unpaid == sorted(open_now, key=lambda one: (one[1], one[0]))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(TERMS), st.lists(STEPS, max_size=8))
def test_days_past_due_seen_day_by_day_are_those_derived_at_once(
    terms: RepaymentTerms, steps: list[tuple[int, str, int, int]]
) -> None:
    """Without a correction, what each day-end saw in the books is what the life gives at its end."""
    loan = begin(terms, on=date(2023, 12, 31), count=4)
    seen_at: dict[date, date | None] = {}
    for days, kind, amount, back in steps:
        for _ in range(days):
            loan.apply(Action(loan.day + 1, "wait"))
            seen_at[loan.today] = oldest_open(loan)
        if kind in ("pay", "waive"):
            apply(loan, kind, amount, back)
            seen_at[loan.today] = oldest_open(loan)
    derived = facility(loan, through=loan.today)
    for day, oldest in seen_at.items():
        found = derived.oldest_unpaid(day)
        assert (found and found.due_on) == oldest, day


def oldest_open(loan: SimulatedLoan) -> date | None:
    due = [bill.due_on for bill in loan.books.position.open_bills if bill.due_on <= loan.today and owed_paise(bill) > 0]
    return min(due, default=None)


@pytest.mark.parametrize(
    "product", [CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN], ids=lambda one: one.code
)
def test_an_unpaid_loan_of_each_product_fails_on_its_91st_day(product: object) -> None:
    terms = product.repayment  # type: ignore[attr-defined]
    loan = begin(terms, on=date(2026, 1, 15), amount=5_000_00, rate="14")
    act(loan, "wait", on=date(2026, 9, 30))
    first = facility(loan, through=loan.today).arrears[0]
    fails = first.due_on + timedelta(days=90)
    assert seen(loan, fails - timedelta(days=1)) == (AssetClass.SMA_2, 90)
    assert seen(loan, fails) == (AssetClass.SUB_STANDARD, 91)
