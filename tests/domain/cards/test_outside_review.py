"""Rules of docs/cards.md that a reader tries first: ways of counting days, moved days, closings that did not hold."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.cards.changes import decide_dispute, move_statement_day
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.cycles import CycleTooLong, usual_statement_day
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.ledger import CardAccount
from app.domain.cards.engine.replay import books
from app.domain.cards.requests import AlreadyUndone, NoCreditBalance, Posted, pay_out, refund_credit, undo
from app.domain.cards.standing import AccountNotOpen
from app.domain.products.card_terms import CardBucket, CardDays
from tests.domain.cards.book import SEEDED, Book, terms_of


def lines_of(book: Book, on: str) -> list[tuple[int, int, int]]:
    """Posting, balance and days of the lines of a statement's interest."""
    return [
        (line.number, line.balance_paise, line.days)
        for group in book.statement(on).interest
        for line in group.lines
    ]  # fmt: skip


@pytest.mark.parametrize(
    "days, expected, interest",
    [
        # 5 March to 22 April, then to 2 May: each from its first day to the day before the last.
        (CardDays.PLAIN, [(1, 500_00, 48), (2, 6_000_00, 38), (2, 6_085_00 - 500_00, 10)], 354_24),
        # The days of the transaction and of the payment count, and after the payment the plain difference.
        (CardDays.INCLUSIVE, [(1, 500_00, 49), (2, 6_000_00, 39), (2, 6_085_00 - 500_00, 10)], 361_72),
    ],
)
def test_days_up_to_a_payment_and_after_it(days: CardDays, expected: list[tuple[int, int, int]], interest: int) -> None:
    """A part of the total is paid on the due date. The statement's day is the second of a month."""
    book = Book("2026-03-03", day=2, terms=terms_of(days=days))
    book.purchase(500_00, "2026-03-05")
    book.purchase(6_000_00, "2026-03-15")
    assert book.statement("2026-04-02").due_on == date(2026, 4, 22)
    # 500 and 415 of the second purchase.
    book.pay(915_00, "2026-04-22")
    found = lines_of(book, "2026-05-02")
    assert found == expected
    assert book.posted("interest", on="2026-05-02") == interest
    book.check()


def test_cash_of_a_cycle_bears_from_its_day_to_the_statement() -> None:
    """Five days: from the 10th to the 15th. A purchase of the same cycle bears none."""
    book = Book("2026-06-16")
    book.purchase(5_000_00, "2026-06-20")
    book.cash(7_000_00, "2026-07-10")
    assert [(number, days) for number, _, days in lines_of(book, "2026-07-15")] == [(2, 5)]
    assert book.posted("cash_interest", on="2026-07-15") == 40_27


def test_cash_may_have_a_rate_of_its_own() -> None:
    """10,000 for 10 days at 30 % a year; purchases bear 42 %."""
    book = Book(terms=terms_of(cash_monthly_rate_percent=Decimal("2.5")))
    book.cash(10_000_00, "2026-02-05")
    book.statement("2026-02-15")
    assert book.posted("cash_interest", on="2026-02-15") == 82_19


def test_a_payment_order_of_cash_before_interest() -> None:
    """The order is a list of kinds of the product: here cash first, then the oldest purchases, and charges last."""
    order = (
        CardBucket.CASH, CardBucket.PURCHASES, CardBucket.INSTALMENTS, CardBucket.INTEREST, CardBucket.FEES,
        CardBucket.TAX,
    )  # fmt: skip
    book = Book(terms=terms_of(payment_order=order))
    book.purchase(6_000_00, "2026-02-01")
    book.cash(10_000_00, "2026-02-05")
    book.statement("2026-02-15")
    book.pay(12_000_00, "2026-03-01")
    assert book.state.balances() == {
        CardBucket.PURCHASES: 4_000_00, CardBucket.INTEREST: 115_07, CardBucket.FEES: 500_00, CardBucket.TAX: 110_71,
    }  # fmt: skip


def test_a_minimum_over_the_limit_with_past_due() -> None:
    """Limit 10,000, of which 12,000 was cleared: 2,000 are over, and 5 % of 12,000. Nothing is paid: the next minimum
    has interest, the late fee, their tax, and what is past due of the first."""
    book = Book(limit=10_000_00)
    book.purchase(12_000_00, "2026-02-10")
    first = book.statement("2026-02-15").asked
    assert (first.parts.over_limit_paise, first.parts.share_paise, first.minimum_paise) == (2_000_00, 600_00, 2_600_00)
    second = book.statement("2026-03-15").asked
    # 12,000 x 33 days: 455.67; the late fee of 950.00; tax of 171.00 and 82.02.
    assert (second.parts.interest_paise, second.parts.fees_paise, second.parts.tax_paise) == (455_67, 950_00, 253_02)
    assert (second.parts.over_limit_paise, second.parts.share_paise) == (2_000_00, 600_00)
    assert second.parts.past_due_paise == 2_600_00
    assert second.minimum_paise == 6_860_00
    assert second.total_paise == 12_000_00 + 455_67 + 950_00 + 253_02


def test_interest_bears_interest_where_the_product_says_so() -> None:
    """(b), then nothing is paid: the interest of the second statement bears as a purchase of its day, fees never."""
    book = Book(terms=terms_of(interest_bears_interest=True))
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    book.pay(750_00, "2026-03-07")
    second = book.statement("2026-03-15")
    assert second.asked.total_paise == 15_233_06
    interest = next(one.number for one in book.postings if one.kind == "interest")
    assert lines_of(book, "2026-04-15") == [(1, 9_250_00, 31), (2, 5_000_00, 31), (interest, 833_10, 31)]
    # (14,250 + 833.10) x 31 days x 42 % / 365 = 538.0325...
    assert book.posted("interest", on="2026-04-15") == 538_03
    book.check()
    assert book.posted("late_fee", on="2026-04-08") == 950_00
    fees = {one.number for one in book.postings if one.kind in ("late_fee", "tax")}
    assert not fees & {number for number, _, _ in lines_of(book, "2026-05-15")}


def test_interest_that_is_paid_in_time_bears_none() -> None:
    book = Book(terms=terms_of(interest_bears_interest=True))
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    book.pay(750_00, "2026-03-07")
    book.statement("2026-03-15")
    book.pay(15_233_06, "2026-03-16")
    assert lines_of(book, "2026-04-15") == [(1, 9_250_00, 1), (2, 5_000_00, 1), (4, 833_10, 1)]
    book.check()


def test_a_provisional_credit_is_given_and_taken_back() -> None:
    """A purchase that is paid for is disputed: its amount is credited until the merchant wins."""
    book = Book(terms=terms_of(provisional_credit=True))
    purchase = book.purchase(4_000_00, "2026-01-20")
    book.pay(4_000_00, "2026-02-01")
    dispute = book.post(FactKind.DISPUTE, 4_000_00, "2026-02-05", of=purchase)
    credit = book.post(FactKind.CREDIT, 4_000_00, of=dispute)
    assert (book.state.credit_paise, book.state.disputed_paise, book.state.owed_paise) == (4_000_00, 0, 0)
    book.check()
    book.post(FactKind.DISPUTE_LOST, 4_000_00, "2026-03-20", of=dispute)
    assert (book.state.credit_paise, book.state.owed_paise, credit) == (0, 0, 4)
    book.check()


def test_a_provisional_credit_becomes_the_reversal_of_the_holder_who_wins() -> None:
    """The credit goes with its dispute, and the reversal gives the amount instead: not twice."""
    book = Book(terms=terms_of(provisional_credit=True))
    purchase = book.purchase(4_000_00, "2026-01-20")
    book.pay(4_000_00, "2026-02-01")
    dispute = book.post(FactKind.DISPUTE, 4_000_00, "2026-02-05", of=purchase)
    book.post(FactKind.CREDIT, 4_000_00, of=dispute)
    book.post(
        FactKind.REVERSAL, 4_000_00, "2026-03-20", value_on="2026-01-20", of=purchase, settles=dispute
    )  # fmt: skip
    assert (book.state.credit_paise, book.state.owed_paise, book.state.disputes) == (4_000_00, 0, [])
    # The network bears it, and not the lender: the books have no loss.
    account, network = books(book.state, book.history()), CardAccount.SETTLEMENT_PAYABLE
    assert (account[CardAccount.LOSSES], account[network]) == (0, 0)
    book.check()


def test_moving_the_statement_day_twice_makes_no_longer_cycle() -> None:
    """The cycle from 16 January would end on 15 February. The day is moved to the 14th, then to the 20th."""
    book = Book()
    book.post(FactKind.STATEMENT_DAY, on="2026-01-25", day=14)
    assert book.state.next_statement_on == date(2026, 3, 14)
    book.post(FactKind.STATEMENT_DAY, on="2026-01-26", day=20)
    assert (book.state.would_end_on, book.state.next_statement_on) == (date(2026, 2, 15), date(2026, 2, 20))
    book.purchase(100_00, "2026-02-01")
    assert book.statement("2026-02-20").from_on == date(2026, 1, 16)
    assert (book.state.would_end_on, book.state.next_statement_on) == (date(2026, 3, 20), date(2026, 3, 20))
    book.check()


def test_a_cycle_has_62_days_at_most() -> None:
    """From 16 January to 14 March there are 58 days. On 10 March its end may be moved to the 18th, not to the 19th."""
    book = Book()
    book.post(FactKind.STATEMENT_DAY, on="2026-01-25", day=14)
    book.to("2026-03-10")
    (fact,) = move_statement_day(book.state, day=18, terms=SEEDED, today=book.today)
    assert fact.day == 18
    before = book.state.copy()
    with pytest.raises(CycleTooLong) as refused:
        move_statement_day(book.state, day=19, terms=SEEDED, today=book.today)
    assert refused.value.details["ends_on"] == date(2026, 3, 19)
    assert book.state == before


def test_told_terms_begin_after_a_statement_although_the_day_is_moved() -> None:
    book = Book()
    book.to("2026-02-10")
    book.post(FactKind.TERMS, value_on="2026-03-16", terms=terms_of(monthly_rate_percent=Decimal(3)), version=2)
    book.post(FactKind.STATEMENT_DAY, on="2026-02-11", day=5)
    assert book.state.next_statement_on == date(2026, 3, 5)
    assert [known.from_on for known in book.state.terms] == [date(2026, 1, 16), date(2026, 4, 6)]


def closed_by(paid_on: str = "2026-03-05") -> tuple[Book, int]:
    """15,000 of two purchases are paid, and the account is closed on that day."""
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    paid = book.pay(15_000_00, paid_on)
    book.post(FactKind.CLOSING)
    assert book.state.status is AccountStatus.CLOSED
    return book, paid


def test_a_payment_that_closed_the_account_is_returned() -> None:
    """It was closed only because nothing was owed: it is open again, and its statements come as if it had never been
    closed. No issued statement showed the amounts, so nobody is charged late."""
    book, paid = closed_by()
    book.return_payment(paid, "2026-03-20")
    assert book.state.status is AccountStatus.OPEN
    # The statement of the closing is judged too: 15,000 was billed on 15 February and not paid by 7 March. Interest up
    # to the closing and up to the statement of 15 March: 10,000 x 54 and 5,000 x 38 days.
    assert book.posted("interest_adjustment", on="2026-03-20") == 840_00
    assert book.posted("late_fee_adjustment", on="2026-03-20") == 950_00
    assert book.state.owed_paise == 15_000_00 + 840_00 + 151_20 + 950_00 + 171_00
    book.check()
    book.pay(book.state.owed_paise, "2026-03-25")
    # 15,000 x 10 days of trailing interest: 172.60 and 31.07.
    assert book.statement("2026-04-15").asked.total_paise == 203_67


def test_a_refund_comes_after_the_account_was_closed() -> None:
    """It stays closed and owes its holder the refund. Nobody is asked what becomes of it; two people pay it back."""
    book, _ = closed_by()
    book.refund(5_000_00, "2026-03-20", of=2)
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 5_000_00)
    assert book.state.questions == []
    book.check()
    book.to("2026-08-20")
    assert (len(book.statements), book.state.credit_paise) == (2, 5_000_00)
    with pytest.raises(AccountNotOpen):
        pay_out(book.state, paise=5_000_00, on_word_paise=0, today=book.today)
    with pytest.raises(NoCreditBalance):
        refund_credit(book.state, paise=5_000_01, today=book.today)
    (fact,) = refund_credit(book.state, paise=5_000_00, today=book.today)
    book.post(fact.kind, fact.amount_paise)
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 0)
    book.check()


def test_a_refund_from_before_the_end_gives_interest_back() -> None:
    """The minimum of 750 was not paid, so the account paid interest and a late fee before it was closed. A refund of
    5,000 from 1 March would have been more than the minimum, and those 5,000 bear no interest from then on."""
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    second = book.purchase(5_000_00, "2026-02-05")
    book.to("2026-03-20")
    # 10,000 x 54 and 5,000 x 38 days, the late fee of 11 March, and their tax.
    assert book.state.owed_paise == 15_000_00 + 840_00 + 151_20 + 950_00 + 171_00
    book.pay(book.state.owed_paise)
    # 15,000 x 5 days: 86.30 and 15.53.
    book.pay(101_83, "2026-03-25")
    book.post(FactKind.CLOSING)
    assert (book.state.status, book.state.credit_paise) == (AccountStatus.CLOSED, 0)
    book.refund(5_000_00, "2026-04-10", of=second, value_on="2026-03-01")
    assert book.state.status is AccountStatus.CLOSED
    # 10,000 x 54 + 5,000 x 24 days: 759.45 and 136.70. Then 10,000 x 5: 57.53 and 10.36.
    assert book.posted("interest_adjustment", on="2026-04-10") == -(840_00 - 759_45 + 86_30 - 57_53)
    assert book.posted("late_fee_adjustment", on="2026-04-10") == -950_00
    assert book.posted("tax_adjustment", on="2026-04-10") == -(151_20 - 136_70 + 15_53 - 10_36 + 171_00)
    assert (book.state.owed_paise, book.state.credit_paise) == (0, 5_000_00 + 109_32 + 950_00 + 190_67)
    book.check()


def posted(number: int, *, kind: FactKind = FactKind.PURCHASE, paise: int = 5_000_00) -> Posted:
    day = date(2026, 2, 5)
    return Posted(number=number, kind=kind, amount_paise=paise, undone_paise=0, value_on=day, posted_on=day)


def test_what_was_refunded_is_not_reversed_too() -> None:
    book = Book()
    number = book.purchase(5_000_00, "2026-02-05")
    with pytest.raises(AlreadyUndone) as refused:
        undo(book.state, posted(number), paise=4_000_01, refunded_paise=1_000_00, terms=SEEDED, today=book.today)
    assert refused.value.details["left_paise"] == 4_000_00
    (fact,) = undo(book.state, posted(number), paise=None, refunded_paise=1_000_00, terms=SEEDED, today=book.today)
    assert (fact.kind, fact.amount_paise) == (FactKind.REVERSAL, 4_000_00)


def test_a_dispute_that_is_won_gives_back_what_was_not_refunded() -> None:
    book = Book()
    number = book.purchase(5_000_00, "2026-02-05")
    dispute = book.post(FactKind.DISPUTE, 5_000_00, "2026-02-10", of=number)
    book.refund(1_000_00, "2026-02-12", of=number)
    (fact,) = decide_dispute(
        book.state,
        posted(dispute, kind=FactKind.DISPUTE),
        posted(number),
        for_holder=True,
        credited_paise=0,
        refunded_paise=1_000_00,
        today=book.today,
    )
    assert fact.amount_paise == 4_000_00
    book.post(FactKind.REVERSAL, 4_000_00, value_on="2026-02-05", of=number, settles=dispute)
    assert (book.state.owed_paise, book.state.credit_paise, book.state.disputed_paise) == (0, 0, 0)
    book.check()


@pytest.mark.parametrize(
    "opened, day, first",
    [
        ("2026-01-16", 15, "2026-02-15"),
        ("2026-03-01", 28, "2026-03-28"),
        ("2026-01-31", 28, "2026-02-28"),
        ("2026-01-29", 28, "2026-02-28"),
        ("2026-01-01", 28, "2026-01-28"),
    ],
)
def test_the_usual_statement_day_makes_a_first_cycle_of_a_month(opened: str, day: int, first: str) -> None:
    assert usual_statement_day(date.fromisoformat(opened)) == day
    assert Book(opened, day=day).state.next_statement_on == date.fromisoformat(first)
