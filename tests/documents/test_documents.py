"""Documents: blocks on pages, the shaping of letters, and loan statements in every state."""

import csv
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from app.documents.canvas import Style, fit, text_width, wrap
from app.documents.charts import Bar, bar_chart
from app.documents.facts import Borrower, StatementFacts, mask_phone
from app.documents.key_facts import key_facts_pdf
from app.documents.layout import Block, paginate
from app.documents.statement import statement_pdf
from app.documents.statement_csv import statement_csv
from app.documents.table_csv import harmless, table_csv
from app.documents.words import Language, day, percent, term
from app.domain.calendar import Frequency
from app.domain.lender.profiles import LenderVersion, parse_profile
from app.domain.offers.quotes import quote
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, Statement, StatementLine
from app.domain.schedules.terms import ScheduleTerms
from tests.documents.reading import spoken_in, text_of
from tests.domain.lender.test_profiles import LEAST

LINE = StatementLine(
    number=1,
    billed_on=date(2026, 12, 5),
    due_on=date(2026, 12, 20),
    status=InstalmentStatus.UPCOMING,
    principal_paise=40_000_00,
    interest_paise=435_00,
    unpaid_paise=40_435_00,
)
PAYMENT = PaymentFacts(
    payment_id=12,
    value_date=date(2026, 12, 20),
    amount_paise=500_00,
    charges_paise=18_00,
    interest_paise=0,
    principal_paise=400_00,
    advance_paise=82_00,
    method="UPI",
    reference=None,
    reversed_on=None,
)
STATEMENT = Statement(
    on=date(2026, 12, 21),
    principal_paid_paise=0,
    interest_paid_paise=0,
    charges_paid_paise=0,
    outstanding_paise=50_000_00,
    advance_paise=0,
    overdue_paise=0,
    lines=(LINE,),
    payments=(),
    past=(),
)
FACTS = StatementFacts(
    loan_id="LN-2026-0001",
    product="Credit card loan",
    status="active",
    amount_paise=50_000_00,
    annual_rate_percent=Decimal("10.50"),
    instalments=12,
    emi_paise=4406_04,
    disbursed_on=date(2026, 11, 21),
    closed_on=None,
    borrower=Borrower(user_id="BC-USER-009", name="Asha Rao", aadhaar=None, phone=None),
    statement=STATEMENT,
)


def drawn(facts: StatementFacts) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(statement_pdf(facts))).pages]


def with_statement(**change: object) -> StatementFacts:
    return replace(FACTS, statement=replace(STATEMENT, **change))  # type: ignore[arg-type]


def test_a_new_loan() -> None:
    (page,) = drawn(FACTS)

    assert "by 20 Dec 2026  ·  instalment 1 of 1" in page
    assert "No payment has been received yet." in page
    assert "Aadhaar" not in page


def test_a_repaid_loan() -> None:
    closed = replace(FACTS, status="closed", closed_on=date(2026, 12, 21))
    statement = replace(STATEMENT, outstanding_paise=0, lines=())
    (page,) = drawn(replace(closed, statement=statement))

    assert "Repaid in full on 21 Dec 2026. Thank you." in page
    assert "100.0 % repaid" in page
    assert "Instalments\n" not in page


@pytest.mark.parametrize(
    "status,words",
    [
        (InstalmentStatus.PAID, "Every instalment is paid."),
        (InstalmentStatus.DUE, "Due"),
        (InstalmentStatus.PARTIALLY_PAID, "instalment 1 of 1 (the rest of it)"),
    ],
)
def test_the_status_of_an_instalment(status: InstalmentStatus, words: str) -> None:
    assert words in drawn(with_statement(lines=(LINE._replace(status=status),)))[0]


def test_the_last_instalment_is_overdue() -> None:
    late = LINE._replace(status=InstalmentStatus.OVERDUE)
    (page,) = drawn(with_statement(lines=(late,), overdue_paise=40_435_00))

    assert "Since 20 Dec 2026. Please pay at once" in page


def test_charges_and_advances_are_shown_where_there_are_any() -> None:
    page = drawn(with_statement(payments=(PAYMENT,)))[-1]

    for words in ("Charges (₹)", "Advance (₹)", "PM-000012", "18.00", "82.00", "400.00", "500.00"):
        assert words in page


def test_a_long_loan_repeats_the_head_on_every_page() -> None:
    lines = tuple(LINE._replace(number=number) for number in range(1, 481))
    pages = drawn(with_statement(lines=lines))

    assert len(pages) == 13
    assert all(f"Page {number} of 13" in page for number, page in enumerate(pages, start=1))
    # Below the chart, the first page has room for the table's head and a few rows only.
    assert all("Still to pay (₹)" in page for page in pages)


@pytest.mark.parametrize(
    "name", ["Zoë O'Brien", "क्षत्रिय श्री", "Asha 🙂 عائشة 李\u200d", "x" * 200, "क" * 200, "a\nb", "(\\)"]
)
def test_any_name_can_be_drawn(name: str) -> None:
    borrower = replace(FACTS.borrower, name=name)

    assert len(drawn(replace(FACTS, borrower=borrower))) == 1


def test_hindi_can_be_copied_and_read_aloud() -> None:
    page = PdfReader(BytesIO(statement_pdf(FACTS))).pages[0]
    contents = page.get_contents()
    assert contents is not None

    spoken = [
        bytes.fromhex(text.decode()) for text in re.findall(rb"ActualText <FEFF([0-9A-F]+)>", contents.get_data())
    ]

    assert [text.decode("utf-16-be") for text in spoken] == [
        "ऋण विवरण", "Due next  ·  अगली देय राशि", "आपका ऋण", "मूलधन और ब्याज", "किस्तें", "भुगतान",
    ]  # fmt: skip


def test_a_statement_in_hindi_says_everything_in_hindi() -> None:
    late = LINE._replace(status=InstalmentStatus.OVERDUE)
    statement = replace(STATEMENT, lines=(late,), overdue_paise=40_435_00, payments=(PAYMENT,))
    facts = replace(FACTS, statement=statement, language=Language.HINDI)
    texts = spoken_in(statement_pdf(facts))
    for words in (
        "आपका ऋण", "20 दिसंबर 2026 से। कृपया तुरंत चुकाएँ", "बकाया मूलधन", "चुकाया ब्याज", "देय तारीख", "शेष (₹)", "अतिदेय",
        "माध्यम और संदर्भ", "योग", "चालू",
    ):  # fmt: skip
        assert words in texts, words
    # Nothing is left in English but titles, which have the other language beside them.
    page = PdfReader(BytesIO(statement_pdf(facts))).pages[0].extract_text()
    for words in ("Annual interest rate", "Still to pay", "Please pay at once", "Charges paid", "as of", "Customer"):
        assert words not in page


def test_a_quote_names_the_lender_in_both_languages() -> None:
    terms = ScheduleTerms(
        amount_paise=50_000_00, annual_rate_percent=Decimal(12), instalments=12, disbursed_on=date(2026, 11, 21)
    )
    lender = LenderVersion(version=1, effective_from=date(2026, 1, 1), profile=parse_profile(LEAST))
    for language in Language:
        content = key_facts_pdf(quote(terms), terms=terms, lender=lender, language=language)
        assert LEAST["name"] in text_of(content)
        assert ("मुख्य तथ्य विवरण" in " ".join(spoken_in(content))) is True


def test_letters_that_join_are_joined() -> None:
    """क + virama + ष become one letter, which is narrower than its parts, also after Latin letters."""
    style = Style(size=10)
    assert text_width("क्ष", style=style) < text_width("क", style=style) + text_width("ष", style=style)
    assert text_width("A क्ष", style=style) == pytest.approx(
        text_width("A ", style=style) + text_width("क्ष", style=style)
    )


def test_a_block_is_never_cut_and_a_heading_is_never_alone() -> None:
    def block(height: float, *, keeps_next: bool = False, opens_page: bool = False) -> Block:
        return Block(height=height, draw=lambda canvas, y: None, keeps_next=keeps_next, opens_page=opens_page)

    head = block(10)
    row = Block(height=40, draw=lambda canvas, y: None, repeats=head)
    title = block(20, keeps_next=True)

    assert paginate([head, row, row, row], room=100) == [[head, row, row], [head, row]]
    assert paginate([row, row, title, row], room=100) == [[row, row], [title, row]]
    assert paginate([row, block(5, opens_page=True)], room=100)[1] != []
    assert len(paginate([block(500)], room=100)) == 1


def test_no_digit_of_the_largest_figures_is_lost() -> None:
    most = 10**13
    line = LINE._replace(principal_paise=most, interest_paise=most, unpaid_paise=2 * most)
    late = line._replace(status=InstalmentStatus.OVERDUE)
    facts = replace(FACTS, amount_paise=most, emi_paise=2 * most)
    statement = replace(STATEMENT, outstanding_paise=most, overdue_paise=2 * most, lines=(late, line))
    page = "".join(drawn(replace(facts, statement=statement)))

    assert "…" not in page
    assert page.count("1,00,00,00,00,000.00") == 3 + 2 * 2
    assert page.count("2,00,00,00,00,000.00") == 4 + 2 * 2 + 2


def test_text_that_is_too_long() -> None:
    assert fit("Instalment", width=1000) == "Instalment"
    assert fit("Instalment", width=30).endswith("…")
    assert wrap("one two three", width=30) == ["one", "two", "three"]
    assert wrap("one\ntwo", width=300) == ["one", "two"]


@pytest.mark.parametrize("count", [0, 1, 60, 61, 1200])
def test_a_chart_of_any_length(count: int) -> None:
    bars = [Bar(label=str(number), principal_paise=0, interest_paise=0, settled=True) for number in range(count)]

    assert bar_chart(bars).height == 128


def test_words() -> None:
    assert (day(date(2027, 1, 5)), day(None)) == ("05 Jan 2027", "–")
    assert [percent(Decimal(text)) for text in ("10.50", "12", "0.00", "100")] == ["10.5 %", "12 %", "0 %", "100 %"]
    assert term(1, every=1, frequency=Frequency.YEAR) == "1 year"
    assert term(12, every=30, frequency=Frequency.DAY) == "360 days"
    assert [mask_phone(phone) for phone in ("+91 98765 43210", "12345")] == ["XXXXXX3210", "XXXXXX"]


@pytest.mark.parametrize(
    "first", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0\t@", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_cell_of_a_csv_is_a_formula(first: str) -> None:
    assert harmless(f"{first}1") == f"'{first}1"
    payment = replace(PAYMENT, method=f"{first}HYPERLINK", reference=f"{first}A1")
    text = statement_csv(replace(STATEMENT, payments=(payment,)), loan_id="LN-2026-0001").decode()
    assert f"'{first}HYPERLINK" in text
    assert (harmless(None), harmless("UPI-1")) == ("", "UPI-1")
    rows = [(f"{first}1", Decimal("-1.50"), -2, None, date(2027, 1, 5))]
    assert list(csv.reader(StringIO(table_csv(("a", "b", "c", "d", "e"), rows).decode(), newline=""))) == [
        ["a", "b", "c", "d", "e"],
        [f"'{first}1", "-1.50", "-2", "", "2027-01-05"],
    ]
