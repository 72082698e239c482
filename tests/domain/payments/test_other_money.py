"""Money that comes otherwise, with exact figures: overpayments and refunds, recoveries, small rests, cash in rupees."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.amounts import AmountBeyondPayoff, CashNotInUnit, PaymentOutcome
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession
from app.domain.payments.histories import History
from app.domain.payments.payments import LoanNotActive, LoanWrittenOff, NotWrittenOff, PaymentOrder, TreatAs, payoff
from app.domain.payments.refunds import (
    Refund,
    RefundBeyondOwed,
    RefundOfNothing,
    decide_refund,
    owed_to_borrower_paise,
)
from app.domain.payments.replay import rewrite
from app.domain.products.products import RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from tests.domain.made_loans import assert_books_balance, make_loan

NEW_YEAR, BILLED, LATER = date(2025, 1, 1), date(2025, 1, 31), date(2025, 2, 10)
TAKES_MORE = replace(CREDIT_CARD_LOAN.repayment, takes_overpayment=True)
SMALL = replace(CREDIT_CARD_LOAN.repayment, tolerance_paise=10_00, closes_small_rest=True)
CASH = replace(CREDIT_CARD_LOAN.repayment, cash_unit_paise=1_00)


def loan_of(terms: RepaymentTerms, *, through: date = BILLED) -> Position:
    """50,000 at 10.5 % over 12 x 30 days: the first bill has 435.00 of interest and 3,971.04 of principal."""
    product = replace(CREDIT_CARD_LOAN, repayment=terms)
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    return catch_up(loan, through=through).decision.position


def pay(
    position: Position, amount: int, *, on: date = BILLED, number: int = 1, cash: bool = False,
    treat_as: TreatAs = TreatAs.INSTALMENT,
) -> PaymentOutcome:  # fmt: skip
    order = PaymentOrder(
        payment_id=number, amount_paise=amount, value_date=on, booked_on=on, is_cash=cash, treat_as=treat_as
    )
    return decide_payment(position, order)


def posted(transfers: Sequence[Transfer]) -> list[tuple[Kind, Account, Account, int]]:
    return [(one.kind, one.debit, one.credit, one.amount_paise) for one in transfers]


def test_more_than_the_payoff_is_owed_to_the_borrower() -> None:
    outcome = pay(loan_of(TAKES_MORE), 50_435_00 + 250_50)
    after = outcome.decision.position
    assert (outcome.closed, outcome.overpaid_paise, outcome.principal_paise) == (True, 250_50, 50_000_00)
    assert (after.principal_paise, after.interest_paise, after.advance_paise) == (0, 0, 0)
    assert posted(outcome.decision.transfers)[0] == (
        Kind.OVERPAYMENT, Account.CASH, Account.REFUND_PAYABLE, 250_50,
    )  # fmt: skip
    assert owed_to_borrower_paise(outcome.decision.transfers) == 250_50


def test_a_closed_loan_takes_what_still_comes() -> None:
    closed = pay(loan_of(TAKES_MORE), 50_435_00).decision.position
    outcome = pay(closed, 4_406_04, on=LATER, number=2)
    assert posted(outcome.decision.transfers) == [(Kind.OVERPAYMENT, Account.CASH, Account.REFUND_PAYABLE, 4_406_04)]
    assert (outcome.overpaid_paise, outcome.decision.position.status) == (4_406_04, LoanStatus.CLOSED)


def test_other_products_refuse_it() -> None:
    loan = loan_of(CREDIT_CARD_LOAN.repayment)
    before = loan.copy()
    with pytest.raises(AmountBeyondPayoff, match=r"₹50,435\.00 closes the loan"):
        pay(loan, 50_435_01)
    assert loan == before
    closed = pay(loan, 50_435_00).decision.position
    with pytest.raises(LoanNotActive):
        pay(closed, 1_00, on=LATER, number=2)


@pytest.mark.parametrize("amount", [1, 250_50])
def test_a_refund_pays_out_what_is_owed(amount: int) -> None:
    paid = pay(loan_of(TAKES_MORE), 50_685_50).decision
    refund = Refund(number=2, paid_on=LATER, amount_paise=amount)
    decision = decide_refund(paid.position, refund, owed_paise=owed_to_borrower_paise(paid.transfers))
    assert posted(decision.transfers) == [(Kind.REFUND_PAID, Account.REFUND_PAYABLE, Account.CASH, amount)]
    assert owed_to_borrower_paise([*paid.transfers, *decision.transfers]) == 250_50 - amount
    assert decision.position.last_transfer == paid.position.last_transfer + 1


def test_a_refund_of_what_is_not_owed_is_refused() -> None:
    paid = pay(loan_of(TAKES_MORE), 50_685_50).decision
    before = paid.position.copy()
    for amount, refusal in ((250_51, RefundBeyondOwed), (0, RefundOfNothing), (-1, RefundOfNothing)):
        with pytest.raises(refusal):
            decide_refund(paid.position, Refund(number=2, paid_on=LATER, amount_paise=amount), owed_paise=250_50)
    assert paid.position == before


def test_a_payment_that_bounces_after_its_refund_leaves_the_refund_owed_by_the_borrower() -> None:
    begun = make_loan(
        replace(CREDIT_CARD_LOAN, repayment=TAKES_MORE), amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR
    )
    billing = catch_up(begun, through=BILLED)
    order = PaymentOrder(payment_id=1, amount_paise=50_685_50, value_date=BILLED, booked_on=BILLED)
    paid = decide_payment(billing.decision.position, order).decision
    refund = Refund(number=2, paid_on=BILLED, amount_paise=250_50)
    refunded = decide_refund(paid.position, refund, owed_paise=250_50)
    first = Transfer(
        1, 1, Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 50_000_00, Account.PRINCIPAL, NEW_YEAR, NEW_YEAR
    )
    transfers = [first, *billing.decision.transfers, *paid.transfers, *refunded.transfers]
    history = History(billing.bills, [order], transfers, [], (), [refund])
    bounced = rewrite(refunded.position, history, payments=[], on=LATER).decision
    assert owed_to_borrower_paise([*transfers, *bounced.transfers]) == -250_50
    after = bounced.position
    assert (after.status, after.principal_paise, after.interest_paise) == (LoanStatus.ACTIVE, 50_000_00, 435_00)


def written_off() -> Position:
    loan = loan_of(CREDIT_CARD_LOAN.repayment)
    return decide_concession(loan, Concession(number=1, kind=ConcessionKind.WRITE_OFF, granted_on=BILLED)).position


def test_a_recovery_is_income_of_its_own() -> None:
    outcome = pay(written_off(), 12_000_00, on=LATER, number=2, treat_as=TreatAs.RECOVERY)
    assert posted(outcome.decision.transfers) == [(Kind.RECOVERY, Account.CASH, Account.RECOVERY_INCOME, 12_000_00)]
    after = outcome.decision.position
    assert (outcome.recovered_paise, after.status, after.principal_paise) == (12_000_00, LoanStatus.WRITTEN_OFF, 0)


def test_only_a_recovery_is_taken_after_a_write_off_and_only_then() -> None:
    with pytest.raises(LoanWrittenOff):
        pay(written_off(), 100_00, on=LATER, number=2)
    with pytest.raises(NotWrittenOff):
        pay(loan_of(CREDIT_CARD_LOAN.repayment), 100_00, treat_as=TreatAs.RECOVERY)


@pytest.mark.parametrize(
    "short, closes",
    [(0, True), (1, True), (9_99, True), (10_00, False), (250_00, False)],
)
def test_a_small_rest_is_written_off_by_the_payment_that_leaves_it(short: int, closes: bool) -> None:
    outcome = pay(loan_of(SMALL), 50_435_00 - short)
    after = outcome.decision.position
    lost = sum(one.amount_paise for one in outcome.decision.transfers if one.debit is Account.WRITE_OFFS)
    assert (outcome.closed, lost) == (closes, short if closes else 0)
    assert_books_balance(after)
    if closes:
        assert (after.principal_paise, after.interest_paise, after.open_bills) == (0, 0, [])
    else:
        assert payoff(after, on=BILLED).total_paise == short


def test_a_bill_paid_short_by_little_stays_open() -> None:
    outcome = pay(loan_of(SMALL), 4_406_03)
    assert not outcome.closed
    assert [bill.unpaid_paise for bill in outcome.decision.position.open_bills] == [1]


@pytest.mark.parametrize(
    "amount, settled, rounding, left",
    [
        # The bill of 4,406.04 is paid by 4,406 in cash; the lender gives 4 paise.
        (4_406_00, 4_406_04, (Account.CASH_ROUNDING, Account.CASH, 4), 46_028_96),
        # The payoff is whole rupees already.
        (50_435_00, 50_435_00, None, 0),
        # Another amount is what it is.
        (4_000_00, 4_000_00, None, 50_000_00 - 3_565_00),
    ],
)
def test_cash_in_rupees_pays_what_is_due(
    amount: int, settled: int, rounding: tuple[Account, Account, int] | None, left: int
) -> None:
    outcome = pay(loan_of(CASH), amount, cash=True)
    parts = outcome.charges_paise + outcome.interest_paise + outcome.principal_paise + outcome.advance_paise
    assert (parts, outcome.decision.position.principal_paise) == (settled, left)
    rounded = [(one.debit, one.credit, one.amount_paise) for one in outcome.decision.transfers
               if one.kind is Kind.ROUNDING]  # fmt: skip
    assert rounded == ([] if rounding is None else [rounding])


def test_cash_rounded_up_closes_the_loan_and_the_difference_is_kept() -> None:
    loan = catch_up(loan_of(CASH), through=date(2025, 2, 2)).decision.position
    paid = pay(loan, 4_406_04, on=date(2025, 2, 2)).decision.position
    closing = payoff(paid, on=date(2025, 2, 10)).total_paise
    # At 0.029 % a day, two days of 50,000.00 and eight of 46,028.96 are 29.00 + 106.79.
    assert closing == 46_028_96 + 135_79
    outcome = pay(paid, 46_165_00, on=date(2025, 2, 10), number=2, cash=True)
    assert outcome.closed
    assert [one.amount_paise for one in outcome.decision.transfers if one.credit is Account.CASH_ROUNDING] == [25]


def test_cash_that_is_no_multiple_of_the_unit_is_refused() -> None:
    loan = loan_of(CASH)
    before = loan.copy()
    with pytest.raises(CashNotInUnit, match=r"multiples of ₹1\.00"):
        pay(loan, 4_406_04, cash=True)
    assert loan == before
    assert pay(loan, 4_406_04).principal_paise == 3_971_04


def test_exact_products_take_the_rounded_amount_in_cash() -> None:
    product = replace(STANDARD_LOAN, repayment=replace(STANDARD_LOAN.repayment, cash_unit_paise=1_00))
    loan = make_loan(product, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    billed = catch_up(loan, through=date(2025, 2, 1)).decision.position
    outcome = pay(billed, 9_091_00, on=date(2025, 2, 1), cash=True)
    assert (outcome.interest_paise + outcome.principal_paise, outcome.decision.position.open_bills) == (9_091_13, [])
