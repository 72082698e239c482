"""What comes back of a purchase that is paid for is not kept as credit without asking the holder, above 1 % of the
limit or 5,000.00, the lower. Without an answer in seven days it is paid to the bank account.

8,000.00 are bought on 20 January, and paid on 1 February.
"""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.cards.engine.facts import FactKind
from app.domain.cards.requests import pay_out_unanswered
from app.domain.products.card_terms import FeeKind
from tests.domain.cards.book import Book, terms_of


def paid(limit: int = 10_00_000_00) -> tuple[Book, int]:
    book = Book(limit=limit, terms=terms_of(foreign_fee_percent=Decimal(3)))
    number = book.purchase(8_000_00, "2026-01-20")
    book.pay(8_000_00, "2026-02-01")
    return book, number


def asked(book: Book) -> list[tuple[int, str]]:
    return [(one.paise, one.answer_by.isoformat()) for one in book.state.questions]


@pytest.mark.parametrize(
    "limit, paise, is_asked",
    [
        (10_00_000_00, 5_000_00, False),
        (10_00_000_00, 5_000_01, True),
        (1_00_000_00, 1_000_00, False),
        (1_00_000_00, 1_000_01, True),
    ],
)
def test_the_lower_of_a_percent_and_five_thousand(limit: int, paise: int, is_asked: bool) -> None:
    book, number = paid(limit)
    book.refund(paise, "2026-02-03", of=number)
    assert asked(book) == ([(paise, "2026-02-10")] if is_asked else [])
    assert book.state.credit_paise == paise


def test_without_an_answer_it_is_paid_to_the_bank_account() -> None:
    book, number = paid()
    book.refund(6_000_00, "2026-02-03", of=number)
    book.to("2026-02-10")
    assert pay_out_unanswered(book.state, today=book.today) == []
    book.to("2026-02-11")
    (fact,) = pay_out_unanswered(book.state, today=book.today)
    assert (fact.kind, fact.amount_paise, book.state.questions) == (FactKind.PAYOUT, 6_000_00, [])


def test_no_more_is_paid_out_than_is_left() -> None:
    book, number = paid()
    book.refund(6_000_00, "2026-02-03", of=number)
    book.purchase(4_500_00, "2026-02-05")
    book.to("2026-02-11")
    (fact,) = pay_out_unanswered(book.state, today=book.today)
    assert fact.amount_paise == 1_500_00


def test_a_refund_that_is_learned_late_is_asked_about_too() -> None:
    """From 2 February, before the statement of the 15th: the account is lived again."""
    book, number = paid()
    book.refund(6_000_00, "2026-02-20", of=number, value_on="2026-02-02")
    assert (asked(book), book.state.credit_paise) == ([(6_000_00, "2026-02-27")], 6_000_00)
    # Whatever is learned afterwards asks neither again nor less.
    book.pay(100_00, "2026-02-21", value_on="2026-02-03")
    assert asked(book) == [(6_000_00, "2026-02-27")]


def test_a_refund_with_its_mark_up_is_asked_about_too() -> None:
    """8,000.00 in a foreign currency, with 240.00 and 43.20 of GST. Asked is about what the merchant gave back."""
    book = Book(limit=10_00_000_00, terms=terms_of(foreign_fee_percent=Decimal(3)))
    number = book.purchase(8_000_00, "2026-01-20")
    book.post(FactKind.FEE, 240_00, of=number, fee=FeeKind.FOREIGN)
    book.pay(8_283_20, "2026-02-01")
    book.refund(6_000_00, "2026-02-03", of=number, gives_back=True)
    assert (asked(book), book.state.credit_paise) == ([(6_000_00, "2026-02-10")], 6_000_00 + 180_00 + 32_40)


@pytest.mark.parametrize("paise, is_asked", [(5_000_00, False), (5_000_01, True)])
def test_a_reversal_of_what_is_paid_for_is_asked_about_too(paise: int, is_asked: bool) -> None:
    book, number = paid()
    book.post(FactKind.REVERSAL, paise, "2026-02-20", value_on="2026-01-20", of=number)
    assert (asked(book), book.state.credit_paise) == ([(paise, "2026-02-27")] if is_asked else [], paise)


def test_a_dispute_that_is_won_is_asked_about_too() -> None:
    book, number = paid()
    dispute = book.post(FactKind.DISPUTE, 8_000_00, "2026-02-03", of=number)
    book.post(FactKind.REVERSAL, 8_000_00, "2026-03-20", value_on="2026-01-20", of=number, settles=dispute)
    assert (asked(book), book.state.credit_paise) == ([(8_000_00, "2026-03-27")], 8_000_00)


def test_a_reversal_of_what_is_not_paid_for_is_not_asked_about() -> None:
    book = Book(limit=10_00_000_00)
    number = book.purchase(8_000_00, "2026-01-20")
    book.reverse(number, "2026-02-20")
    assert (asked(book), book.state.credit_paise) == ([], 0)


def test_the_holder_of_a_closed_account_is_not_asked() -> None:
    book, number = paid()
    book.post(FactKind.CLOSING, on="2026-02-02")
    book.reverse(number, "2026-02-20")
    assert (asked(book), book.state.credit_paise) == ([], 8_000_00)
    assert book.today == date(2026, 2, 20)
