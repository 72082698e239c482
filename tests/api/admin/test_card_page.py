"""The page of a card account: its head and its tabs after two statements of which one is late, its papers, the lists,
and the number of statements that it takes."""

from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from app.api.admin.pages.card_view import TABS
from app.domain.people.access import SYSTEM
from app.services.reporting import gst
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import OFFICER, Browse
from tests.api.admin.forms import words_of
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf, Time
from tests.services.lending_desk import LendingHelper

#: The statements that a tab may take: the head, the acts, the tab itself, and the names of the staff.
MOST = 30


@pytest_asyncio.fixture
async def desk(
    client: httpx.AsyncClient,
    headers_of: HeadersOf,
    uow_factory: UnitOfWorkFactory,
    time: Time,
    lending: LendingHelper,
) -> CardDesk:
    """Asha Rao bought for 30,000 and 12,000, was asked twice and paid 500: she is late from 4 March on."""
    desk = CardDesk(client, headers_of, uow_factory, time)
    await desk.open("2026-01-16")
    await desk.purchase("30000", "2026-01-20", merchant="CROMA")
    await desk.statement("2026-02-15")
    await desk.pay("500", "2026-02-20")
    await desk.purchase("12000", "2026-02-21", merchant="BIG BAZAAR")
    await desk.statement("2026-03-15")
    return desk


async def tab(client: httpx.AsyncClient, desk: CardDesk, name: str, **more: str) -> str:
    page = await client.get(f"/admin/card-account/{desk.account_id}", params={"tab": name, **more})
    assert page.status_code == 200, page.text[-2000:]
    return words_of(page)


async def test_the_head_says_what_is_due_and_how_late_it_is(browse: Browse, desk: CardDesk) -> None:
    account, statement = await desk.get(), await desk.get("/statements/2")
    assert (account["days_past_due"], account["due"][0]["due_on"]) == (10, "2026-03-07")
    page = await tab(await browse(OFFICER), desk, "statements")
    owed, minimum = account["due"][-1]["total_unpaid"], account["due"][-1]["minimum_unpaid"]
    assert owed == statement["total_due"]
    for text in (
        f"{desk.account_id} open SMA-0 Limit ₹1,00,000.00",
        f"Total due {rupees(owed)} Minimum due {rupees(minimum)} Due by 04 Apr 2026 Days past due 10",
        f"To be current {rupees(account['due'][0]['minimum_unpaid'])}",
        "Next statement 15 Apr 2026 Statement day 15 A new purchase bears interest from its day",
        "Holder Asha Rao",
    ):
        assert text in page, page[:2500]


def rupees(amount: float) -> str:
    """An amount of these figures as the pages write it."""
    whole, rest = f"{amount:.2f}".split(".")
    head = f"{whole[:-3]},{whole[-3:]}" if len(whole) > 3 else whole
    return f"₹{head}.{rest}"


async def test_each_tab_shows_its_part(browse: Browse, desk: CardDesk) -> None:
    client = await browse(OFFICER)
    second = await desk.get("/statements/2")
    (interest,) = second["interest"]
    for name, texts in {
        "statements": ["Unpaid of the minimum", "2 15 Mar 2026 04 Apr 2026", "no PDF · Hindi"],
        "postings": ["purchase BIG BAZAAR", "Dispute Instalments Refund Reverse", "payment – ref-", "Take back"],
        "authorisations": ["Held now: ₹0.00, of which ₹0.00 for cash. No card of this account has been used."],
        "plans": ["Nothing is paid in instalments."],
        "disputes": ["Nothing was disputed."],
        "cards": ["active everything 16 Jan 2026 01/2031", "Block Controls Replace"],
        "outlook": ["Paying only the minimum", "Closing the account today"],
        "explanation": [
            "How the interest of statement 2 (15 Mar 2026) came about",
            f"purchases {interest['lines'][0]['posting']} ", f"Total due {rupees(second['total_due'])}",
        ],
        "ledger": ["purchases settlement payable ₹12,000.00"],
        "documents": ["No invoice has been issued."],
        "events": [
            "16 Jan 2026 The account is opened limit ₹1,00,000.00, statement day 15", "₹500.00 received",
            "Statement 1 ₹30,000.00, at least ₹1,500.00, by 07 Mar 2026", "Class SMA-0",
        ],
        "notes": ["Nothing has been promised."],
    }.items():  # fmt: skip
        page = await tab(client, desk, name)
        assert [text for text in texts if text not in page] == [], (name, page)
    assert {name for name, _ in TABS} == {
        "statements", "postings", "authorisations", "plans", "disputes", "cards", "outlook", "explanation", "ledger",
        "documents", "events", "notes",
    }  # fmt: skip


async def test_ways_of_paying_are_compared_as_the_api_does(browse: Browse, desk: CardDesk) -> None:
    client = await browse(OFFICER)
    least, fixed = await desk.get("/what-if?amount=10000")
    page = await tab(client, desk, "outlook", amount="₹ 10,000")
    assert f"Paying ₹10,000.00 Paid off {day(fixed['cleared_on'])} Statements {fixed['statements']}" in page
    assert f"Interest {rupees(least['interest'])}" in page
    assert f"Interest {rupees(fixed['interest'])}" in page
    wrong = await tab(client, desk, "outlook", amount="ten")
    assert ("Paying only the minimum" in wrong, "Paying ₹" in wrong) == (True, False)


def day(text: str) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{text[8:]} {months[int(text[5:7]) - 1]} {text[:4]}"


async def test_an_earlier_statement_is_explained_where_it_is_named(browse: Browse, desk: CardDesk) -> None:
    client = await browse(OFFICER)
    assert "No interest was charged in this cycle." in await tab(client, desk, "explanation", statement="1")
    for wrong in ("3", "x", "99999999999999999999"):
        assert "of statement 2 " in await tab(client, desk, "explanation", statement=wrong)


async def test_its_papers_are_files_in_both_languages(
    browse: Browse, desk: CardDesk, uow_factory: UnitOfWorkFactory
) -> None:
    async with replace(uow_factory, gst_state="29").open(SYSTEM) as uow:
        await gst.issue_documents(uow)
    await desk.to("2026-03-18")
    async with replace(uow_factory, gst_state="29").open(SYSTEM) as uow:
        await gst.issue_documents(uow)
    (document, *_) = await desk.get("/tax-documents")
    client = await browse(OFFICER)
    listed = await client.get("/admin/card-gst-documents/list")
    paper = f"/admin/papers/card-accounts/{desk.account_id}/tax-documents/{document['number']}"
    assert paper in listed.text
    assert f"{document['number']} invoice" in await tab(client, desk, "documents")
    files = [
        await client.get(path, params={"language": language})
        for path in (paper, f"/admin/papers/card-accounts/{desk.account_id}/statements/1")
        for language in ("en", "hi")
    ]
    assert [(file.status_code, file.content[:5]) for file in files] == [(200, b"%PDF-")] * 4
    assert len({file.content for file in files}) == 4
    assert (await client.get(f"{paper}0")).status_code == 404


@pytest.mark.parametrize("path", ["/admin/card-account/CA-999999", "/admin/card-account/LN-2026-0001"])
async def test_what_is_no_account_has_no_page(browse: Browse, lending: LendingHelper, path: str) -> None:
    assert (await (await browse(OFFICER)).get(path)).status_code in {404, 422}


async def test_lists_and_the_search_lead_to_the_page(browse: Browse, desk: CardDesk) -> None:
    client = await browse(OFFICER)
    address = f"/admin/card-account/{desk.account_id}"
    for path in ("card-accounts", "card-statements", "card-postings", "card-transfers"):
        assert address in (await client.get(f"/admin/{path}/list")).text, path
    assert address in (await client.get("/admin/customer/BC-USER-2001?tab=cards")).text
    by_name = await client.get("/admin/find", params={"text": "ash r"})
    assert by_name.url.path == "/admin/customer/BC-USER-2001"
    assert (await client.get("/admin/find", params={"text": desk.account_id})).url.path == address


async def test_the_search_finds_payments_by_their_reference(browse: Browse, desk: CardDesk) -> None:
    await desk.pay("250", "2026-03-18", reference="UTR-77")
    returned = await desk.pay("250", "2026-03-19", reference="UTR-78")
    await desk.post(f"/postings/{returned}/undo", {"reason": "unpaid"}, status=200)
    other = CardDesk(desk.client, desk.headers_of, desk.uow_factory, desk.time, customer_id=2002)
    await other.open("2026-03-19")
    await other.purchase("700", "2026-03-19")
    await other.pay("250", "2026-03-19", reference="UTR-78")
    client = await browse(OFFICER)
    address = f"/admin/card-account/{desk.account_id}"
    only = await client.get("/admin/find", params={"text": "UTR-77"})
    assert str(only.url).removeprefix("http://kist.example") == f"{address}?tab=postings"
    both = await client.get("/admin/find", params={"text": "UTR-78"})
    shown = (
        address in both.text,
        f"/admin/card-account/{other.account_id}" in both.text,
        "returned: ₹250.00" in both.text,
    )
    assert (both.url.path, shown) == ("/admin/find", (True, True, True))


async def test_a_tab_takes_as_many_statements_for_many_rows_as_for_few(
    browse: Browse, desk: CardDesk, counted: list[str]
) -> None:
    await desk.to("2026-03-17")
    client, counts = await browse(OFFICER), []
    for _ in range(2):
        found = {}
        for name, _ in TABS:
            await tab(client, desk, name)  # fills the caches of the process
            counted.clear()
            await tab(client, desk, name)
            found[name] = len(counted)
        counts.append(found)
        for _ in range(3):
            await desk.purchase("100", "2026-03-17")
            await desk.pay("10", "2026-03-17")
    few, many = counts
    assert many == few
    assert 0 < min(many.values()) <= max(many.values()) <= MOST, many
