"""Payments, with exact figures (docs/business-rules.md, payments). A refusal must change nothing."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import LoanStatus, PlanReason, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.amounts import AmountBeyondPayoff, AmountNotExact
from app.domain.payments.payments import (
    AmountNotPositive,
    EarlierInstalmentUnpaid,
    InstalmentPaid,
    InstalmentUnknown,
    LoanNotActive,
    PaymentOrder,
    ReferenceRequired,
    ReplanNotOffered,
    TreatAs,
    ValueDateBeforeDisbursal,
    ValueDateInFuture,
    next_due,
    payoff,
)
from app.domain.products.products import PaymentPolicy
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, PERSONAL_LOAN_1, STANDARD_LOAN
from tests.domain.made_loans import assert_books_balance, make_loan, pay, pay_due

NEW_YEAR = date(2025, 1, 1)


def standard_loan() -> Position:
    """200,000 at 8.5 % over 24 months: EMI 9,091.13, first interest 1,416.67."""
    return make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)


def billed_card_loan() -> Position:
    """50,000 at 10.5 %, its first bill of 4,406.04 (435.00 interest) raised on 31 January."""
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    return catch_up(loan, through=date(2025, 1, 31)).decision.position


def test_a_bill_is_paid_interest_first() -> None:
    outcome = pay(billed_card_loan(), amount=500_00, on=date(2025, 2, 5))
    assert (outcome.interest_paise, outcome.principal_paise, outcome.advance_paise) == (435_00, 65_00, 0)
    assert outcome.next_due is not None
    assert outcome.next_due.amount_paise == 3_906_04
    assert_books_balance(outcome.decision.position)


def test_money_beyond_the_bill_is_an_advance_up_to_the_next_instalment() -> None:
    outcome = pay(billed_card_loan(), amount=5_000_00, on=date(2025, 2, 5))
    assert (outcome.interest_paise, outcome.principal_paise, outcome.advance_paise) == (435_00, 3_971_04, 593_96)
    after = catch_up(outcome.decision.position, through=date(2025, 3, 2))
    (bill,) = after.bills
    # 5 days on 50,000.00, then 25 days on 45,435.00 (principal less advance), at 0.029 % = 72.50 + 329.40375.
    assert bill.interest_paise == 401_90
    assert after.decision.states[2].unpaid_paise == 4_406_04 - 593_96
    assert [(t.kind, t.debit, t.credit, t.amount_paise) for t in after.decision.transfers[1:]] == [
        (Kind.ADVANCE_USED, Account.ADVANCE, Account.INTEREST, 401_90),
        (Kind.ADVANCE_USED, Account.ADVANCE, Account.PRINCIPAL, 192_06),
    ]
    assert_books_balance(after.decision.position)


def test_an_instalment_paid_in_advance_is_settled_when_it_is_billed() -> None:
    paid = pay_due(standard_loan(), on=date(2025, 1, 20))
    assert (paid.advance_paise, next_due(paid).instalment) == (9_091_13, 2)  # type: ignore[union-attr]
    billed = catch_up(paid, through=date(2025, 2, 1))
    assert billed.decision.states[1].settled_on == date(2025, 2, 1)
    assert billed.decision.position.open_bills == []
    assert billed.decision.position.principal_paise == 200_000_00 - 7_674_46


def test_money_beyond_the_next_instalment_prepays_and_replans() -> None:
    """The advance is the instalment of the new plan after the prepayment: 147,618.99 at 8.5 % over 24 months."""
    outcome = pay(standard_loan(), amount=59_091_13, on=date(2025, 1, 1))
    position = outcome.decision.position
    assert (outcome.advance_paise, outcome.principal_paise) == (6_710_12, 52_381_01)
    (plan,) = outcome.decision.plans
    assert (plan.version, plan.reason, plan.first_planned) == (2, PlanReason.PREPAYMENT, 1)
    assert (plan.emi_paise, sum(plan.plan.principal_paise), len(plan.plan.due_on)) == (6_710_12, 147_618_99, 24)
    assert position.principal_paise == 147_618_99
    assert_books_balance(position)


def test_a_prepayment_may_keep_the_instalment_and_end_earlier() -> None:
    outcome = pay(standard_loan(), amount=50_000_00, on=date(2025, 1, 1), treat_as=TreatAs.EARLIER_END)
    (plan,) = outcome.decision.plans
    assert (outcome.advance_paise, outcome.principal_paise, plan.emi_paise) == (0, 50_000_00, 9_091_13)
    # 150,000 at 8.5 % in instalments of 9,091.13 take 18 months.
    assert len(plan.plan.due_on) == 18
    assert sum(plan.plan.principal_paise) == 150_000_00


def test_a_prepayment_in_the_middle_of_a_month_costs_interest_on_both_balances() -> None:
    outcome = pay(standard_loan(), amount=50_000_00, on=date(2025, 1, 16), treat_as=TreatAs.SMALLER_EMI)
    (plan,) = outcome.decision.plans
    # January has 31 days: 15 of them on 200,000, 16 on 150,000; 1,416.6667 x 15/31 + 1,062.5 x 16/31 = 1,233.87
    assert plan.plan.interest_paise[0] == 1_233_87


def test_a_payoff_closes_the_loan() -> None:
    loan = standard_loan()
    quote = payoff(loan, on=date(2025, 1, 16))
    # 15 of the 31 days of January: 1,416.6667 x 15 / 31 = 685.48
    assert (quote.principal_paise, quote.interest_accrued_paise, quote.total_paise) == (
        200_000_00, 685_48, 200_685_48,
    )  # fmt: skip
    outcome = pay(loan, amount=200_685_48, on=date(2025, 1, 16))
    position = outcome.decision.position
    assert (outcome.closed, outcome.interest_paise, outcome.principal_paise) == (True, 685_48, 200_000_00)
    assert (position.status, position.closed_on, position.next_event_on) == (
        LoanStatus.CLOSED, date(2025, 1, 16), None,
    )  # fmt: skip
    assert_books_balance(position)


def test_a_payoff_uses_up_the_advance() -> None:
    loan = pay_due(standard_loan(), on=date(2025, 1, 16))
    quote = payoff(loan, on=date(2025, 1, 16))
    assert quote.total_paise == 200_685_48 - 9_091_13
    outcome = pay(loan, amount=quote.total_paise, on=date(2025, 1, 16), number=2)
    assert outcome.closed
    assert outcome.decision.position.advance_paise == 0
    assert_books_balance(outcome.decision.position)


def test_an_exact_product_takes_only_the_due_amount() -> None:
    card = make_loan(CREDIT_CARD, amount=5_000, rate="14", instalments=12, on=NEW_YEAR)
    assert pay(card, amount=448_94, on=date(2025, 1, 15)).advance_paise == 448_94
    for amount in (448_93, 448_95, 897_88):
        with pytest.raises(AmountNotExact) as refusal:
            pay(card, amount=amount, on=date(2025, 1, 15))
        assert refusal.value.details["expected"] == {
            "number": 1, "due_on": date(2025, 2, 16), "amount_paise": 448_94,
        }  # fmt: skip


def test_a_card_is_repaid_in_twelve_exact_payments() -> None:
    card = make_loan(CREDIT_CARD, amount=5_000, rate="14", instalments=12, on=NEW_YEAR)
    amounts = []
    for month in range(2, 14):
        day = date(2025 + month // 13, (month - 1) % 12 + 1, 1)
        card = catch_up(card, through=day).decision.position
        amounts.append(next_due(card).amount_paise)  # type: ignore[union-attr]
        card = pay_due(card, on=day)
    assert amounts == [448_94] * 11 + [448_88]
    assert card.status is LoanStatus.CLOSED


def order(amount: int, **changes: object) -> PaymentOrder:
    usual: dict[str, object] = {
        "payment_id": 1,
        "amount_paise": amount,
        "value_date": date(2025, 2, 5),
        "booked_on": date(2025, 2, 5),
        "reference": "R-1",
    }
    return PaymentOrder(**(usual | changes))  # type: ignore[arg-type]


def billed_standard() -> Position:
    return catch_up(standard_loan(), through=date(2025, 2, 5)).decision.position


def billed_personal() -> Position:
    product = replace(PERSONAL_LOAN, repayment=replace(PERSONAL_LOAN.repayment, reference_required=True))
    loan = make_loan(product, amount=500_000, rate="8.8", instalments=24, on=NEW_YEAR)
    return catch_up(loan, through=date(2025, 2, 5)).decision.position


def closed_loan() -> Position:
    return pay(standard_loan(), amount=200_000_00, on=NEW_YEAR).decision.position


REFUSALS = [
    (billed_standard, order(0), AmountNotPositive),
    (billed_standard, order(-1), AmountNotPositive),
    (closed_loan, order(1), LoanNotActive),
    (billed_standard, order(10**12), AmountBeyondPayoff),
    (billed_personal, order(24_500_00, reference=None), ReferenceRequired),
    (billed_standard, order(1_00, instalment=2), EarlierInstalmentUnpaid),
    (billed_standard, order(1_00, instalment=25), InstalmentUnknown),
    (billed_standard, order(1_00, value_date=date(2025, 2, 6)), ValueDateInFuture),
    (billed_standard, order(1_00, value_date=date(2024, 12, 31)), ValueDateBeforeDisbursal),
]


@pytest.mark.parametrize("make, order, refusal", REFUSALS)
def test_refusals_change_nothing(make: object, order: PaymentOrder, refusal: type[DomainError]) -> None:
    position: Position = make()  # type: ignore[operator]
    before = position.copy()
    with pytest.raises(refusal):
        decide_payment(position, order)
    assert position == before


def test_a_paid_instalment_is_not_paid_again() -> None:
    paid = pay_due(billed_standard(), on=date(2025, 2, 5))
    with pytest.raises(InstalmentPaid):
        decide_payment(paid, order(9_091_13, instalment=1))


def test_what_is_due_after_the_end_of_the_plan_can_be_named() -> None:
    """1,000 for 30 days at 0.033 % a day is paid 10 days late. The interest of those days is instalment 2: no plan has
    it, and no other one can be named."""
    loan = make_loan(CREDIT_CARD_LOAN, amount=1_000, rate="12", instalments=1, on=NEW_YEAR)
    billed = catch_up(loan, through=date(2025, 2, 10)).decision.position
    paid = pay(billed, amount=1_009_90, on=date(2025, 2, 10), instalment=1).decision.position
    due = next_due(paid)
    assert due is not None
    assert (due.instalment, due.amount_paise, due.planned_on) == (2, 3_30, date(2025, 3, 2))
    for instalment, refusal in ((1, InstalmentPaid), (3, InstalmentUnknown)):
        before = paid.copy()
        with pytest.raises(refusal):
            pay(paid, amount=3_30, on=date(2025, 2, 10), number=2, instalment=instalment)
        assert paid == before
    ended = pay(paid, amount=3_30, on=date(2025, 2, 10), number=2, instalment=2)
    assert ended.decision.position.status is LoanStatus.CLOSED


def test_the_refusal_of_a_skipped_instalment_names_the_oldest_unpaid() -> None:
    with pytest.raises(EarlierInstalmentUnpaid, match=r"instalment 1 of ₹9,091\.13, due on 2025-02-01"):
        decide_payment(billed_standard(), order(9_091_13, instalment=3))


def test_a_choice_that_the_product_does_not_offer_is_refused() -> None:
    card = make_loan(CREDIT_CARD, amount=5_000, rate="14", instalments=12, on=NEW_YEAR)
    with pytest.raises(ReplanNotOffered):
        pay(card, amount=448_94, on=NEW_YEAR, treat_as=TreatAs.SMALLER_EMI)


def test_splitting_a_flat_payoff_saves_no_interest() -> None:
    loan = make_loan(PERSONAL_LOAN_1, amount=500_000, rate="8.8", instalments=24, on=date(2026, 11, 21))
    day = date(2026, 12, 4)
    # 13 of the 14 days of the first cycle: 3,667 x 13 / 14 = 3,405, to the rupee.
    assert payoff(loan, on=day).total_paise == 503_405_00
    most = pay(loan, amount=499_999_00, on=day, treat_as=TreatAs.PREPAYMENT).decision.position
    assert payoff(most, on=day).total_paise == 3_406_00
    all_principal = pay(loan, amount=500_000_00, on=day, treat_as=TreatAs.PREPAYMENT).decision.position
    assert payoff(all_principal, on=day).total_paise == 3_405_00


def test_a_loan_closes_only_when_its_advances_are_used() -> None:
    loan = make_loan(CREDIT_CARD_LOAN, amount=1_000, rate="12", instalments=1, on=NEW_YEAR)
    exact = replace(loan.terms, payment_policy=PaymentPolicy.EXACT)
    loan.terms = exact
    paid = pay(loan, amount=1_009_90, on=date(2025, 1, 21)).decision.position
    # On ten of the thirty days nothing is owed: 6.60 of interest is right, and 3.30 is owed back.
    closed = catch_up(paid, through=date(2025, 1, 31))
    refund = [t for t in closed.decision.transfers if t.kind is Kind.REFUND]
    assert [(t.debit, t.credit, t.amount_paise) for t in refund] == [
        (Account.ADVANCE, Account.REFUND_PAYABLE, 3_30),
    ]
    assert (closed.decision.position.status, closed.decision.position.advance_paise) == (LoanStatus.CLOSED, 0)
