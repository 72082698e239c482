"""What pays an instalment plan off: 12,000.00 in 6 instalments at 15 % a year from 25 January, of which the statement
of 15 February has billed one. The fee for foreclosing is 3 %.
"""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.cards.changes import foreclose
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.plans import PlanNotFound
from app.domain.cards.quotes import ForeclosureQuote, foreclosure_quote
from app.domain.cards.standing import AccountNotOpen
from app.domain.products.card_terms import CardBucket, FeeKind
from tests.domain.cards.book import Book, terms_of

TERMS = terms_of(foreclosure_fee_percent=Decimal(3))


def planned() -> tuple[Book, int]:
    book = Book(terms=TERMS)
    bought = book.purchase(12_000_00, "2026-01-20")
    plan = book.post(
        FactKind.CONVERSION, 12_000_00, "2026-01-25", of=bought, annual_rate_percent=Decimal(15), instalments=6
    )  # fmt: skip
    book.to("2026-02-25")
    assert book.state.plan_paise == 10_021_52
    return book, plan


def quoted(book: Book, plan: int, on: str) -> ForeclosureQuote:
    return foreclosure_quote(
        book.state, plan, on=date.fromisoformat(on), rules=book.rules, repayment=book.opening.repayment
    )


@pytest.mark.parametrize(
    "on, principal, interest, fee, tax",
    [
        # 10 of the 28 days of 125.27; 3 % of 10,021.52; 8.05 and 54.12 of GST.
        ("2026-02-25", 10_021_52, 44_74, 300_65, 62_17),
        # On the day of the statement nothing more is billed: all of the instalment's interest.
        ("2026-03-15", 10_021_52, 125_27, 300_65, 22_55 + 54_12),
        # A day later, after the second instalment.
        ("2026-03-16", 8_066_70, 3_25, 242_00, 59 + 43_56),
    ],
)
def test_what_a_plan_costs_on_a_day(on: str, principal: int, interest: int, fee: int, tax: int) -> None:
    book, plan = planned()
    before = book.state.copy()
    quote = quoted(book, plan, on)
    assert (quote.principal_paise, quote.interest_paise, quote.fee_paise, quote.tax_paise) == (
        principal,
        interest,
        fee,
        tax,
    )
    assert quote.total_paise == principal + interest + fee + tax
    assert book.state == before


def test_what_is_quoted_is_what_happens() -> None:
    book, plan = planned()
    quote, owed = quoted(book, plan, "2026-02-25"), book.state.owed_paise
    due, fee = foreclose(book.state, plan, terms=TERMS, today=book.today)
    number = book.post(due.kind, due.amount_paise, of=plan)
    book.post(FactKind.FEE, fee.amount_paise, of=number, fee=FeeKind.FORECLOSURE)
    assert book.state.owed_paise - owed == quote.total_paise == 10_429_08
    # The limit is freed as the principal is paid: it is used until then.
    assert (book.state.plan_paise, book.state.used_paise) == (0, book.state.owed_paise)
    assert book.state.balances()[CardBucket.FEES] == 300_65
    book.check()


def test_there_is_no_quote_for_what_is_not_there() -> None:
    book, plan = planned()
    with pytest.raises(PlanNotFound):
        quoted(book, plan + 1, "2026-02-25")
    # All of it is billed by then.
    with pytest.raises(PlanNotFound):
        quoted(book, plan, "2026-12-01")
    book.post(FactKind.CHARGE_OFF)
    with pytest.raises(AccountNotOpen):
        quoted(book, plan, "2026-02-25")
