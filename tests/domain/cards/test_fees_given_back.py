"""The mark-up of a foreign currency follows what comes back of its purchase; the fee for cash follows only a reversal.

8,350.00 are bought in a foreign currency with a mark-up of 3 %: 250.50, and 45.09 of GST.
"""

from decimal import Decimal

import pytest

from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.ledger import CardAccount
from app.domain.products.card_terms import CardBucket, FeeKind
from tests.domain.cards.book import Book, terms_of

TERMS = terms_of(foreign_fee_percent=Decimal(3))


def bought(paise: int = 8_350_00, fee: int = 250_50) -> tuple[Book, int]:
    book = Book(terms=TERMS)
    number = book.purchase(paise, "2026-01-20")
    book.post(FactKind.FEE, fee, of=number, fee=FeeKind.FOREIGN)
    return book, number


@pytest.mark.parametrize(
    "back, mark_up, tax",
    [
        # A third of a paisa is rounded with what is left: 3 % of 5,566.67 is 167.0001.
        (2_783_33, 83_50, 15_03),
        (4_175_00, 125_25, 22_54),
        (8_349_99, 250_50, 45_09),
        (8_350_00, 250_50, 45_09),
        # 3 % of a paisa is nothing.
        (1, 0, 0),
        (17, 1, 0),
    ],
)
@pytest.mark.parametrize("how", [FactKind.REFUND, FactKind.REVERSAL])
def test_a_part_of_the_mark_up_comes_back(how: FactKind, back: int, mark_up: int, tax: int) -> None:
    book, number = bought()
    if how is FactKind.REFUND:
        book.refund(back, "2026-01-25", of=number, gives_back=True)
    else:
        book.post(FactKind.REVERSAL, back, "2026-01-25", of=number)
    left = {
        CardBucket.PURCHASES: 8_350_00 - back,
        CardBucket.FEES: 250_50 - mark_up,
        CardBucket.TAX: 45_09 - tax,
    }
    assert book.state.balances() == {bucket: paise for bucket, paise in left.items() if paise}
    assert book.posted("fee_adjustment", on="2026-01-25") == -mark_up
    assert book.posted("tax_adjustment", on="2026-01-25") == -tax
    book.check()


def test_parts_come_to_the_whole() -> None:
    """Three refunds of a third and a reversal of the rest: each gives back its part, and together all of it."""
    book, number = bought(100_01, 3_00)
    given = []
    for day, paise in (("2026-01-21", 33_33), ("2026-01-22", 33_33), ("2026-01-23", 33_33)):
        book.refund(paise, day, of=number, gives_back=True)
        given.append((book.posted("fee_adjustment", on=day), book.posted("tax_adjustment", on=day)))
    assert given == [(-1_00, -18), (-1_00, -18), (-1_00, -18)]
    book.post(FactKind.REVERSAL, 2, "2026-01-24", of=number)
    assert (book.state.owed_paise, book.state.credit_paise) == (0, 0)
    book.check()


def test_a_refund_of_a_paid_purchase_is_credit_with_its_mark_up() -> None:
    book, number = bought()
    book.statement("2026-02-15")
    book.pay(8_645_59, "2026-03-01")
    book.refund(4_175_00, "2026-03-02", of=number, gives_back=True)
    assert (book.state.owed_paise, book.state.credit_paise) == (0, 4_175_00 + 125_25 + 22_54)
    ledger = [one for one in book.decided.transfers if CardAccount.SETTLEMENT_PAYABLE in (one.debit, one.credit)]
    # The network gives back what it was paid, and not the lender's fee.
    assert sum(one.paise for one in ledger if one.debit is CardAccount.SETTLEMENT_PAYABLE) == 4_175_00
    book.check()


def test_what_was_issued_stays_and_less_is_due() -> None:
    """A refund by the due date counts against the statement, and so does the mark-up that is not owed any more."""
    book, number = bought()
    asked = book.statement("2026-02-15").asked
    # 45.09 + 250.50 + 5 % of 8,350.00 = 713.09.
    assert (asked.total_paise, asked.minimum_paise) == (8_645_59, 720_00)
    book.refund(4_175_00, "2026-03-01", of=number, gives_back=True)
    (open_one,) = book.state.statements
    assert (open_one.shown.total_paise, open_one.minimum_unpaid_paise) == (8_645_59, 0)
    assert open_one.total_unpaid_paise == 4_175_00 + 125_25 + 22_55
    book.pay(4_175_00 + 125_25 + 22_55, "2026-03-07")
    book.to("2026-03-16")
    assert (book.state.owed_paise, book.posted("interest", on="2026-03-15")) == (0, 0)
    book.check()


@pytest.mark.parametrize(
    "cash, back, fee_left",
    [
        # 2.5 % of what is left, at least 500.00.
        (50_000_00, 10_000_00, 1_000_00),
        (50_000_00, 40_000_00, 500_00),
        (10_000_00, 1_000_00, 500_00),
        # As a whole: no cash, no fee.
        (50_000_00, 50_000_00, 0),
    ],
)
def test_a_reversal_of_cash_lowers_its_fee(cash: int, back: int, fee_left: int) -> None:
    book = Book()
    number = book.cash(cash, "2026-01-20")
    book.post(FactKind.REVERSAL, back, "2026-01-20", of=number)
    balances = book.state.balances()
    assert balances.get(CardBucket.CASH, 0) == cash - back
    assert balances.get(CardBucket.FEES, 0) == fee_left
    book.check()


def test_a_refund_of_cash_leaves_its_fee() -> None:
    book = Book()
    number = book.cash(50_000_00, "2026-01-20")
    book.refund(40_000_00, "2026-01-21", of=number)
    assert book.state.balances()[CardBucket.FEES] == 1_250_00
    # And so does everything that makes the account live again.
    paid = book.pay(100_00, "2026-01-22")
    book.return_payment(paid, "2026-01-23")
    assert book.state.balances()[CardBucket.FEES] == 1_250_00
    book.check()
