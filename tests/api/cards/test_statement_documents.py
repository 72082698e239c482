"""The statement of a card account as a PDF: every figure of the JSON, in English and in Hindi."""

from datetime import date

import httpx
import pytest

from app.domain.people.access import SYSTEM, Role
from app.services.lender import profiles
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf
from tests.api.lender.test_profiles import PROFILE
from tests.documents.reading import lines_of, spoken_in, text_of

SECOND = "2026-03-15"


async def told(desk: CardDesk) -> None:
    """10,000 on 20 January and 5,000 on 5 February; only the minimum is paid: the second statement has interest."""
    await desk.open()
    async with desk.uow_factory.open(SYSTEM) as uow:
        await profiles.add_version(uow, document=PROFILE, effective_from=date(2026, 1, 16), logo=None)
    await desk.purchase("10000.00", "2026-01-20", merchant="Cycle shop")
    await desk.purchase("5000.00", "2026-02-05")
    await desk.pay("750.00", "2026-03-07")
    await desk.statement(SECOND)


async def fetch(desk: CardDesk, number: int = 2, **query: str) -> httpx.Response:
    address = f"/api/v1/card-accounts/{desk.account_id}/statements/{number}"
    return await desk.client.get(address, params={"format": "pdf", **query}, headers=desk.headers)


async def test_what_a_holder_must_see(desk: CardDesk) -> None:
    await told(desk)
    answer = await fetch(desk)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'inline; filename="statement-CA-000001-2.pdf"'
    lines = lines_of(answer.content)
    assert "Saral Finance Private Limited" in lines
    for label, value in (
        ("Total amount due", "₹15,233.06"),
        ("Minimum amount due", "₹1,700.00"),
        ("Pay by", "04 Apr 2026"),
        ("Statement date", "15 Mar 2026"),
        ("UPI address", "saral@bank"),
        ("Payment reference", "CA-000001"),
        ("Amount", "₹15,233.06"),
        ("Previous balance", "₹15,000.00"),
        ("Interest", "₹833.10"),
        ("GST", "₹149.96"),
        ("Payments and credits", "-₹750.00"),
        ("New balance", "₹15,233.06"),
        ("Share of purchases and cash", "₹712.50"),
        # 149.96 and 833.10 and 712.50 and 4.44 are 1,700.00.
        ("Rounded up", "₹4.44"),
    ):
        assert lines[lines.index(label) + 1] == value, label
    assert "Statement 2: 16 Feb 2026 to 15 Mar 2026" in lines
    start = lines.index("Amount (₹)") + 1
    assert [lines[start + 4 * row + 3] for row in range(3)] == ["-750.00", "833.10", "149.96"]
    assert lines[start + 12 : start + 14] == ["Total", "233.06"]


async def test_how_the_interest_came_about(desk: CardDesk) -> None:
    await told(desk)
    lines = lines_of((await fetch(desk)).content)
    start = lines.index("Interest (₹)") + 1
    assert lines[start : start + 7] == [
        "purchases", "20 Jan 2026", "07 Mar 2026", "46", "10,000.00", "42 %", "529.3151",
    ]  # fmt: skip
    assert [lines[start + 7 * row + 6] for row in range(3)] == ["529.3151", "85.1507", "218.6301"]
    assert any(line.startswith("The previous total was not paid in full") for line in lines)


async def test_in_hindi(desk: CardDesk) -> None:
    await told(desk)
    content = (await fetch(desk, language="hi")).content
    spoken = spoken_in(content)
    for words in (
        "कार्ड विवरण",
        "कुल देय राशि",
        "न्यूनतम देय राशि",
        "भुगतान की अंतिम तारीख",
        "04 अप्रैल 2026",
        "भुगतान कैसे करें",
        "विवरण 2: 16 फ़रवरी 2026 से 15 मार्च 2026",
        "जीएसटी",
        "ब्याज की गणना",
        "न्यूनतम देय राशि के भाग",
    ):
        assert words in spoken, words
    assert any(words.startswith("हर महीने केवल न्यूनतम राशि") for words in spoken)
    assert "₹15,233.06" in text_of(content)


async def test_a_first_statement_and_one_without_dues(desk: CardDesk) -> None:
    await told(desk)
    first = lines_of((await fetch(desk, 1)).content)
    assert first[first.index("Total amount due") + 1] == "₹15,000.00"
    assert "No interest was charged in this cycle." in first
    assert any("Cycle shop" in line for line in first)
    assert any(line.startswith("If you pay the total amount due") for line in first)
    await desk.pay("16000.00", "2026-04-01")
    await desk.statement("2026-04-15")
    third = lines_of((await fetch(desk, 3)).content)
    assert third[third.index("Total amount due") + 1].endswith("in your favour")
    assert third[third.index("Pay by") + 1] == "Nothing is due"
    assert "How to pay" not in third


@pytest.mark.parametrize(
    "number, query, status, code",
    [
        (9, {}, 404, "card_statement_not_found"),
        (2, {"format": "csv"}, 406, "not_acceptable"),
        (2, {"language": "fr"}, 422, "invalid_request"),
    ],
)
async def test_what_there_is_not(desk: CardDesk, number: int, query: dict[str, str], status: int, code: str) -> None:
    await told(desk)
    answer = await fetch(desk, number, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_for_the_holder_and_staff_only(desk: CardDesk, headers_of: HeadersOf) -> None:
    await told(desk)
    for customer, status in ((desk.customer_id, 200), (9, 404)):
        desk.headers = await headers_of(Role.CUSTOMER, customer_id=customer)
        assert (await fetch(desk)).status_code == status
    desk.headers = {}
    assert (await fetch(desk)).status_code == 401
