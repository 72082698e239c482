"""The key facts statement as a PDF, on the Reserve Bank's own illustration and on loans of every kind."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

QUOTE = "/api/v1/loans/quote"
#: RBI/2024-25/18, Annex B and C: 20,000 at 15 % over 24 months, fees of 240 and 160, EMI 970, APR 17.07 %.
ILLUSTRATION: dict[str, Any] = {
    "amount": 20000,
    "annual_rate": 15,
    "instalments": 24,
    "disbursed_on": "2024-10-01",
    "rounding": {"unit": 1, "mode": "half_up"},
    "fees": [
        {"name": "Processing", "amount": 240, "paid": "deducted"},
        {"name": "Insurance", "amount": 160, "paid": "deducted"},
    ],
}


async def ask(client: httpx.AsyncClient, headers: dict[str, str], **change: Any) -> httpx.Response:
    body = {**ILLUSTRATION, **change}
    return await client.post(QUOTE, json=body, headers={**headers, "Accept": "application/pdf"})


def pages_of(answer: httpx.Response) -> list[list[str]]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return [page.extract_text().split("\n") for page in PdfReader(BytesIO(answer.content)).pages]


async def test_the_illustration_of_the_rbi(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await ask(client, officer)
    pages = pages_of(answer)

    assert answer.headers["content-disposition"] == 'inline; filename="key-facts-statement.pdf"'
    assert [page[-1] if "Page" in page[-1] else next(line for line in page if "Page" in line) for page in pages] == [
        "Page 1 of 3", "Page 2 of 3", "Page 3 of 3",
    ]  # fmt: skip
    form, computation, schedule = pages
    assert "Key facts statement" in form
    for label, value in {
        "Sanctioned loan amount (in rupees)": "₹20,000.00",
        "Disbursal schedule: in stages or 100 % upfront": "100 % upfront, on 01 Oct 2024",
        "Loan term (years / months / days)": "24 months",
        "Interest rate (%) and type (fixed, floating or hybrid)": "15 % a year, fixed",
        "Annual percentage rate (APR) (%)": "17.07 %",
    }.items():
        assert form[form.index(label) + 1] == value
    commences = form.index("Repayment commences")
    assert form[commences + 1 : commences + 5] == ["Equated, per month", "24", "970.00", "01 Nov 2024"]
    assert form[form.index("Processing") + 1] == "₹240.00, one-time"
    assert form[form.index("Insurance") + 1] == "₹160.00, one-time"
    for label, value in {
        "Total interest over the entire term": "₹3,272.56",
        "Fees / charges payable (line 8)": "₹400.00 (₹400.00 deducted)",
        "Net disbursed amount": "₹19,600.00",
        "Total amount to be paid by the borrower": "₹23,272.56",
        "Annual percentage rate (line 9)": "17.07 %",
    }.items():
        assert computation[computation.index(label) + 1] == value
    row = computation.index("01 Nov 2024", computation.index("Instalment (₹)"))
    assert computation[row - 1 : row + 5] == ["1", "01 Nov 2024", "20,000.00", "720.00", "250.00", "970.00"]
    total = schedule.index("Total")
    assert schedule[total : total + 4] == ["Total", "20,000.00", "3,272.56", "23,272.56"]
    assert schedule[total - 6 : total] == ["24", "01 Oct 2026", "950.68", "950.68", "11.88", "962.56"]


async def test_the_same_figures_as_in_json(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    facts = (await client.post(QUOTE, json=ILLUSTRATION, headers=officer)).json()["key_facts"]

    assert (facts["total_interest"], facts["total_to_pay"], facts["apr"]) == (3272.56, 23272.56, 17.07)


async def test_the_same_quote_is_the_same_file(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    first = (await ask(client, officer)).content
    # Another document in between, with other letters, changes nothing.
    await ask(client, officer, fees=[{"name": "क्षत्रिय शुल्क", "amount": 10, "paid": "upfront"}])

    assert (await ask(client, officer)).content == first
    browser = await client.post(f"{QUOTE}?format=pdf", json=ILLUSTRATION, headers=officer)
    assert browser.content == first


@pytest.mark.parametrize(
    "change,pages,words",
    [
        ({"fees": []}, 3, "None"),
        ({"instalments": 1}, 2, "1 month"),
        ({"amortisation": "equal_principal"}, 3, "Equal principal, per month"),
        ({"amortisation": "interest_only", "rounding": {"unit": "0.01"}}, 3, "fixed"),
        ({"every": 2, "frequency": "week"}, 3, "48 weeks"),
        ({"moratorium": {"instalments": 3, "of": "both", "interest": "capitalised"}}, 3, "Computation"),
        (
            {"disbursals": [{"on": "2024-10-01", "amount": 12000}, {"on": "2025-01-01", "amount": 8000}], "fees": []},
            3,
            "₹8,000.00 on 01 Jan 2025",
        ),
        ({"amount": 8500000, "instalments": 480}, 14, "₹85,00,000.00"),
    ],
)
async def test_every_kind_of_loan_can_be_drawn(
    client: httpx.AsyncClient, officer: dict[str, str], change: dict[str, Any], pages: int, words: str
) -> None:
    found = pages_of(await ask(client, officer, **change))

    assert len(found) == pages
    assert words in "\n".join("\n".join(page) for page in found)


async def test_refusals_are_problems_whatever_is_accepted(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    wrong = await ask(client, officer, amount=0)
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    csv = await client.post(QUOTE, json=ILLUSTRATION, headers={**officer, "Accept": "text/csv"})
    assert (csv.status_code, csv.json()["code"]) == (406, "not_acceptable")
    asked = await client.post(f"{QUOTE}?format=csv", json=ILLUSTRATION, headers=officer)
    assert asked.status_code == 406
