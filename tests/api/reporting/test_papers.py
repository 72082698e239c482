"""Papers over HTTP: their figures to the paisa in English and in Hindi, who may have them, and what is refused."""

from datetime import date

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update

from app.db.models import Customer
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import PERSONAL_LOAN
from app.domain.public_ids import LoanReference
from app.services.lender import profiles
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import HeadersOf
from tests.api.lender.test_profiles import PROFILE
from tests.documents.reading import lines_of, spoken_in, text_of
from tests.services.lending_desk import LendingHelper

LOAN = LoanReference(number=1, year=None)
LOAN_ID = "LN-2026-0001"
PAPERS = ("account-statement", "interest-certificate", "foreclosure-letter")


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory, opened: None) -> LendingHelper:
    """5,00,000 at a flat 8.8 % over 24 months, from 2026-11-21: one instalment paid, one bounced and overdue.

    The lender's profile is in force from the first day.
    """
    helper = LendingHelper(uow_factory)
    await helper.disburse(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    async with uow_factory.open(SYSTEM) as uow:
        shown = {"name": "Asha Rao", "aadhaar_last_four": "9012", "phone": "+91 98765 43210", "address": "Mysuru"}
        await uow.session.execute(update(Customer).values(**shown))
        await profiles.add_version(
            uow, document=PROFILE | {"name_hindi": "सरल फ़ाइनेंस"}, effective_from=date(2026, 11, 21), logo=None
        )
    await helper.run_billing(on=date(2026, 12, 5))
    await helper.pay(LOAN, amount=2_252_067, reference="UPI-1")
    await helper.run_billing(on=date(2027, 1, 5))
    bounced = await helper.pay(LOAN, amount=2_450_000, reference="CHQ 17")
    await helper.set_date(date(2027, 1, 7))
    await helper.reverse(bounced.payment_id)
    return helper


async def fetch(client: httpx.AsyncClient, headers: dict[str, str], path: str, **query: str) -> httpx.Response:
    return await client.get(f"/api/v1/{path}", params=query, headers=headers)


async def paper(client: httpx.AsyncClient, headers: dict[str, str], name: str, **query: str) -> bytes:
    answer = await fetch(client, headers, f"loans/{LOAN_ID}/{name}", **query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return answer.content


async def test_every_paper_has_the_letterhead(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    for name in PAPERS:
        text = text_of(await paper(client, officer, name))
        for words in (
            "Saral Finance Private Limited",
            "14 Residency Road, Bengaluru 560025",
            "CIN U65999KA2019PTC123456  ·  GSTIN 29AAGCB7383J1Z4",
            "Grievance redressal officer: Meera Nair · +91 80 4000 1000 · grievance@saral.example",
            "Aadhaar XXXX XXXX 9012",
            "Mobile XXXXXX3210",
            "Asha Rao",
            "07 Jan 2027",
        ):
            assert words in text, (name, words)
        assert "98765" not in text
    statement = await client.get("/api/v1/statements", params={"loan_id": LOAN_ID, "format": "pdf"}, headers=officer)
    assert "CIN U65999KA2019PTC123456" in text_of(statement.content)


# --- receipts ---


async def test_a_receipt(client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper) -> None:
    answer = await fetch(client, officer, "payments/PM-000001/receipt")
    assert answer.headers["content-disposition"] == 'inline; filename="receipt-PM-000001.pdf"'
    lines = lines_of(answer.content)
    for label, value in (
        ("Receipt number", "PM-000001"),
        ("Value date", "05 Dec 2026"),
        ("Reference", "UPI-1"),
        ("Charges", "₹0.00"),
        ("Interest", "₹1,687.67"),
        ("Principal", "₹20,833.00"),
        ("Advance", "₹0.00"),
        ("Principal outstanding today", "₹4,79,167.00"),
        ("Next due", "₹24,500.00, due since 05 Jan 2027"),
    ):
        assert lines[lines.index(label) + 1] == value, label
    assert lines[lines.index("Received by Saral Finance Private Limited") + 1] == "₹22,520.67"


async def test_a_receipt_in_hindi(client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper) -> None:
    content = (await fetch(client, officer, "payments/1/receipt", language="hi")).content
    spoken = spoken_in(content)
    for words in (
        "सरल फ़ाइनेंस",
        "भुगतान की रसीद",
        "सरल फ़ाइनेंस को प्राप्त",
        "रसीद संख्या",
        "05 दिसंबर 2026",
        "मूलधन",
        "आज शेष मूलधन",
        "₹24,500.00, 05 जनवरी 2027 से देय",
        "शिकायत निवारण अधिकारी: Meera Nair · +91 80 4000 1000 · grievance@saral.example",
        "पृष्ठ 1 / 1",
    ):
        assert words in spoken, words
    assert "₹22,520.67" in text_of(content)


async def test_the_receipt_of_a_returned_payment_says_so(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    text = text_of((await fetch(client, officer, "payments/2/receipt")).content)
    assert "This payment was returned on 07 Jan 2027: nothing was received." in text
    assert "Received by" not in text
    spoken = spoken_in((await fetch(client, officer, "payments/2/receipt", language="hi")).content)
    assert "यह भुगतान 07 जनवरी 2027 को लौट गया: कुछ प्राप्त नहीं हुआ।" in spoken


# --- statement of a period ---


async def test_the_statement_of_a_period(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    content = await paper(client, officer, "account-statement", **{"from": "2026-12-01", "to": "2027-01-07"})
    lines = lines_of(content)
    assert "From 01 Dec 2026 to 07 Jan 2027" in lines
    for label, value in (
        ("Owed at the beginning", "₹5,00,000.00"),
        ("Added", "₹29,854.67"),
        ("Taken off", "₹47,020.67"),
        ("Owed at the end", "₹4,82,834.00"),
        ("Overdue today", "₹24,500.00"),
        ("To be current, pay today", "₹24,500.00"),
        ("UPI address", "saral@bank"),
        ("Payment reference", LOAN_ID),
    ):
        assert lines[lines.index(label) + 1] == value, label
    start = lines.index("Owed (₹)") + 1
    assert lines[start : start + 25] == [
        "05 Dec 2026", "05 Dec 2026", "Interest, instalment 1", "1,687.67", "5,01,687.67",
        "05 Dec 2026", "05 Dec 2026", "Payment received PM-000001", "22,520.67", "4,79,167.00",
        "05 Jan 2027", "05 Jan 2027", "Interest, instalment 2", "3,667.00", "4,82,834.00",
        "05 Jan 2027", "05 Jan 2027", "Payment received PM-000002", "24,500.00", "4,58,334.00",
        "07 Jan 2027", "05 Jan 2027", "Payment returned PM-000002", "24,500.00", "4,82,834.00",
    ]  # fmt: skip
    assert lines[start + 25 : start + 29] == ["Total", "29,854.67", "47,020.67", "4,82,834.00"]


async def test_the_statement_of_a_period_in_hindi(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    content = await paper(client, officer, "account-statement", language="hi")
    assert "From 21 Nov 2026 to 07 Jan 2027" in text_of(content)
    spoken = spoken_in(content)
    for words in (
        "खाता विवरण",
        "21 नवंबर 2026 से 07 जनवरी 2027 तक",
        "ऋण का वितरण",
        "भुगतान प्राप्त PM-000001",
        "भुगतान लौटा PM-000002",
        "ब्याज, किस्त 2",
        "खाता नियमित करने हेतु आज चुकाएँ",
        "भुगतान कैसे करें",
        "किसी भी UPI ऐप से स्कैन करें",
    ):
        assert words in spoken, words


async def test_a_period_without_lines(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    text = text_of(await paper(client, officer, "account-statement", **{"from": "2026-12-10", "to": "2026-12-11"}))
    assert "Nothing was booked in this period." in text


# --- interest certificate ---


async def test_the_interest_certificate(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    lines = lines_of(await paper(client, officer, "interest-certificate"))
    assert any("certifies that Asha Rao holds the loan LN-2026-0001" in line for line in lines)
    assert any("year 2026-27" in line for line in lines)
    assert any("This certificate is provisional" in line for line in lines)
    for label, value in (
        ("Interest paid", "₹1,687.67"),
        ("Interest charged", "₹5,354.67"),
        ("Principal repaid", "₹20,833.00"),
        ("Charges paid", "₹0.00"),
        ("Principal outstanding on 07 Jan 2027", "₹4,79,167.00"),
    ):
        assert lines[lines.index(label) + 1] == value, label
    spoken = spoken_in(await paper(client, officer, "interest-certificate", language="hi"))
    assert {"ब्याज प्रमाण पत्र", "चुकाया गया ब्याज", "07 जनवरी 2027 को शेष मूलधन"} <= set(spoken)
    assert any(words.startswith("यह प्रमाण पत्र अनंतिम है") for words in spoken)


async def test_the_certificate_of_a_year_that_is_over(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    await lending.set_date(date(2027, 4, 1))
    lines = lines_of(await paper(client, officer, "interest-certificate", year="2026"))
    assert not any("provisional" in line for line in lines)
    # Four instalments were billed until March, and one was paid.
    assert lines[lines.index("Interest charged") + 1] == "₹12,688.67"
    assert lines[lines.index("Interest paid") + 1] == "₹1,687.67"
    assert "Principal outstanding on 31 Mar 2027" in lines


# --- letters ---


async def test_the_foreclosure_letter_names_what_closes_the_loan(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    content = await paper(client, officer, "foreclosure-letter", on="2027-01-10")
    lines = lines_of(content)
    payoff = (await fetch(client, officer, f"loans/{LOAN_ID}/payoff", on="2027-01-10")).json()
    assert payoff["total"] == pytest.approx(483_425.45)
    assert lines[lines.index("Total") + 1] == "₹4,83,425.45"
    assert lines[lines.index("Interest since the last bill") + 1] == "₹591.45"
    assert lines[lines.index("Interest billed") + 1] == "₹3,667.00"
    start = lines.index("Closes the loan (₹)") + 1
    assert lines[start : start + 6] == [
        "07 Jan 2027", "4,83,070.58", "08 Jan 2027", "4,83,188.87", "09 Jan 2027", "4,83,307.16",
    ]  # fmt: skip
    # What the letter names closes the loan on its day.
    await lending.set_date(date(2027, 1, 10))
    receipt = await lending.pay(LOAN, amount=4_83_425_45, reference="LAST")
    assert receipt.closed


async def test_the_foreclosure_letter_in_hindi(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    content = await paper(client, officer, "foreclosure-letter", language="hi")
    assert "What closes the loan on 07 Jan 2027" in text_of(content)
    spoken = " ".join(spoken_in(content))
    assert "07 जनवरी 2027 को प्राप्त ₹4,83,070.58 से Asha Rao का ऋण LN-2026-0001 बंद हो जाता है।" in spoken


async def test_the_no_dues_letter(client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper) -> None:
    refused = await fetch(client, officer, f"loans/{LOAN_ID}/no-dues-letter")
    assert (refused.status_code, refused.json()["code"]) == (409, "dues_outstanding")
    assert refused.json()["figures"]["outstanding"] == 482_834.00
    await lending.pay(LOAN, amount=4_83_070_58, reference="LAST")
    text = text_of(await paper(client, officer, "no-dues-letter")).replace("\n", " ")
    assert (
        "Saral Finance Private Limited confirms that the loan LN-2026-0001 of ₹5,00,000.00, paid out to Asha Rao on "
        "21 Nov 2026, was repaid in full on 07 Jan 2027."
    ) in text
    spoken = " ".join(spoken_in(await paper(client, officer, "no-dues-letter", language="hi")))
    assert "सरल फ़ाइनेंस पुष्टि करता है कि Asha Rao को 21 नवंबर 2026 को दिया गया ₹5,00,000.00 का ऋण LN-2026-0001" in spoken
    assert "07 जनवरी 2027 को पूरा चुका दिया गया" in spoken
    closed = await fetch(client, officer, f"loans/{LOAN_ID}/foreclosure-letter")
    assert (closed.status_code, closed.json()["code"]) == (409, "loan_not_active")


# --- who may have them, and what is refused ---


@pytest.mark.parametrize(
    "path, query, status, code",
    [
        (f"loans/{LOAN_ID}/account-statement", {"from": "2027-01-02", "to": "2027-01-01"}, 422,
         "statement_period_invalid"),
        (f"loans/{LOAN_ID}/account-statement", {"to": "2027-01-08"}, 422, "statement_period_invalid"),
        (f"loans/{LOAN_ID}/interest-certificate", {"year": "2025"}, 422, "year_not_covered"),
        (f"loans/{LOAN_ID}/interest-certificate", {"year": "2027"}, 422, "year_not_covered"),
        (f"loans/{LOAN_ID}/foreclosure-letter", {"on": "2027-02-08"}, 422, "foreclosure_day_too_far"),
        (f"loans/{LOAN_ID}/foreclosure-letter", {"on": "2027-01-06"}, 422, "value_date_in_past"),
        (f"loans/{LOAN_ID}/foreclosure-letter", {"language": "fr"}, 422, "invalid_request"),
        ("loans/LN-2026-0009/no-dues-letter", {}, 404, "loan_not_found"),
        ("payments/9/receipt", {}, 404, "payment_not_found"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_by_name(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    lending: LendingHelper,
    path: str,
    query: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await fetch(client, officer, path, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_papers_are_for_the_borrower_and_staff(
    client: httpx.AsyncClient, headers_of: HeadersOf, lending: LendingHelper
) -> None:
    borrower = await headers_of(Role.CUSTOMER, customer_id=1001)
    stranger = await headers_of(Role.CUSTOMER, customer_id=9)
    paths = [f"loans/{LOAN_ID}/{name}" for name in (*PAPERS, "no-dues-letter")]
    for path, code in ((path, "loan_not_found") for path in paths):
        answer = await fetch(client, stranger, path)
        assert (path, answer.status_code, answer.json()["code"]) == (path, 404, code)
        assert (await fetch(client, borrower, path)).status_code in (200, 409)
        assert (await client.get(f"/api/v1/{path}")).status_code == 401
    assert (await fetch(client, stranger, "payments/1/receipt")).json()["code"] == "payment_not_found"
    assert (await fetch(client, borrower, "payments/1/receipt")).status_code == 200


async def test_a_paper_is_a_pdf_and_nothing_else(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper
) -> None:
    refused = await client.get("/api/v1/payments/1/receipt", headers={**officer, "Accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")
    once = await paper(client, officer, "account-statement")
    assert await paper(client, officer, "account-statement") == once


async def test_without_a_profile_papers_are_given_too(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    helper = LendingHelper(uow_factory)
    await helper.disburse(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    text = text_of(await paper(client, officer, "foreclosure-letter"))
    assert "Kist" in text
    assert "Ask the lender how to pay, and name LN-2026-0001." in text


async def test_a_paper_takes_as_many_statements_for_many_rows_as_for_few(
    client: httpx.AsyncClient, officer: dict[str, str], lending: LendingHelper, counted: list[str]
) -> None:
    found: list[list[int]] = []
    for month in (2, 6):
        for _ in range(month):
            await lending.pay(LOAN, amount=1_000_00 + len(found), reference=None)
        await lending.run_billing(on=date(2027, month, 5))
        counts = []
        for path in [*(f"loans/{LOAN_ID}/{name}" for name in PAPERS), "payments/1/receipt"]:
            await fetch(client, officer, path)
            counted.clear()
            assert (await fetch(client, officer, path)).status_code == 200
            counts.append(len(counted))
        found.append(counts)
    assert found[0] == found[1]
    assert max(found[0]) <= 12
