"""Billing, with exact figures (docs/business-rules.md, billing)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.billing.cycles import Bill, catch_up
from app.domain.billing.demands import minimum_due_paise
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import LoanStatus, PlanReason, Position
from app.domain.payments.payments import next_due
from app.domain.products.products import LateCharge, Product
from app.domain.products.seeded import (
    CREDIT_CARD,
    CREDIT_CARD_LOAN,
    PERSONAL_LOAN,
    PERSONAL_LOAN_1,
    SEEDED_LOANS,
    STANDARD_LOAN,
)
from app.domain.schedules.interest import InterestBasis
from tests.domain.made_loans import assert_books_balance, make_loan, pay, pay_due

NEW_YEAR = date(2025, 1, 1)


def card_loan() -> Position:
    """50,000 at 10.5 % over 12 x 30 days: d = 0.029 % a day, EMI 4,406.04."""
    return make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)


def figures(bill: Bill) -> tuple[date, date, int, int, int, int, int]:
    return (
        bill.billed_on,
        bill.due_on,
        bill.interest_paise,
        bill.principal_due_paise,
        bill.past_due_paise,
        bill.total_due_paise,
        bill.minimum_due_paise,
    )


def test_nothing_is_billed_before_its_day() -> None:
    loan = card_loan()
    billing = catch_up(loan, through=date(2025, 1, 30))
    assert (billing.bills, billing.decision.transfers, billing.decision.states) == ([], [], {})
    assert billing.decision.position == loan


def test_the_first_bill_of_a_card_loan() -> None:
    bills = catch_up(card_loan(), through=date(2025, 1, 31)).bills
    # 30 days x 50,000 x 0.029 % = 435.00; 3 % of 50,000 + 435.00 = 1,935.00; due 15 days later.
    assert [figures(bill) for bill in bills] == [
        (date(2025, 1, 31), date(2025, 2, 15), 435_00, 3_971_04, 0, 4_406_04, 1_935_00)
    ]


def test_the_first_bill_of_a_credit_card() -> None:
    card = make_loan(CREDIT_CARD, amount=5_000, rate="14", instalments=12, on=date(2025, 1, 31))
    assert card.emi_paise == 448_94
    # February has no 31st, so this instalment is on the 28th. The next one is on the 31st again.
    bills = catch_up(card, through=date(2025, 3, 31)).bills
    assert figures(bills[0]) == (date(2025, 2, 28), date(2025, 3, 15), 58_33, 390_61, 0, 448_94, 208_33)
    assert bills[1].billed_on == date(2025, 3, 31)


def test_a_flat_loan_of_the_first_version_bills_its_plan_in_whole_rupees() -> None:
    loan = make_loan(PERSONAL_LOAN_1, amount=500_000, rate="8.8", instalments=24, on=date(2025, 3, 20))
    bills = catch_up(loan, through=date(2027, 3, 5)).bills
    assert len(bills) == 24
    assert {(bill.principal_due_paise, bill.interest_paise) for bill in bills[:23]} == {(20_833_00, 3_667_00)}
    assert (bills[23].principal_due_paise, bills[23].interest_paise) == (20_841_00, 3_659_00)
    assert bills[0].billed_on == bills[0].due_on == date(2025, 4, 5)
    assert bills[0].minimum_due_paise == 24_500_00


def test_a_flat_loans_short_first_period_is_billed_by_its_days() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24, on=date(2025, 3, 20))
    assert loan.emi_paise == 24_500_00
    assert accrued_paise(loan, on=date(2025, 3, 21)) == 120_55
    bills = catch_up(loan, through=date(2027, 3, 5)).bills
    # 5,00,000 x 8.8 % x 16 / 365, then 3,667 for each whole month; the last row brings the total to 84,333.33.
    assert [(bill.principal_due_paise, bill.interest_paise) for bill in bills] == [
        (20_833_00, 1_928_77),
        *[(20_833_00, 3_667_00)] * 22,
        (20_841_00, 3_659_33),
    ]
    assert bills[0].billed_on == date(2025, 4, 5)


def test_past_dues_are_shown_once_and_never_posted_again() -> None:
    loan = make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    billing = catch_up(loan, through=date(2025, 3, 1))
    first, second = billing.bills
    assert figures(first)[2:] == (1_416_67, 7_674_46, 0, 9_091_13, 9_091_13)
    # 192,325.54 x 8.5 % / 12 = 1,362.31
    assert figures(second)[2:] == (1_362_31, 7_728_82, 9_091_13, 18_182_26, 18_182_26)
    assert sum(transfer.amount_paise for transfer in billing.decision.transfers) == 1_416_67 + 1_362_31
    assert_books_balance(billing.decision.position)


def test_principal_above_the_minimum_returns_to_the_plan() -> None:
    billing = catch_up(card_loan(), through=date(2025, 2, 16))
    state = billing.decision.states[1]
    assert (state.unpaid_interest_paise, state.unpaid_principal_paise, state.returned_paise) == (
        435_00, 1_500_00, 2_471_04,
    )  # fmt: skip
    (plan,) = billing.decision.plans
    assert (plan.version, plan.made_on, plan.reason) == (2, date(2025, 2, 16), PlanReason.RETURNED)
    # 48,500.00 are planned over 11 instalments: principal that was billed and not paid is planned again.
    assert sum(plan.plan.principal_paise) == 48_500_00
    assert plan.emi_paise > 4_406_04
    assert_books_balance(billing.decision.position)


def test_a_paid_minimum_leaves_no_past_due() -> None:
    loan = pay_due(
        catch_up(card_loan(), through=date(2025, 1, 31)).decision.position, on=date(2025, 2, 1), amount=1_935_00
    )
    billing = catch_up(loan, through=date(2025, 3, 2))
    assert billing.decision.states[1].settled_on == date(2025, 2, 16)
    (bill,) = billing.bills
    # Interest: one day on 50,000.00, then 29 days on 48,500.00, at 0.029 % a day = 14.50 + 407.885 = 422.39.
    assert (bill.past_due_paise, bill.interest_paise) == (0, 422_39)


def test_an_exact_product_only_shows_the_minimum() -> None:
    card = make_loan(CREDIT_CARD, amount=5_000, rate="14", instalments=12, on=NEW_YEAR)
    billing = catch_up(card, through=date(2025, 3, 1))
    assert billing.decision.plans == []
    assert billing.bills[1].past_due_paise == 448_94


@pytest.mark.parametrize("product", [CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN])
def test_a_week_of_downtime_ends_with_the_same_bills_as_daily_runs(product: object) -> None:
    start = make_loan(product, amount=None, rate="10.5", instalments=12, on=date(2025, 1, 31))  # type: ignore[arg-type]
    end = date(2026, 6, 30)
    late, daily = catch_up(start, through=end), start
    daily_bills: list[Bill] = []
    day = start.disbursed_on
    while day < end:
        day += timedelta(days=1)
        billing = catch_up(daily, through=day)
        daily, daily_bills = billing.decision.position, [*daily_bills, *billing.bills]
    assert [bill._replace(booked_on=end) for bill in daily_bills] == list(late.bills)
    assert daily == late.decision.position


@given(data=st.data(), product=st.sampled_from(SEEDED_LOANS), rate=st.sampled_from(["0", "8.5", "10.5", "24"]))
@settings(max_examples=60, deadline=None)
def test_the_days_of_the_runs_do_not_change_the_bills(data: st.DataObject, product: Product, rate: str) -> None:
    """With the same payments, a run on some days and a run on every day give the same bills and transfers."""
    start = make_loan(product, amount=None, rate=rate, instalments=6, on=date(2025, 1, 31))
    end = start.disbursed_on + timedelta(days=data.draw(st.integers(150, 260)))
    days = st.dates(start.disbursed_on + timedelta(days=1), end)
    paid_on = sorted(data.draw(st.sets(days, max_size=4)))
    some_days = sorted(data.draw(st.sets(days, max_size=8)) | {end})
    every_day = [start.disbursed_on + timedelta(days=n + 1) for n in range((end - start.disbursed_on).days)]
    assert run_through(start, runs=some_days, paid_on=paid_on) == run_through(start, runs=every_day, paid_on=paid_on)


def run_through(
    position: Position, *, runs: list[date], paid_on: list[date]
) -> tuple[Position, list[Bill], list[Transfer]]:
    """The position after runs and payments on given days, and all rows without their booking dates.

    A payment is the amount of the open bills, or, when there are none, a small advance.
    """
    bills: list[Bill] = []
    transfers: list[Transfer] = []
    for day in sorted({*runs, *paid_on}):
        billing = catch_up(position, through=day)
        position = billing.decision.position
        bills += [bill._replace(booked_on=NEW_YEAR) for bill in billing.bills]
        transfers += [one._replace(booked_on=NEW_YEAR) for one in billing.decision.transfers]
        if day in paid_on and position.status is LoanStatus.ACTIVE and (due := next_due(position)):
            paid = pay(position, amount=due.amount_paise, on=day, number=day.toordinal()).decision
            position = paid.position
            transfers += [one._replace(booked_on=NEW_YEAR) for one in paid.transfers]
        assert_books_balance(position)
    return position, bills, transfers


def test_the_last_planned_cycle_demands_everything() -> None:
    loan = card_loan()
    billing = catch_up(loan, through=date(2025, 12, 27))
    last = billing.bills[-1]
    position = billing.decision.position
    assert last.cycle == 12
    assert last.minimum_due_paise == last.total_due_paise
    assert position.undemanded_principal_paise == 0


def test_principal_unpaid_beyond_the_plan_bears_interest_that_is_billed() -> None:
    loan = make_loan(CREDIT_CARD_LOAN, amount=1_000, rate="12", instalments=1, on=NEW_YEAR)
    bills = catch_up(loan, through=date(2025, 3, 2)).bills
    # d = round(12 / 365, 3) = 0.033 %; 1,000 x 0.033 % x 30 = 9.90 in each cycle.
    assert [(bill.cycle, bill.interest_paise, bill.principal_due_paise) for bill in bills] == [
        (1, 9_90, 1_000_00), (2, 9_90, 0),
    ]  # fmt: skip


def test_a_second_run_changes_nothing() -> None:
    once = catch_up(card_loan(), through=date(2025, 6, 30)).decision.position
    again = catch_up(once, through=date(2025, 6, 30))
    assert (again.bills, again.decision.transfers, again.decision.plans) == ([], [], [])
    assert again.decision.position == once


def test_a_loan_paid_bill_by_bill_closes_to_the_paisa() -> None:
    loan, paid = card_loan(), 0
    day = NEW_YEAR
    while loan.status is LoanStatus.ACTIVE:
        day += timedelta(days=1)
        loan = catch_up(loan, through=day).decision.position
        if loan.open_bills:
            paid += loan.open_bills[0].unpaid_paise
            loan = pay_due(loan, on=day)
    # When it is paid on each billing date, the loan costs less than planned: interest follows the real balance.
    assert (day, paid, loan.principal_paise) == (date(2025, 12, 27), 50_000_00 + 2_872_38, 0)


@pytest.mark.parametrize(
    "principal, interest, demand, percent, expected",
    [
        (50_000_00, 435_00, 4_406_04, "3", 1_935_00),
        (5_000_00, 58_33, 448_94, "3", 208_33),
        (1, 0, 1, "3", 1),
        (33_34, 1, 5_00, "3", 1_02),
        (50_000_00, 435_00, 1_000_00, "3", 1_000_00),
        (50_000_00, 435_00, 4_406_04, None, 4_406_04),
        (100_00, 10_00, 50_00, "0", 10_00),
    ],
)
def test_minimum_due(principal: int, interest: int, demand: int, percent: str | None, expected: int) -> None:
    rate = None if percent is None else Decimal(percent)
    due = minimum_due_paise(principal, interest_paise=interest, demand_paise=demand, minimum_percent=rate)
    assert due == expected


LATE = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))


def test_a_late_charge_is_posted_once_with_its_tax_and_bears_no_interest() -> None:
    product = replace(CREDIT_CARD_LOAN, repayment=replace(CREDIT_CARD_LOAN.repayment, late_charge=LATE))
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    billing = catch_up(loan, through=date(2025, 3, 2))
    charged = [transfer for transfer in billing.decision.transfers if transfer.kind is Kind.CHARGE]
    assert [(one.credit, one.amount_paise, one.value_date, one.cycle) for one in charged] == [
        (Account.CHARGE_INCOME, 500_00, date(2025, 2, 16), 1),
        (Account.GST_PAYABLE, 90_00, date(2025, 2, 16), 1),
    ]
    second = billing.bills[1]
    # The minimum of 1,935.00 and the charge of 590.00 are past due; interest is still on 50,000.00 only.
    assert (second.past_due_paise, second.interest_paise) == (1_935_00 + 590_00, 435_00)
    paid = pay_due(billing.decision.position, on=date(2025, 3, 2), amount=600_00)
    assert paid.charges_paise == 0
    assert paid.open_bills[0].unpaid_interest_paise == 435_00 - 10_00


def test_a_bill_paid_in_time_costs_no_late_charge() -> None:
    product = replace(CREDIT_CARD_LOAN, repayment=replace(CREDIT_CARD_LOAN.repayment, late_charge=LATE))
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    billed = catch_up(loan, through=date(2025, 2, 15)).decision.position
    minimum = pay_due(billed, on=date(2025, 2, 15), amount=1_935_00)
    assert catch_up(minimum, through=date(2025, 2, 16)).decision.position.charges_paise == 0


@given(
    amount=st.integers(500_00, 50_000_00),
    rate=st.sampled_from(["1", "10.5", "24", "36", "48"]),
    instalments=st.integers(2, 60),
    percent=st.sampled_from(["0", "1", "3", "5"]),
    basis=st.sampled_from(list(InterestBasis)),
)
@settings(max_examples=60, deadline=None)
def test_paying_the_minimum_never_lets_the_principal_grow(
    amount: int, rate: str, instalments: int, percent: str, basis: InterestBasis
) -> None:
    terms = replace(CREDIT_CARD_LOAN.repayment, minimum_percent=Decimal(percent), interest_basis=basis)
    loan = make_loan(
        replace(CREDIT_CARD_LOAN, repayment=terms),
        amount=amount // 100,
        rate=rate,
        instalments=instalments,
        on=NEW_YEAR,
    )
    principal, day = loan.principal_paise, loan.next_billing_on
    while day is not None:
        billing = catch_up(loan, through=day)
        loan = billing.decision.position
        if billing.bills and loan.status is LoanStatus.ACTIVE and billing.bills[-1].minimum_due_paise:
            loan = pay_due(loan, on=day, amount=billing.bills[-1].minimum_due_paise)
        assert loan.principal_paise <= principal
        principal, day = loan.principal_paise, loan.next_billing_on
    assert (loan.status, loan.principal_paise) == (LoanStatus.CLOSED, 0)
