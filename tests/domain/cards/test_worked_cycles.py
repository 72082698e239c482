"""The worked cycles of docs/cards.md, to the paisa: statement day 15, due 20 days later, 3.5 % a month, GST 18 %."""

from decimal import Decimal

import pytest

from app.domain.cards.engine.accounts import MinimumParts
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.fees import late_fee_paise
from app.domain.products.card_terms import CardBucket, CardDays
from tests.domain.cards.book import SEEDED, Book, terms_of

FIRST, SECOND, THIRD, FOURTH, FIFTH = "2026-02-15", "2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15"
MINIMUM_PAID = (750_00, "2026-03-07")


def bought(**terms: object) -> Book:
    """Two purchases before the first statement."""
    book = Book(terms=terms_of(**terms))
    book.purchase(10_000_00, "2026-01-20")
    book.purchase(5_000_00, "2026-02-05")
    return book


def minimum_paid(**terms: object) -> Book:
    """(b): only the minimum of the first statement is paid, on its due date."""
    book = bought(**terms)
    book.pay(*MINIMUM_PAID)
    return book


def billed(book: Book, on: str) -> tuple[int, int, int, int]:
    """Interest and tax posted by a statement, its total and its minimum."""
    statement = book.statement(on)
    interest = book.posted("interest", on=on) + book.posted("cash_interest", on=on)
    return interest, book.posted("tax", on=on), statement.asked.total_paise, statement.asked.minimum_paise


@pytest.fixture(autouse=True)
def books(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement that is looked at is followed by a proof of the books."""
    plain = Book.statement

    def proved(self: Book, on: str) -> object:
        found = plain(self, on)
        self.check()
        return found

    monkeypatch.setattr(Book, "statement", proved)


def test_the_first_statement() -> None:
    book = bought()
    statement = book.statement(FIRST)
    assert (statement.from_on.isoformat(), statement.due_on.isoformat()) == ("2026-01-16", "2026-03-07")
    assert statement.asked.total_paise == 15_000_00
    assert statement.asked.minimum_paise == 750_00
    assert statement.asked.parts == MinimumParts(spent_paise=15_000_00, share_paise=750_00)
    assert statement.interest_free


def test_a_paid_in_full() -> None:
    book = bought()
    book.pay(15_000_00, "2026-03-05")
    assert billed(book, SECOND) == (0, 0, 0, 0)
    assert not book.state.is_revolving


def test_b_only_the_minimum_is_paid() -> None:
    book = minimum_paid()
    assert billed(book, SECOND) == (833_10, 149_96, 15_233_06, 1_700_00)
    statement = book.statement(SECOND)
    assert statement.asked.parts == MinimumParts(
        tax_paise=149_96, interest_paise=833_10, spent_paise=14_250_00, share_paise=712_50
    )
    (group,) = statement.interest
    lines = [(line.number, line.balance_paise, line.days) for line in group.lines]
    assert lines == [(1, 10_000_00, 46), (1, 9_250_00, 8), (2, 5_000_00, 38)]
    assert sum(line.exact_paise for line in group.lines) == pytest.approx(83309.58, abs=0.01)


def test_b_with_inclusive_days() -> None:
    book = minimum_paid(days=CardDays.INCLUSIVE)
    interest, tax, _, _ = billed(book, SECOND)
    assert (interest, tax) == (850_36, 153_06)
    (group,) = book.statement(SECOND).interest
    assert [(line.balance_paise, line.days) for line in group.lines] == [
        (10_000_00, 47),
        (9_250_00, 8),
        (5_000_00, 39),
    ]


def test_b_with_a_minimum_that_covers_the_next_interest() -> None:
    book = bought(minimum_covers_next=True)
    statement = book.statement(FIRST)
    assert statement.asked.parts.covering_paise == 840_00 + 151_20
    assert statement.asked.minimum_paise == 1_000_00
    book.pay(1_000_00, "2026-03-07")
    interest, tax, total, _ = billed(book, SECOND)
    assert (interest, tax, total) == (830_79, 149_54, 14_980_33)


def cleared_late() -> Book:
    """(c): after (b) another purchase, and everything that was billed is paid two days before it is due."""
    book = minimum_paid()
    book.statement(SECOND)
    book.purchase(1_000_00, "2026-03-20")
    book.pay(15_233_06, "2026-04-02")
    return book


def test_c_interest_stops_on_the_day_of_the_payment() -> None:
    book = cleared_late()
    assert billed(book, THIRD) == (310_11, 55_82, 1_365_93, 570_00)
    parts = book.statement(THIRD).asked.parts
    assert (parts.tax_paise, parts.interest_paise, parts.share_paise) == (55_82, 310_11, 200_00)


def test_c_paid_in_full_again_nothing_follows() -> None:
    book = cleared_late()
    book.statement(THIRD)
    book.pay(1_365_93, "2026-05-05")
    assert billed(book, FOURTH) == (0, 0, 0, 0)
    book.to("2026-06-16")
    assert [one.on.isoformat() for one in book.statements] == [FIRST, SECOND, THIRD, FOURTH]


def test_c_only_the_minimum_paid_charges_no_day_twice() -> None:
    book = cleared_late()
    book.statement(THIRD)
    book.pay(570_00, "2026-05-05")
    assert book.state.owed_paise == 795_93
    interest, tax, total, _ = billed(book, FOURTH)
    assert (interest, tax, total) == (47_13, 8_48, 851_54)


def test_d_the_minimum_twice_then_in_full() -> None:
    book = minimum_paid()
    book.statement(SECOND)
    book.pay(1_700_00, "2026-04-04")
    assert book.state.balances()[CardBucket.PURCHASES] == 13_533_06
    assert billed(book, THIRD) == (499_24, 89_86, 14_122_16, 1_270_00)
    book.pay(14_122_16, "2026-05-05")
    assert billed(book, FOURTH) == (311_45, 56_06, 367_51, 367_51)
    book.pay(367_51, "2026-06-04")
    assert billed(book, FIFTH) == (0, 0, 0, 0)


def test_e_cash_of_a_transactor() -> None:
    book = Book()
    book.purchase(6_000_00, "2026-02-01")
    book.cash(10_000_00, "2026-02-05")
    statement = book.statement(FIRST)
    assert statement.asked.total_paise == 16_725_78
    parts = statement.asked.parts
    assert (parts.tax_paise, parts.fees_paise, parts.interest_paise, parts.share_paise) == (
        110_71,
        500_00,
        115_07,
        800_00,
    )
    assert statement.asked.minimum_paise == 1_530_00
    book.pay(16_725_78, "2026-03-05")
    interest, tax, total, _ = billed(book, SECOND)
    assert (interest, tax, total) == (207_12, 37_28, 244_40)


def test_f_a_refund_before_the_due_date_counts() -> None:
    book = bought()
    book.statement(FIRST)
    book.refund(5_000_00, "2026-02-25", of=2)
    book.pay(10_000_00, "2026-03-07")
    assert billed(book, SECOND) == (0, 0, 0, 0)


def refunded_late() -> Book:
    book = bought()
    book.statement(FIRST)
    book.pay(10_000_00, "2026-03-07")
    return book


def test_f_a_refund_after_the_due_date_does_not() -> None:
    book = refunded_late()
    book.refund(5_000_00, "2026-03-10", of=2)
    assert billed(book, SECOND)[:3] == (719_18, 129_45, 848_63)


def test_f_a_reversal_gives_the_interest_back() -> None:
    book = refunded_late()
    assert billed(book, SECOND)[:3] == (747_95, 134_63, 5_882_58)
    book.reverse(2, "2026-03-20")
    assert book.posted("interest_adjustment", on="2026-03-20") == -747_95
    assert book.posted("tax_adjustment", on="2026-03-20") == -134_63
    assert book.posted("reversal", on="2026-03-20") == -5_000_00
    assert (book.state.owed_paise, book.state.credit_paise) == (0, 0)
    assert book.statement(SECOND).asked.total_paise == 5_882_58
    assert not book.state.is_revolving


@pytest.mark.parametrize(
    "paid_on, interest, tax, total, minimum",
    [
        ("2026-03-10", 835_68, 150_42, 15_236_10, 1_700_00),
        ("2026-03-11", 836_55, 150_58 + 171_00, 16_358_13, 2_830_00),
        (None, 840_00, 151_20 + 171_00, 17_112_20, 3_620_00),
    ],
)
def test_g_the_late_fee_has_three_days(paid_on: str | None, interest: int, tax: int, total: int, minimum: int) -> None:
    book = bought()
    if paid_on is not None:
        book.pay(750_00, paid_on)
    statement = book.statement(SECOND)
    late = 0 if paid_on == "2026-03-10" else 950_00
    assert book.posted("late_fee", on="2026-03-11") == late
    assert book.posted("interest", on=SECOND) == interest
    assert book.posted("tax", on=SECOND) + book.posted("tax", on="2026-03-11") == tax
    assert (statement.asked.total_paise, statement.asked.minimum_paise) == (total, minimum)


def test_g_nothing_paid_twice() -> None:
    book = bought()
    parts = book.statement(SECOND).asked.parts
    assert (parts.tax_paise, parts.fees_paise, parts.interest_paise) == (322_20, 950_00, 840_00)
    assert (parts.share_paise, parts.past_due_paise) == (750_00, 750_00)
    statement = book.statement(THIRD)
    assert statement.asked.total_paise == 18_864_58
    parts = statement.asked.parts
    assert (parts.tax_paise, parts.fees_paise, parts.interest_paise) == (589_51, 1_900_00, 1_375_07)
    assert (parts.share_paise, parts.past_due_paise) == (750_00, 3_620_00 - 2_112_20)
    assert statement.asked.minimum_paise == 6_130_00


def returned() -> Book:
    """(h): the payment of (a) is returned after the second statement."""
    book = bought()
    paid = book.pay(15_000_00, "2026-03-05")
    book.purchase(2_000_00, "2026-03-10")
    assert billed(book, SECOND) == (0, 0, 2_000_00, 200_00)
    book.return_payment(paid, "2026-03-20")
    assert book.posted("interest_adjustment", on="2026-03-20") == 851_51
    assert book.posted("late_fee_adjustment", on="2026-03-20") == 950_00
    assert book.posted("tax_adjustment", on="2026-03-20") == 153_27 + 171_00
    assert book.state.owed_paise == 19_125_78
    book.check()
    return book


@pytest.mark.parametrize(
    "paid, paid_on, interest, tax, total, revolving",
    [
        (19_125_78, "2026-03-25", 195_62, 35_21, 230_83, False),
        (17_000_00, "2026-03-25", 195_62, 35_21, 2_356_61, False),
        (2_000_00, "2026-04-04", 581_10, 104_60, 17_811_48, True),
    ],
)
def test_h_a_payment_is_returned(paid: int, paid_on: str, interest: int, tax: int, total: int, revolving: bool) -> None:
    book = returned()
    book.pay(paid, paid_on)
    assert billed(book, THIRD)[:3] == (interest, tax, total)
    assert book.state.is_revolving is revolving


def test_h_returned_and_put_back_nets_to_nothing() -> None:
    book = returned()
    kept = bought()
    kept.pay(15_000_00, "2026-03-05")
    kept.purchase(2_000_00, "2026-03-10")
    kept.to("2026-03-20")
    book.pay(15_000_00, "2026-03-20", value_on="2026-03-05")
    assert book.state.balances() == kept.state.balances()
    assert book.state.credit_paise == 0
    assert sum(one.owed_paise for one in book.postings if one.kind.endswith("adjustment")) == 0
    assert billed(book, THIRD) == billed(kept, THIRD)


def test_new_terms_begin_on_the_day_after_a_statement() -> None:
    """Told before, they change nothing until then: neither the rate nor the order of payments."""
    book = bought()
    book.to("2026-02-10")
    told = terms_of(monthly_rate_percent=Decimal(3), payment_order=tuple(reversed(CardBucket)))
    book.post(FactKind.TERMS, value_on="2026-03-16", terms=told, version=2)
    book.pay(750_00, "2026-03-07")
    assert billed(book, SECOND) == (833_10, 149_96, 15_233_06, 1_700_00)
    book.pay(1_000_00, "2026-03-20")
    assert book.state.balances()[CardBucket.PURCHASES] == 13_250_00
    # 14,250 x 5 days and 13,250 x 26 days at 36 % a year, and the day of the statement still at 42 %.
    (group,) = book.statement(THIRD).interest
    assert [(line.days, int(line.annual_rate_percent)) for line in group.lines if line.number == 1] == [
        (1, 42),
        (4, 36),
        (26, 36),
    ]
    assert group.paise == round(((14_250_00 * 42) + (14_250_00 * 4 + 13_250_00 * 26) * 36) / 36_500)


def test_what_is_paid_in_full_is_forgotten() -> None:
    """(a): the days between the statement and its payment are never charged, so nothing of the purchases is kept."""
    book = bought()
    book.pay(15_000_00, "2026-03-05")
    assert billed(book, SECOND) == (0, 0, 0, 0)
    assert book.to("2026-04-16").state.items == []


@pytest.mark.parametrize(
    "unpaid, fee",
    [
        (0, 0), (1, 0), (500_00, 0), (500_01, 500_00), (5_000_00, 500_00), (5_000_01, 750_00), (10_000_00, 750_00),
        (10_000_01, 950_00), (25_000_00, 950_00), (25_000_01, 1_100_00), (50_000_00, 1_100_00), (50_000_01, 1_300_00),
        (10**12, 1_300_00),
    ],
)  # fmt: skip
def test_the_late_fee_at_the_edges_of_its_bands(unpaid: int, fee: int) -> None:
    assert late_fee_paise(SEEDED.late_fees, unpaid_paise=unpaid) == fee


@pytest.mark.parametrize(
    "bought, fee",
    [(500_00, 0), (500_01, 500_00), (5_000_00, 500_00), (5_000_01, 750_00), (50_000_01, 1_300_00)],
)
def test_the_late_fee_is_by_what_is_unpaid_of_the_total(bought: int, fee: int) -> None:
    """Unpaid at the end of 10 March, three days after the due date; charged by the run of the 11th, never before."""
    book = Book(limit=10_00_000_00)
    book.purchase(bought, "2026-01-20")
    book.to("2026-03-10")
    assert book.state.owed_paise == bought
    book.to("2026-03-11")
    assert book.state.owed_paise == bought + fee + fee * 18 // 100
    book.check()
