"""Rules of docs/cards.md that the worked cycles do not show: when a statement comes, refunds of plans, disputes that
are lost, days past due, and the order inside a day."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.cards.engine.facts import FactKind
from app.domain.cards.standing import Lateness, lateness
from app.domain.products.card_terms import CardBucket, CardDays
from tests.domain.cards.book import Book, terms_of


def issued(book: Book) -> list[tuple[str, int, int]]:
    """Date, total due and closing balance of the statements."""
    return [(one.on.isoformat(), one.asked.total_paise, one.closing_paise) for one in book.statements]


def test_a_statement_comes_when_something_moved_or_the_holder_wants_it() -> None:
    """Of a credit balance too. Where nothing moved there is none, unless it is wanted always."""
    book = Book().to("2026-03-16")
    assert issued(book) == []
    book.post(FactKind.ALWAYS_STATEMENT, day=1)
    assert issued(book.to("2026-04-16")) == [("2026-04-15", 0, 0)]
    book.post(FactKind.ALWAYS_STATEMENT, day=0)
    book.to("2026-05-16")
    book.pay(500_00)
    book.to("2026-07-16")
    assert issued(book) == [("2026-04-15", 0, 0), ("2026-06-15", 0, -500_00)]
    assert book.statements[-1].asked.minimum_paise == 0
    book.check()


def test_what_comes_on_the_statement_day_is_in_the_statement() -> None:
    """A payment that is valued that day lowers its total, and so is not counted against its minimum again."""
    book = Book()
    book.purchase(10_000_00, "2026-02-14")
    book.pay(4_000_00, "2026-02-15")
    book.purchase(1_000_00, "2026-02-15")
    asked = book.statement("2026-02-15").asked
    assert (asked.total_paise, asked.minimum_paise) == (7_000_00, 350_00)
    assert book.state.statements[-1].minimum_unpaid_paise == 350_00


def test_a_refund_shortens_the_plan_of_its_purchase_from_its_end() -> None:
    """12,000.00 in 6 instalments of 2,080.09 at 15 % a year; one is billed. 4,000.00 of 10,021.52 come back on 20
    February: the instalment stays, and three are left."""
    book = Book()
    bought = book.purchase(12_000_00, "2026-01-20")
    book.post(
        FactKind.CONVERSION, 12_000_00, "2026-01-25", of=bought, annual_rate_percent=Decimal(15), instalments=6
    )  # fmt: skip
    book.to("2026-02-20")
    billed = book.state.balances()
    book.refund(4_000_00, "2026-02-20", of=bought)
    # 84.20: 5 days of 10,021.52 and 23 days of 6,021.52.
    assert [(row.principal_paise, row.interest_paise) for row in book.state.plans[0].rows] == [
        (1_995_89, 84_20),
        (2_029_77, 50_32),
        (1_995_86, 24_95),
    ]
    assert (book.state.balances(), book.state.credit_paise) == (billed, 0)
    book.check()


def test_a_dispute_that_is_lost_bears_from_the_day_of_the_decision() -> None:
    """10,000.00 are billed on 15 February and disputed on the 20th: nothing is due of them, and nobody is late. They
    are owed again from 1 April, billed by the next statement, and bear interest from that day where it is not paid."""
    book = Book()
    bought = book.purchase(10_000_00, "2026-01-20")
    book.statement("2026-02-15")
    dispute = book.post(FactKind.DISPUTE, 10_000_00, "2026-02-20", of=bought)
    shown = book.state.statements[-1].shown
    assert (shown.total_paise, shown.minimum_paise, book.state.used_paise) == (0, 0, 10_000_00)
    book.post(FactKind.DISPUTE_LOST, 0, "2026-04-01", of=dispute)
    asked = book.statement("2026-04-15").asked
    assert (asked.total_paise, asked.minimum_paise) == (10_000_00, 500_00)
    # 10,000 x 44 days from 1 April: 506.30; the late fee of 750.00; 226.13 of GST.
    asked = book.statement("2026-05-15").asked
    assert (asked.parts.interest_paise, asked.parts.fees_paise, asked.parts.tax_paise) == (506_30, 750_00, 226_13)
    book.check()


@pytest.mark.parametrize(
    "on, days, is_reported, is_non_performing",
    [
        ("2026-03-06", 0, False, False),
        ("2026-03-07", 1, False, False),
        ("2026-03-09", 3, False, False),
        ("2026-03-10", 4, True, False),
        ("2026-06-04", 90, True, False),
        ("2026-06-05", 91, True, True),
    ],
)
def test_days_past_due_are_counted_from_the_due_date(
    on: str, days: int, is_reported: bool, is_non_performing: bool
) -> None:
    """The due date is day 1 and counts, although nothing is reported before the third day after it is over."""
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    book.to(on)
    assert lateness(book.state, on=date.fromisoformat(on), rules=book.rules) == Lateness(
        days_past_due=days, is_reported=is_reported, is_non_performing=is_non_performing
    )


@pytest.mark.parametrize("days, interest", [(CardDays.PLAIN, 86_30), (CardDays.INCLUSIVE, 86_30)])
def test_a_payout_that_the_credit_pays_bears_no_day(days: CardDays, interest: int) -> None:
    """A revolver pays too much, and gets it back on the same day. Where the day of a payment counts, that of the payout
    does not: 15,000 x 5 days, from the statement of 15 March (the day after it) to the payment."""
    book = Book(terms=terms_of(days=days))
    book.purchase(15_000_00, "2026-02-05")
    book.statement("2026-03-15")
    book.pay(20_000_00, "2026-03-20")
    book.post(FactKind.PAYOUT, book.state.credit_paise)
    (group,) = book.statement("2026-04-15").interest
    assert ([line.number for line in group.lines], group.paise) == ([1], interest)
    book.check()


def test_a_credit_pays_the_next_purchase_from_its_own_day() -> None:
    """The later of both dates: the credit is older, so the purchase bears no day, of a revolver either."""
    book = Book()
    book.cash(10_000_00, "2026-01-20")
    book.pay(12_000_00, "2026-01-20")
    credit = book.state.credit_paise
    assert credit == 12_000_00 - 10_000_00 - 590_00
    book.purchase(1_000_00, "2026-02-01")
    assert (book.state.credit_paise, book.state.balances()) == (credit - 1_000_00, {})
    assert book.statement("2026-02-15").asked.total_paise == 0
    assert CardBucket.INTEREST not in book.state.balances()
