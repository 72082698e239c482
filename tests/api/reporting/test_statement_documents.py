"""The statement as a file: the contents of the PDF and the CSV to the paisa, and the choice of the form."""

import csv
from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO, StringIO

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import update

from app.api.documents import AnswerForm, choose_form
from app.db.models import Customer
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import PERSONAL_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.services.lending_desk import LendingHelper

ALL = (AnswerForm.JSON, AnswerForm.PDF, AnswerForm.CSV)
PATH = "/api/v1/statements"


@pytest_asyncio.fixture
async def loan_id(uow_factory: UnitOfWorkFactory, opened: None) -> AsyncIterator[str]:
    """5,00,000 at a flat 8.8 % over 24 months, from 2026-11-21: one instalment paid, one bounced and overdue."""
    lending = LendingHelper(uow_factory)
    loan = await lending.disburse(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    async with uow_factory.open(SYSTEM) as uow:
        masked = {"name": "आशा राव (Asha Rao)", "aadhaar_last_four": "9012", "phone": "+91 98765 43210"}
        await uow.session.execute(update(Customer).values(**masked))
    await lending.run_billing(on=date(2026, 12, 5))
    await lending.pay(loan, amount=2_252_067, reference="=1+1")
    await lending.run_billing(on=date(2027, 1, 5))
    bounced = await lending.pay(loan, amount=2_450_000, reference="CHQ 17")
    await lending.set_date(date(2027, 1, 7))
    await lending.reverse(bounced.payment_id)
    yield f"LN-2026-{loan.number:04d}"


async def fetch(
    client: httpx.AsyncClient, headers: dict[str, str], loan_id: str, accept: str, **query: str
) -> httpx.Response:
    return await client.get(PATH, params={"loan_id": loan_id, **query}, headers={**headers, "Accept": accept})


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


async def test_the_pdf(client: httpx.AsyncClient, officer: dict[str, str], loan_id: str) -> None:
    answer = await fetch(client, officer, loan_id, "application/pdf")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-disposition"] == f'inline; filename="statement-{loan_id}-2027-01-07.pdf"'
    assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "no-store")
    pages = text_of(answer.content)
    assert len(pages) == 2
    assert [f"Page {number} of 2" in page for number, page in enumerate(pages, start=1)] == [True, True]
    first = pages[0]
    for words in (
        "Loan statement",
        loan_id,
        "as of 07 Jan 2027",
        "Asha Rao",
        "Aadhaar XXXX XXXX 9012",
        "Mobile XXXXXX3210",
        "₹24,500.00",
        "Since 05 Jan 2027. Next: ₹24,500.00 by 05 Feb 2027",
        "₹4,79,167.00",
        "₹5,00,000.00",
        "4.1 % repaid",
        "8.8 %",
        "₹20,833.00",
        "₹1,687.67",
    ):
        assert words in first, words
    assert "98765" not in "".join(pages)


async def test_the_tables_of_the_pdf(client: httpx.AsyncClient, officer: dict[str, str], loan_id: str) -> None:
    answer = await fetch(client, officer, loan_id, "application/pdf")
    lines = "\n".join(text_of(answer.content)).split("\n")

    def cells(*, first: str, count: int, after: str) -> list[str]:
        start = next(place for place in range(lines.index(after), len(lines)) if lines[place] == first)
        return lines[start : start + count]

    assert cells(first="1", count=7, after="Still to pay (₹)") == [
        "1", "05 Dec 2026", "20,833.00", "1,687.67", "22,520.67", "0.00", "Paid",
    ]  # fmt: skip
    assert cells(first="2", count=7, after="Still to pay (₹)")[-2:] == ["24,500.00", "Overdue"]
    assert cells(first="24", count=7, after="Still to pay (₹)") == [
        "24", "05 Nov 2028", "20,841.00", "3,659.33", "24,500.33", "24,500.33", "Upcoming",
    ]  # fmt: skip
    assert cells(first="Total", count=5, after="Still to pay (₹)") == [
        "Total", "5,00,000.00", "86,021.00", "5,86,021.00", "5,63,500.33",
    ]  # fmt: skip
    payments = "Method and reference"
    assert cells(first="05 Dec 2026", count=6, after=payments)[2:] == ["=1+1", "20,833.00", "1,687.67", "22,520.67"]
    assert cells(first="05 Jan 2027", count=6, after=payments)[2] == "reversed 07 Jan 2027  CHQ 17"
    # The total leaves out reversed payments, and empty columns are not shown.
    assert cells(first="Total", count=4, after=payments) == ["Total", "20,833.00", "1,687.67", "22,520.67"]
    assert "Charges (₹)" not in lines


async def test_the_same_statement_is_the_same_file(
    client: httpx.AsyncClient, officer: dict[str, str], loan_id: str
) -> None:
    first = await fetch(client, officer, loan_id, "application/pdf")

    assert (await fetch(client, officer, loan_id, "*/*", format="pdf")).content == first.content


async def test_a_pdf_reads_a_fixed_number_of_times(
    client: httpx.AsyncClient, officer: dict[str, str], loan_id: str, counted: list[str]
) -> None:
    """The PDF reads what the JSON reads, plus the contract and the borrower, and nothing per instalment or payment."""
    numbers = []
    for accept in ("application/json", "application/pdf"):
        counted.clear()
        await fetch(client, officer, loan_id, accept)
        numbers.append(len(counted))

    assert numbers[1] - numbers[0] <= 5


async def test_the_csv(client: httpx.AsyncClient, officer: dict[str, str], loan_id: str) -> None:
    answer = await fetch(client, officer, loan_id, "text/csv")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == f'attachment; filename="statement-{loan_id}-2027-01-07.csv"'
    rows = list(csv.reader(StringIO(answer.text, newline="")))
    assert answer.text.count("\r\n") == len(rows) == 1 + 24 + 2
    assert rows[0] == [
        "loan_id", "as_of", "record", "number", "date", "status", "amount", "principal", "interest", "charges",
        "advance", "unpaid", "method", "reference", "reversed_on",
    ]  # fmt: skip
    assert {tuple(row[:2]) for row in rows[1:]} == {(loan_id, "2027-01-07")}
    assert rows[1][2:] == [
        "instalment", "1", "2026-12-05", "PAID", "22520.67", "20833.00", "1687.67", "", "", "0.00", "", "", "",
    ]  # fmt: skip
    assert rows[2][5:12] == ["OVERDUE", "24500.00", "20833.00", "3667.00", "", "", "24500.00"]
    assert rows[24][2:9] == ["instalment", "24", "2028-11-05", "UPCOMING", "24500.33", "20841.00", "3659.33"]
    # A text that begins like a formula is escaped.
    assert rows[25][4:] == [
        "2026-12-05", "RECEIVED", "22520.67", "20833.00", "1687.67", "0.00", "0.00", "", "", "'=1+1", "",
    ]  # fmt: skip
    assert rows[26][5] == "REVERSED"
    assert rows[26][13:] == ["CHQ 17", "2027-01-07"]


async def test_json_unless_said_otherwise(client: httpx.AsyncClient, officer: dict[str, str], loan_id: str) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept in ("*/*", "application/json", browser, "application/*", "application/pdf;q=0.5, application/json"):
        answer = await fetch(client, officer, loan_id, accept)
        assert (answer.headers["content-type"], answer.json()["loan_id"]) == ("application/json", loan_id)
    as_asked = await fetch(client, officer, loan_id, "application/pdf", format="json")
    assert as_asked.headers["content-type"] == "application/json"


async def test_other_forms_are_refused_cleanly(
    client: httpx.AsyncClient, officer: dict[str, str], loan_id: str
) -> None:
    answer = await fetch(client, officer, loan_id, "image/png")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert answer.headers["content-type"] == "application/problem+json"
    unknown = await fetch(client, officer, loan_id, "*/*", format="docx")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "format")


@pytest.mark.parametrize("accept", ["application/pdf", "text/csv"])
async def test_another_customers_statement_is_a_404(
    client: httpx.AsyncClient, headers_of: HeadersOf, loan_id: str, accept: str
) -> None:
    stranger = await headers_of(Role.CUSTOMER, customer_id=9)

    answer = await fetch(client, stranger, loan_id, accept)

    assert (answer.status_code, answer.json()["code"]) == (404, "loan_not_found")


async def test_the_borrower_may_have_it(client: httpx.AsyncClient, headers_of: HeadersOf, loan_id: str) -> None:
    borrower = await headers_of(Role.CUSTOMER, customer_id=1001)

    assert (await fetch(client, borrower, loan_id, "application/pdf")).content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "accept,form",
    [
        (None, AnswerForm.JSON),
        ("", AnswerForm.JSON),
        ("text/csv;q=0.9, application/pdf", AnswerForm.PDF),
        ("text/*, application/pdf;q=0.2", AnswerForm.CSV),
        ("application/json;q=0, */*", AnswerForm.PDF),
        ("TEXT/CSV", AnswerForm.CSV),
        ("text/csv; q=no, */*;q=0.1", AnswerForm.JSON),
    ],
)
def test_what_accept_means(accept: str | None, form: AnswerForm) -> None:
    assert choose_form(accept, asked=None, offered=ALL) is form
