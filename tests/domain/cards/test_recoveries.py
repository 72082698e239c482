"""Money for an account that is charged off: recoveries, what is more than the loss, and a past that changes.

15,000.00 is bought and nothing is paid. On 20 March 17,112.20 are owed: with the late fee of 950.00, interest of 840.00
and 322.20 of GST. That is the loss.
"""

from datetime import date

import pytest

from app.domain.cards.changes import NothingToChargeOff, charge_off
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.ledger import CardAccount
from app.domain.cards.requests import Posted, give_credit, pay, refund, refund_credit, undo
from app.domain.cards.standing import AccountNotOpen
from tests.domain.cards.book import SEEDED, Book

LOST = 17_112_20


def spent() -> Book:
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    return book


def charged_off() -> Book:
    book = spent().to("2026-03-20")
    book.post(FactKind.CHARGE_OFF)
    assert figures(book) == (LOST, 0, 0)
    book.check()
    return book


def figures(book: Book) -> tuple[int, int, int]:
    """What was lost, what was recovered, and what the holder is owed. Nothing is ever owed by the holder."""
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.CHARGED_OFF, 0)
    loss = book.state.loss
    assert loss is not None
    return loss.paise, loss.recovered_paise, book.state.credit_paise


def balance(book: Book, account: CardAccount) -> int:
    moved = [one for one in book.decided.transfers if account in (one.debit, one.credit)]
    return sum(one.paise if one.debit is account else -one.paise for one in moved)


def test_money_is_a_recovery_up_to_the_loss_and_then_credit() -> None:
    book = charged_off()
    book.pay(10_000_00, "2026-03-25")
    assert figures(book) == (LOST, 10_000_00, 0)
    book.refund(5_000_00, "2026-03-28", of=2)
    assert figures(book) == (LOST, 15_000_00, 0)
    book.pay(3_000_00, "2026-04-02")
    assert figures(book) == (LOST, LOST, 887_80)
    assert balance(book, CardAccount.LOSSES) == LOST
    assert balance(book, CardAccount.RECOVERY_INCOME) == -LOST
    assert balance(book, CardAccount.CASH) == 13_000_00
    assert balance(book, CardAccount.SETTLEMENT_PAYABLE) == -15_000_00 + 5_000_00
    # No statement, no late fee and no interest follow.
    book.to("2026-09-30")
    assert len(book.statements) == 2
    assert figures(book) == (LOST, LOST, 887_80)
    book.check()
    (fact,) = refund_credit(book.state, paise=887_80, today=book.today)
    book.post(fact.kind, fact.amount_paise)
    assert figures(book) == (LOST, LOST, 0)
    book.check()


def test_a_recovery_is_returned_and_put_back() -> None:
    book = charged_off()
    first = book.pay(10_000_00, "2026-03-25")
    book.pay(8_000_00, "2026-04-02")
    assert figures(book) == (LOST, LOST, 887_80)
    book.return_payment(first, "2026-04-05")
    assert figures(book) == (LOST, 8_000_00, 0)
    book.check()
    book.pay(10_000_00, "2026-04-06", value_on="2026-03-25")
    assert figures(book) == (LOST, LOST, 887_80)
    book.check()


def test_credit_that_was_paid_out_and_did_not_exist_is_lost_too() -> None:
    book = charged_off()
    first = book.pay(10_000_00, "2026-03-25")
    book.pay(8_000_00, "2026-04-02")
    book.post(FactKind.PAYOUT, 887_80, "2026-04-03")
    assert figures(book) == (LOST, LOST, 0)
    book.return_payment(first, "2026-04-05")
    assert figures(book) == (18_000_00, 8_000_00, 0)
    book.check()
    book.pay(10_000_00, "2026-04-06", value_on="2026-03-25")
    assert figures(book) == (LOST, LOST, 0)
    book.check()


def test_a_payment_from_before_the_end_lowers_the_loss() -> None:
    """The minimum of 750.00 was paid on 5 March: no late fee, and interest of 831.37 with 149.65 of GST."""
    book = charged_off()
    book.pay(750_00, "2026-04-01", value_on="2026-03-05")
    assert figures(book) == (15_231_02, 0, 0)
    assert [(one.kind, one.owed_paise) for one in book.postings[-5:]] == [
        ("payment", -750_00),
        ("interest_adjustment", -8_63),
        ("late_fee_adjustment", -950_00),
        ("tax_adjustment", -1_55 - 171_00),
        ("charge_off_adjustment", LOST - 15_231_02),
    ]
    assert balance(book, CardAccount.INTEREST_INCOME) == -831_37
    assert balance(book, CardAccount.FEE_INCOME) == 0
    assert balance(book, CardAccount.GST_PAYABLE) == -149_65
    book.check()


def test_a_payment_from_before_the_end_is_returned() -> None:
    """The loss is higher by the payment. What would have been charged on top is not charged any more."""
    book = spent()
    paid = book.pay(750_00, "2026-03-05")
    book.to("2026-03-20")
    book.post(FactKind.CHARGE_OFF)
    assert figures(book) == (15_231_02, 0, 0)
    book.pay(15_500_00, "2026-03-30")
    assert figures(book) == (15_231_02, 15_231_02, 268_98)
    book.return_payment(paid, "2026-04-01")
    assert figures(book) == (15_981_02, 15_500_00, 0)
    assert balance(book, CardAccount.INTEREST_INCOME) == -831_37
    book.check()


def test_a_purchase_is_reversed_after_the_end() -> None:
    """As if the 10,000.00 had never been bought: 5,000.00 with interest of 218.63 for 38 days, 39.35 of GST, and the
    late fee of 500.00 (up to 5,000.00 were unpaid) with 90.00."""
    book = charged_off()
    book.reverse(1, "2026-04-01")
    assert figures(book) == (5_000_00 + 218_63 + 39_35 + 500_00 + 90_00, 0, 0)
    book.check()


def test_paid_before_the_end_there_is_no_loss() -> None:
    book = charged_off()
    book.pay(1_000_00, "2026-03-25")
    book.pay(15_000_00, "2026-04-01", value_on="2026-03-01")
    # Nothing is lost, so the 1,000.00 that had come for the loss is the holder's.
    assert figures(book) == (0, 0, 1_000_00)
    book.check()


def test_credit_is_used_for_what_is_charged_off() -> None:
    """A plan of 12,000.00 is left when a refund of 2,000.00 of another, paid purchase waits as credit."""
    book = Book()
    bought = book.purchase(12_000_00, "2026-01-20")
    other = book.purchase(2_000_00, "2026-01-21")
    book.pay(2_000_00, "2026-01-22")
    book.post(
        FactKind.CONVERSION, 10_000_00, "2026-01-23", of=bought, annual_rate_percent=SEEDED.plan_annual_rate_percent,
        instalments=6,
    )  # fmt: skip
    book.refund(3_000_00, "2026-01-24", of=other)
    assert (book.state.owed_paise, book.state.plan_paise, book.state.credit_paise) == (0, 10_000_00, 1_000_00)
    book.post(FactKind.CHARGE_OFF)
    assert figures(book) == (9_000_00, 0, 0)
    book.check()


def test_what_is_asked_of_an_account_that_is_charged_off() -> None:
    book = charged_off()
    today = book.today
    (paid,) = pay(book.state, paise=1_00, value_on=today, today=today)
    assert paid.kind is FactKind.PAYMENT
    (back,) = refund(book.state, None, has_purchases=True, paise=1_00, value_on=today, today=today)
    assert back.kind is FactKind.REFUND
    known = Posted(number=7, kind=FactKind.PAYMENT, amount_paise=1_00, undone_paise=0, value_on=today, posted_on=today)
    # No fee is charged to it.
    (returned,) = undo(book.state, known, paise=None, refunded_paise=0, terms=SEEDED, today=today)
    assert returned.kind is FactKind.RETURNED_PAYMENT
    with pytest.raises(AccountNotOpen):
        give_credit(book.state, paise=1_00, today=today)
    with pytest.raises(AccountNotOpen):
        charge_off(book.state, today=today)


def test_nothing_is_charged_off_where_nothing_is_owed() -> None:
    book = Book()
    with pytest.raises(NothingToChargeOff):
        charge_off(book.state, today=date(2026, 1, 16))
    book.pay(100_00)
    with pytest.raises(NothingToChargeOff):
        charge_off(book.state, today=date(2026, 1, 16))
