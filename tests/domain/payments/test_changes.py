"""Changes of a living loan, with exact figures. The loan is 200,000 at 8.5 % over 24 months, and one instalment of
9,091.13 is paid: 192,325.54 is left, over 23 instalments."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.billing.cycles import catch_up
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import Decision, Position
from app.domain.payments.changes import (
    Adjusts,
    BalanceWouldGrow,
    ChangeKind,
    ChangeNotPossible,
    DueDayUnchanged,
    EmiOfBoth,
    LoanChange,
    RateBelowZero,
    RateFollowsBenchmark,
    RateIsFixed,
    RateUnchanged,
    RestructureOfNothing,
    TenorTooLong,
    TopUpWithArrears,
    floating_rate,
    reset_rate,
)
from app.domain.payments.changing import decide_change
from app.domain.payments.payments import next_due, payoff
from app.domain.products.products import LateCharge
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.schedules.terms import (
    AmountInvalid,
    InstalmentsInvalid,
    Moratorium,
    MoratoriumInterest,
    MoratoriumOf,
    MoratoriumTooLong,
)
from tests.domain.made_loans import assert_books_balance, make_loan, pay, pay_due

NEW_YEAR, FIRST, TENTH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 2, 10)
RATE, RESTRUCTURE, DUE_DAY, TOP_UP = (
    ChangeKind.RATE_RESET, ChangeKind.RESTRUCTURE, ChangeKind.DUE_DAY, ChangeKind.TOP_UP,
)  # fmt: skip
DEFERRED = Moratorium(instalments=3, of=MoratoriumOf.BOTH, interest=MoratoriumInterest.CAPITALISED)


def loan(*, through: date = FIRST) -> Position:
    begun = make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    billed = catch_up(begun, through=FIRST).decision.position
    paid = pay(billed, amount=9_091_13, on=FIRST).decision.position
    return catch_up(paid, through=through).decision.position


def change(kind: ChangeKind, on: date = FIRST, **figures: Any) -> LoanChange:
    return LoanChange(number=9, kind=kind, made_on=on, booked_on=on, **figures)


def plan_of(decision: Decision) -> tuple[int, int, date, date]:
    """The EMI, the number of instalments, and the first and the last day."""
    assert_books_balance(decision.position)
    plan = decision.position.plan
    return decision.position.emi_paise, len(plan.due_on), plan.due_on[0], plan.due_on[-1]


MARCH, END = date(2025, 3, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    "rate, adjusts, emi, expected",
    [
        ("10.5", Adjusts.EMI, None, (9_268_02, 23, MARCH, END)),
        ("6", Adjusts.EMI, None, (8_872_87, 23, MARCH, END)),
        # The EMI stays: a higher rate takes one instalment more, and a lower one makes the last one smaller.
        ("10.5", Adjusts.TENOR, None, (9_091_13, 24, MARCH, date(2027, 2, 1))),
        ("6", Adjusts.TENOR, None, (9_091_13, 23, MARCH, END)),
        ("10.5", Adjusts.BOTH, 10_000_00, (10_000_00, 22, MARCH, date(2026, 12, 1))),
        ("6", Adjusts.BOTH, 10_000_00, (10_000_00, 21, MARCH, date(2026, 11, 1))),
        ("0", Adjusts.EMI, None, (8_361_98, 23, MARCH, END)),
    ],
)
def test_a_reset_gives_what_the_borrower_chose(
    rate: str, adjusts: Adjusts, emi: int | None, expected: tuple[int, int, date, date]
) -> None:
    before = loan()
    asked = change(RATE, annual_rate_percent=Decimal(rate), adjusts=adjusts, emi_paise=emi)
    decision = decide_change(before, asked)
    assert plan_of(decision) == expected
    assert (decision.position.rate_percent, before.rate_percent) == (Decimal(rate), Decimal("8.5"))
    assert not decision.transfers


@pytest.mark.parametrize("adjusts, emi", [(Adjusts.EMI, None), (Adjusts.TENOR, None), (Adjusts.BOTH, 10_000_00)])
@pytest.mark.parametrize("on", [FIRST, TENTH])
def test_a_reset_that_was_made_before_is_refused(adjusts: Adjusts, emi: int | None, on: date) -> None:
    """The same rate, day and choice. Another rate, another day and another choice are other resets."""
    asked = change(RATE, on, annual_rate_percent=Decimal(6), adjusts=adjusts, emi_paise=emi)
    once = decide_change(loan(through=on), asked).position
    kept = once.copy()
    with pytest.raises(RateUnchanged) as refused:
        decide_change(once, replace(asked, number=10))
    assert (refused.value.field, refused.value.details) == ("annual_rate", {"annual_rate_percent": Decimal(6)})
    assert once == kept
    other = replace(asked, number=10, annual_rate_percent=Decimal("6.5"))
    assert decide_change(once, other).position.rate_percent == Decimal("6.5")
    fewer = replace(asked, number=10, adjusts=Adjusts.BOTH, emi_paise=12_000_00)
    assert decide_change(once, fewer).position.emi_paise == 12_000_00
    later = decide_change(once, replace(asked, number=10, made_on=date(2025, 2, 11))).position
    assert [known.from_on for known in later.alterations.rates] == [on, date(2025, 2, 11)]  # type: ignore[union-attr]


def test_a_reset_within_a_cycle_counts_each_rate_for_its_days() -> None:
    # 14 of 28 days at 8.5 % and 14 at 10.5 %: 192,325.54 x 19 % / 24 = 1,522.58
    after = decide_change(loan(through=date(2025, 2, 15)), change(
        RATE, date(2025, 2, 15), annual_rate_percent=Decimal("10.5")
    )).position  # fmt: skip
    assert after.plan.interest_paise[0] == 1_522_58
    assert payoff(after, on=date(2025, 2, 15)).interest_accrued_paise == 681_15
    assert payoff(after, on=date(2025, 2, 22)).interest_accrued_paise == 1_101_87
    bill = catch_up(after, through=MARCH).bills[0]
    assert (bill.interest_paise, bill.interest_paise + bill.principal_due_paise) == (1_522_58, after.emi_paise)


def test_on_a_daily_basis_the_new_rate_counts_from_its_day() -> None:
    begun = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    after = decide_change(begun, change(RATE, date(2025, 1, 11), annual_rate_percent=Decimal(14))).position
    # Ten days at 0.029 % and twenty at 0.038 %.
    bill = catch_up(after, through=date(2025, 1, 31)).bills[0]
    assert bill.interest_paise == 145_00 + 380_00


@pytest.mark.parametrize(
    "rate, adjusts, emi, refusal, figures",
    [
        ("60", Adjusts.TENOR, None, BalanceWouldGrow, {"emi_paise": 9_091_13}),
        ("10.5", Adjusts.BOTH, 1_000_00, BalanceWouldGrow, {"emi_paise": 1_000_00}),
        ("10.5", Adjusts.BOTH, 2_000_00, TenorTooLong, {"most": 180}),
        ("10.5", Adjusts.BOTH, None, EmiOfBoth, {}),
        ("10.5", Adjusts.EMI, 9_000_00, EmiOfBoth, {}),
        ("-0.01", Adjusts.EMI, None, RateBelowZero, {"annual_rate_percent": Decimal("-0.01")}),
    ],
)
def test_a_balance_never_grows_by_a_reset(
    rate: str, adjusts: Adjusts, emi: int | None, refusal: type[DomainError], figures: dict[str, Any]
) -> None:
    before = loan()
    kept = before.copy()
    asked = change(RATE, annual_rate_percent=Decimal(rate), adjusts=adjusts, emi_paise=emi, most_instalments=180)
    with pytest.raises(refusal) as refused:
        decide_change(before, asked)
    assert figures.items() <= refused.value.details.items()
    assert before == kept


def test_a_floating_rate_is_the_benchmark_and_the_spread() -> None:
    assert floating_rate(Decimal("5.25"), spread_percent=Decimal("3.25")) == Decimal("8.50")
    with pytest.raises(RateBelowZero):
        floating_rate(Decimal("1.00"), spread_percent=Decimal("-1.01"))
    with pytest.raises(RateFollowsBenchmark):
        reset_rate(loan(), asked_percent=Decimal(8), benchmark_percent=Decimal(5))
    assert reset_rate(loan(), asked_percent=Decimal(8), benchmark_percent=None) == 8
    for raised in (Decimal(9), None):
        with pytest.raises(RateIsFixed):
            reset_rate(loan(), asked_percent=raised, benchmark_percent=None)


def test_a_moved_due_day_makes_the_cycle_longer_and_bears_the_interest_of_its_days() -> None:
    decision = decide_change(loan(through=TENTH), change(DUE_DAY, TENTH, due_day=15))
    assert plan_of(decision) == (9_120_01, 23, date(2025, 3, 15), date(2027, 1, 15))
    # One month, and 14 of the 31 days of the next: 1,362.31 x 45 / 31
    assert decision.position.plan.interest_paise[:2] == [1_977_54, 1_311_71]
    bill = catch_up(decision.position, through=date(2025, 3, 15)).bills[0]
    assert (bill.billed_on, bill.interest_paise) == (date(2025, 3, 15), 1_977_54)
    assert payoff(decision.position, on=date(2025, 3, 14)).interest_accrued_paise < 1_977_54


def test_an_earlier_day_of_the_month_is_one_of_the_next_month() -> None:
    on_20th = decide_change(loan(through=TENTH), change(DUE_DAY, TENTH, due_day=20)).position
    decision = decide_change(on_20th, change(DUE_DAY, TENTH, due_day=5))
    assert plan_of(decision)[2:] == (date(2025, 4, 5), date(2027, 2, 5))


@pytest.mark.parametrize("day", [1, None])
def test_a_due_day_that_is_no_other_is_refused(day: int | None) -> None:
    before = loan()
    kept = before.copy()
    with pytest.raises(DueDayUnchanged):
        decide_change(before, change(DUE_DAY, due_day=day))
    assert before == kept


def test_a_moratorium_of_both_adds_its_interest_to_the_principal() -> None:
    decision = decide_change(loan(), change(RESTRUCTURE, moratorium=DEFERRED))
    # 192,325.54 grows to 196,441.48 in three months, and is repaid by the 23 instalments that were left.
    assert plan_of(decision) == (9_285_69, 26, MARCH, date(2027, 4, 1))
    plan = decision.position.plan
    assert list(zip(plan.principal_paise[:4], plan.interest_paise[:4], strict=True)) == [
        (-1_362_31, 1_362_31), (-1_371_96, 1_371_96), (-1_381_67, 1_381_67), (7_894_23, 1_391_46),
    ]  # fmt: skip
    shown = [(bill.principal_paise, bill.interest_paise) for bill in bills_to_come(decision.position, on=FIRST)]
    position = decision.position
    for number, on in enumerate((MARCH, date(2025, 4, 1), date(2025, 5, 1))):
        billing = catch_up(position, through=on)
        position, (bill,) = billing.decision.position, billing.bills
        assert (bill.principal_due_paise, bill.interest_paise, bill.total_due_paise) == (*shown[number], 0)
        assert [(one.kind, one.debit, one.credit) for one in billing.decision.transfers] == [
            (Kind.INTEREST, Account.INTEREST, Account.INTEREST_INCOME),
            (Kind.CAPITALISED, Account.PRINCIPAL, Account.INTEREST),
        ]
        assert (position.open_bills, position.interest_paise) == ([], 0)
    assert position.principal_paise == 196_441_48


def test_a_moratorium_of_principal_asks_for_interest() -> None:
    wanted = Moratorium(instalments=3, of=MoratoriumOf.PRINCIPAL)
    decision = decide_change(loan(), change(RESTRUCTURE, moratorium=wanted))
    assert plan_of(decision) == (9_091_14, 26, MARCH, date(2027, 4, 1))
    assert decision.position.plan.principal_paise[:3] == [0, 0, 0]
    bill = catch_up(decision.position, through=MARCH).bills[0]
    assert (bill.interest_paise, bill.principal_due_paise) == (1_362_31, 0)


SIMPLE = replace(DEFERRED, interest=MoratoriumInterest.SIMPLE)
APRIL, MAY, JUNE = date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1)


def test_deferred_interest_stays_simple_and_falls_due_with_the_first_instalment_after_it() -> None:
    """192,325.54 x 8.5 % / 12 = 1,362.31 a month, three times: 4,086.93 in June, beside the instalment."""
    decision = decide_change(loan(), change(RESTRUCTURE, moratorium=SIMPLE))
    assert plan_of(decision) == (9_091_14, 26, MARCH, date(2027, 4, 1))
    plan = decision.position.plan
    assert list(zip(plan.principal_paise[:4], plan.interest_paise[:4], strict=True)) == [
        (0, 1_362_31), (0, 1_362_31), (0, 1_362_31), (7_728_83, 1_362_31),
    ]  # fmt: skip
    ahead = next_due(decision.position)
    assert ahead is not None
    assert (ahead.amount_paise, ahead.planned_on, ahead.due_on) == (1_362_31, MARCH, JUNE)
    position = decision.position
    for number, on in enumerate((MARCH, APRIL, MAY), start=1):
        billing = catch_up(position, through=on)
        position, (bill,) = billing.decision.position, billing.bills
        assert (bill.interest_paise, bill.principal_due_paise, bill.due_on) == (1_362_31, 0, JUNE)
        assert (position.principal_paise, position.interest_paise) == (192_325_54, number * 1_362_31)
        assert position.overdue_paise(on=date(2025, 5, 31)) == 0
        assert_books_balance(position)
    # What closes the loan has the deferred interest in it, and nothing on it.
    assert payoff(position, on=MAY).total_paise == 192_325_54 + 3 * 1_362_31
    position = catch_up(position, through=JUNE).decision.position
    assert [(bill.cycle, bill.due_on, bill.unpaid_paise) for bill in position.open_bills] == [
        (2, JUNE, 1_362_31), (3, JUNE, 1_362_31), (4, JUNE, 1_362_31), (5, JUNE, 9_091_14),
    ]  # fmt: skip
    paid = pay_due(position, on=JUNE, amount=3 * 1_362_31 + 9_091_14)
    assert (paid.open_bills, paid.interest_paise, paid.principal_paise) == ([], 0, 184_596_71)


@pytest.mark.parametrize(
    "interest, principal, emi, total",
    [
        # Both defer three months. Interest on interest costs 23 x (9,285.69 - 9,091.14) - 4,086.93 = 387.72 more.
        (MoratoriumInterest.SIMPLE, 192_325_54, 9_091_14, 4_086_93 + 23 * 9_091_14),
        (MoratoriumInterest.CAPITALISED, 196_441_48, 9_285_69, 23 * 9_285_69),
    ],
)
def test_what_each_way_of_deferring_costs(interest: MoratoriumInterest, principal: int, emi: int, total: int) -> None:
    position = decide_change(loan(), change(RESTRUCTURE, moratorium=replace(DEFERRED, interest=interest))).position
    ahead = list(bills_to_come(position, on=FIRST))
    assert position.emi_paise == emi
    # The last instalment settles what rounding has left.
    assert abs(sum(bill.amount_paise for bill in ahead) - total) <= 23
    assert catch_up(position, through=MAY).decision.position.principal_paise == principal


def test_deferred_interest_on_a_daily_basis_follows_the_balance() -> None:
    """50,000.00 x 0.029 % x 30 days = 435.00 a cycle; two of them wait for the third bill."""
    begun = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    wait = replace(SIMPLE, instalments=2)
    position = decide_change(begun, change(RESTRUCTURE, NEW_YEAR, moratorium=wait)).position
    billing = catch_up(position, through=date(2025, 4, 1))
    third = date(2025, 4, 1)
    assert [
        (bill.billed_on, bill.interest_paise, bill.principal_due_paise, bill.due_on) for bill in billing.bills[:2]
    ] == [
        (date(2025, 1, 31), 435_00, 0, date(2025, 4, 16)),
        (date(2025, 3, 2), 435_00, 0, date(2025, 4, 16)),
    ]
    assert (billing.bills[2].billed_on, billing.bills[2].interest_paise, billing.bills[2].due_on) == (
        third, 435_00, date(2025, 4, 16),
    )  # fmt: skip
    assert_books_balance(billing.decision.position)


def test_one_late_charge_for_what_fell_due_on_one_day() -> None:
    terms = replace(STANDARD_LOAN.repayment, late_charge=LateCharge(amount_paise=500_00, gst_percent=Decimal(0)))
    begun = make_loan(replace(STANDARD_LOAN, repayment=terms), amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    position = decide_change(begun, change(RESTRUCTURE, NEW_YEAR, moratorium=SIMPLE)).position
    late = catch_up(position, through=date(2025, 5, 2)).decision.position
    assert (len(late.open_bills), late.charges_paise) == (4, 500_00)


@pytest.mark.parametrize("of", MoratoriumOf)
def test_the_end_may_give_in_a_moratorium(of: MoratoriumOf) -> None:
    """At 4 % the 9,091.14 after three months without principal repay 192,325.54 in 22 instalments, not in 23. That the
    instalments of the moratorium repay nothing is agreed: the balance does not grow by the rate."""
    waits = decide_change(loan(), change(RESTRUCTURE, moratorium=replace(SIMPLE, of=of))).position
    lower = change(RATE, annual_rate_percent=Decimal(4), adjusts=Adjusts.TENOR)
    decision = decide_change(waits, lower)
    assert plan_of(decision) == (9_091_14, 25, MARCH, date(2027, 3, 1))
    plan = decision.position.plan
    assert list(zip(plan.principal_paise[:4], plan.interest_paise[:4], strict=True)) == [
        (0, 641_09), (0, 641_09), (0, 641_09), (8_450_05, 641_09),
    ]  # fmt: skip
    kept = waits.copy()
    with pytest.raises(BalanceWouldGrow):
        decide_change(waits, change(RATE, annual_rate_percent=Decimal(60), adjusts=Adjusts.TENOR))
    assert waits == kept


def test_a_moratorium_outlives_a_prepayment_within_it() -> None:
    deferred = decide_change(loan(), change(RESTRUCTURE, moratorium=DEFERRED)).position
    after = pay(deferred, amount=92_325_54, on=FIRST, number=2).decision.position
    assert after.plan.principal_paise[:3] == [-708_33, -713_35, -718_40]
    assert_books_balance(after)


def test_arrears_become_principal_that_is_planned_again() -> None:
    late = loan(through=date(2025, 4, 10))
    assert [(bill.unpaid_interest_paise, bill.unpaid_principal_paise) for bill in late.open_bills] == [
        (1_362_31, 7_728_82), (1_307_56, 7_783_57),
    ]  # fmt: skip
    decision = decide_change(late, change(RESTRUCTURE, date(2025, 4, 10), capitalises_arrears=True))
    after = decision.position
    assert plan_of(decision)[1:] == (21, date(2025, 5, 1), END)
    assert (after.open_bills, after.interest_paise) == ([], 0)
    assert after.principal_paise == 192_325_54 + 1_362_31 + 1_307_56
    assert [(one.debit, one.credit, one.amount_paise, one.cycle) for one in decision.transfers] == [
        (Account.PRINCIPAL, Account.INTEREST, 1_362_31, 2),
        (Account.PRINCIPAL, Account.INTEREST, 1_307_56, 3),
    ]
    assert {cycle: state.returned_paise for cycle, state in decision.states.items()} == {2: 7_728_82, 3: 7_783_57}


@pytest.mark.parametrize(
    "instalments, expected",
    [(None, (9_091_14, 23, MARCH, END)), (36, (6_071_24, 36, MARCH, date(2028, 2, 1)))],
)
def test_a_restructuring_spreads_the_rest(instalments: int | None, expected: tuple[int, int, date, date]) -> None:
    decision = decide_change(loan(), change(RESTRUCTURE, instalments=instalments, annual_rate_percent=Decimal("8.5")))
    assert plan_of(decision) == expected


@pytest.mark.parametrize(
    "figures, refusal",
    [
        ({}, RestructureOfNothing),
        ({"for_difficulty": True}, RestructureOfNothing),
        ({"instalments": 0}, InstalmentsInvalid),
        ({"instalments": 1201}, InstalmentsInvalid),
        ({"instalments": 3, "moratorium": DEFERRED}, MoratoriumTooLong),
        ({"moratorium": replace(DEFERRED, instalments=0)}, MoratoriumTooLong),
        ({"annual_rate_percent": Decimal(-1)}, RateBelowZero),
    ],
)
def test_a_restructuring_that_makes_no_sense_is_refused(figures: dict[str, Any], refusal: type[DomainError]) -> None:
    before = loan()
    kept = before.copy()
    with pytest.raises(refusal):
        decide_change(before, change(RESTRUCTURE, **figures))
    assert before == kept


def test_a_top_up_is_lent_on_the_loan() -> None:
    decision = decide_change(loan(through=TENTH), change(TOP_UP, TENTH, amount_paise=50_000_00))
    assert plan_of(decision) == (11_449_27, 23, MARCH, END)
    # Nine of 28 days on 192,325.54 and nineteen on 242,325.54.
    assert decision.position.plan.interest_paise[0] == 1_602_63
    (lent,) = decision.transfers
    assert (lent.kind, lent.debit, lent.credit, lent.amount_paise) == (
        Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 50_000_00,
    )  # fmt: skip
    assert (decision.position.lent_paise, decision.position.disbursed_paise) == (250_000_00, 200_000_00)


def test_nothing_more_is_lent_on_a_loan_in_arrears() -> None:
    late = loan(through=date(2025, 3, 10))
    kept = late.copy()
    with pytest.raises(TopUpWithArrears) as refused:
        decide_change(late, change(TOP_UP, date(2025, 3, 10), amount_paise=1_00))
    assert refused.value.details["overdue_paise"] == 9_091_13
    with pytest.raises(AmountInvalid):
        decide_change(loan(), change(TOP_UP))
    assert late == kept


@pytest.mark.parametrize("kind", ChangeKind)
def test_a_flat_loan_is_not_changed(kind: ChangeKind) -> None:
    flat = make_loan(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24, on=NEW_YEAR)
    with pytest.raises(ChangeNotPossible):
        decide_change(flat, change(kind, NEW_YEAR, annual_rate_percent=Decimal(8)))


def test_every_bill_after_a_change_is_paid_and_the_loan_ends() -> None:
    position = decide_change(loan(), change(RESTRUCTURE, moratorium=DEFERRED)).position
    position = decide_change(position, change(RATE, annual_rate_percent=Decimal("9.25"))).position
    while position.next_billing_on is not None and position.closed_on is None:
        on = position.next_billing_on
        position = catch_up(position, through=on).decision.position
        if position.open_bills:
            position = pay_due(position, on=on)
    assert (position.closed_on, position.principal_paise, position.interest_paise) == (date(2027, 4, 1), 0, 0)
