"""Closings that did not hold: the payment that settled the account was returned, and perhaps put back.

10,000.00 and 5,000.00 are bought. The statement of 15 February asks for both by 7 March. On 5 March they are paid, and
the account is closed: its last statement is of that day, and due on 25 March.
"""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.cards.changes import decide_dispute
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.quotes import ClosingQuote, StillOwed, check_closable, closing_quote
from app.domain.cards.requests import Posted
from app.domain.products.card_terms import CardTerms, FeeKind
from tests.domain.cards.book import SEEDED, Book, terms_of


def closed(terms: CardTerms = SEEDED) -> tuple[Book, int]:
    book = Book(terms=terms)
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    paid = book.pay(15_000_00, "2026-03-05")
    book.post(FactKind.CLOSING)
    assert book.state.status is AccountStatus.CLOSED
    return book, paid


@pytest.mark.parametrize("again_on, interest", [("2026-03-07", 0), ("2026-03-08", 10_000_00 * 47 + 5_000_00 * 31)])
def test_each_statement_is_cleared_by_itself(again_on: str, interest: int) -> None:
    """The statement of 15 February is judged on its own due date, although the one of the closing came before it: paid
    again on that day it is paid in full. A day later, all days to the payment bear."""
    book, paid = closed()
    book.return_payment(paid, "2026-03-06")
    assert book.state.status is AccountStatus.OPEN
    book.pay(15_000_00, again_on)
    charged = round(interest * 42 / 36_500)
    tax = round(charged * 18 / 100)
    assert book.statement("2026-03-15").asked.total_paise == charged + tax
    # The statement of the closing is judged on 26 March: paid in full, so new purchases are free of interest again.
    assert book.to("2026-03-26").state.is_revolving is False
    book.check()


def test_put_back_the_account_is_closed_as_it_was() -> None:
    book, paid = closed()
    book.return_payment(paid, "2026-03-20")
    # 10,000 x 54 and 5,000 x 38 days, the late fee, and their tax.
    assert book.state.owed_paise == 15_000_00 + 840_00 + 151_20 + 950_00 + 171_00
    book.pay(15_000_00, "2026-03-25", value_on="2026-03-05")
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 0)
    book.check()


def test_what_is_charged_after_a_closing_keeps_the_account_open_also_when_it_is_paid() -> None:
    """The payment of 1,000.00 is returned after the closing, and interest and its tax are asked for. Then a refund is
    learned that settles the purchase before the closing: the account is as it was seen, whatever was paid since."""
    book = Book()
    bought = book.purchase(1_000_00, "2026-01-31")
    paid = book.pay(1_000_00, "2026-02-14")
    book.to("2026-03-31").post(FactKind.CLOSING)
    assert book.state.status is AccountStatus.CLOSED
    book.return_payment(paid, "2026-04-07")
    book.refund(1_000_00, "2026-04-17", of=bought, value_on="2026-03-22")
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.OPEN, 67_89)
    book.pay(67_89, "2026-04-17")
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.OPEN, 0)
    book.check()


def test_put_back_after_it_was_used_again_it_stays_open() -> None:
    """1,000.00 was bought while it was open: it is billed by the next statement, and no interest is left."""
    book, paid = closed()
    book.return_payment(paid, "2026-03-20")
    book.purchase(1_000_00, "2026-03-22")
    book.pay(15_000_00, "2026-03-25", value_on="2026-03-05")
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.OPEN, 1_000_00)
    asked = book.statement("2026-04-15").asked
    assert (asked.total_paise, asked.minimum_paise) == (1_000_00, 200_00)
    book.pay(1_000_00, "2026-05-05")
    book.post(FactKind.CLOSING)
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.CLOSED, 0)
    book.check()


def test_the_fee_for_a_return_goes_when_the_payment_is_put_back() -> None:
    """A closed account is charged nothing, so the fee of 500.00 and its tax of 90.00 are given back."""
    book, paid = closed(terms_of(returned_payment_fee_paise=500_00))
    book.return_payment(paid, "2026-03-20")
    book.post(FactKind.FEE, 500_00, fee=FeeKind.RETURNED_PAYMENT)
    assert book.state.owed_paise == 15_000_00 + 840_00 + 151_20 + 950_00 + 171_00 + 590_00
    book.pay(15_000_00, "2026-03-25", value_on="2026-03-05")
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 0)
    assert book.posted("fee_adjustment", on="2026-03-25") == -500_00
    book.check()


def test_no_fee_is_charged_to_an_account_that_stays_closed() -> None:
    """A merchant refunded 15,000.00 before the payment was returned, so nothing is owed without it either."""
    book, paid = closed(terms_of(returned_payment_fee_paise=500_00))
    book.refund(10_000_00, "2026-03-05", of=1)
    book.refund(5_000_00, "2026-03-05", of=2)
    book.return_payment(paid, "2026-03-20")
    book.post(FactKind.FEE, 500_00, fee=FeeKind.RETURNED_PAYMENT)
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 0)
    book.check()


def test_credit_that_was_paid_out_and_did_not_exist_opens_the_account() -> None:
    """15,000.00 are reversed after the closing and paid out by two people. The payment is returned: the holder owes
    what was paid out, like a purchase of that day, and no issued statement asked for it."""
    book, paid = closed()
    book.reverse(1, "2026-03-10")
    book.reverse(2, "2026-03-10")
    book.post(FactKind.PAYOUT, 15_000_00, "2026-03-12")
    assert (book.state.status, book.state.owed_paise, book.state.credit_paise) == (AccountStatus.CLOSED, 0, 0)
    book.return_payment(paid, "2026-03-20")
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.OPEN, 15_000_00)
    asked = book.statement("2026-04-15").asked
    # Not paid by 4 April: 15,000 x 34 days, 586.85, and 105.63 of GST. No late fee.
    assert (asked.total_paise, asked.minimum_paise) == (15_692_48, 1_450_00)
    assert asked.parts.fees_paise == asked.parts.past_due_paise == 0
    book.check()


def disputed(terms: CardTerms = SEEDED) -> Book:
    """15,000.00 are paid, and the 5,000.00 of them are disputed: nothing is set aside."""
    book = Book(terms=terms)
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    book.pay(15_000_00, "2026-03-05")
    book.post(FactKind.DISPUTE, 5_000_00, of=2)
    return book


def quote(book: Book) -> ClosingQuote:
    on = book.today
    return closing_quote(book.state, on=on, rules=book.rules, repayment=book.opening.repayment, close_by=on)


@pytest.mark.parametrize("for_holder, credit", [(True, 5_000_00), (False, 0)])
def test_a_dispute_of_what_is_paid_for_outlives_the_account(for_holder: bool, credit: int) -> None:
    """Nothing is owed, so the account is closed at once; what the holder wins later is owed to them."""
    book = disputed()
    check_closable(book.state, held_paise=0, quote=quote(book), terms=SEEDED)
    book.post(FactKind.CLOSING)
    book.to("2026-03-20")
    dispute, day = book.state.disputes[0].number, date(2026, 2, 5)
    opened = Posted(
        number=dispute, kind=FactKind.DISPUTE, amount_paise=5_000_00, undone_paise=0, value_on=day, posted_on=day
    )
    (fact,) = decide_dispute(
        book.state,
        opened,
        replace(opened, number=2, kind=FactKind.PURCHASE),
        for_holder=for_holder,
        credited_paise=0,
        refunded_paise=0,
        today=book.today,
    )
    book.happen(replace(fact, number=book.state.last_number + 1))
    assert (book.state.status, book.state.owed_paise) == (AccountStatus.CLOSED, 0)
    assert (book.state.credit_paise, book.state.disputes) == (credit, [])
    book.check()


def test_an_account_is_not_closed_while_a_provisional_credit_may_be_taken_back() -> None:
    terms = terms_of(provisional_credit=True)
    book = disputed(terms)
    book.post(FactKind.CREDIT, 5_000_00, of=book.state.disputes[0].number)
    before = book.state.copy()
    with pytest.raises(StillOwed):
        check_closable(book.state, held_paise=0, quote=quote(book), terms=terms)
    assert book.state == before


def test_a_late_fee_found_later_is_taxed_as_on_its_own_day() -> None:
    """New terms exempt late fees from tax from 16 April. That of 11 March is found on 20 April: it bears tax."""
    book = Book()
    book.purchase(15_000_00, "2026-02-05")
    paid = book.pay(15_000_00, "2026-03-01")
    book.to("2026-03-10")
    book.post(FactKind.TERMS, value_on="2026-04-16", terms=terms_of(untaxed_fees=(FeeKind.LATE,)), version=2)
    book.return_payment(paid, "2026-04-20")
    late = [one for key, many in book.history().charges.items() if key.cause == "late_fee" for one in many]
    assert [(one.posted_on.isoformat(), one.paise, one.tax_paise) for one in late] == [("2026-04-20", 950_00, 171_00)]
    book.check()
