"""The page of a card account in a real browser: found by its id, a way of paying compared, a purchase disputed, the
statement day moved by the menu and the keyboard. No tab scrolls sideways, in light and dark, on a small screen neither.

With `KIST_SCREENSHOTS=docs/images` in the environment it also takes the pictures of the documentation.
"""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Page

from app.api.admin.pages.card_view import TABS
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import OFFICER
from tests.api.admin.test_browser import SIZE, fits, picture
from tests.api.admin.test_officers_day import PHONE, open_page
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf, Time
from tests.services.lending_desk import LendingHelper

pytestmark = NEEDS_BROWSER


@pytest_asyncio.fixture
async def desk(
    client: httpx.AsyncClient,
    headers_of: HeadersOf,
    uow_factory: UnitOfWorkFactory,
    time: Time,
    lending: LendingHelper,
) -> CardDesk:
    """An account of Asha Rao with three statements, one of which was paid late, a plan and an authorisation."""
    desk = CardDesk(client, headers_of, uow_factory, time)
    await desk.open("2026-01-16", limit="60000")
    bought = await desk.purchase("24000", "2026-01-20", merchant="CROMA KORAMANGALA")
    await desk.purchase("6500", "2026-02-02", merchant="BIG BAZAAR MUMBAI")
    await desk.statement("2026-02-15")
    await desk.pay("9000", "2026-02-25")
    await desk.post("/conversions", {"purchase": bought, "instalments": 6, "annual_rate": 15})
    await desk.purchase("12000", "2026-02-28", merchant="TAJ COLABA")
    await desk.statement("2026-03-15")
    await desk.pay("1500", "2026-04-20")
    await desk.purchase("3800", "2026-04-22", merchant="INDIGO")
    await desk.statement("2026-05-15")
    await desk.post(
        "/authorisations",
        {
            "reference": "RRN-612345678901", "amount": 2500, "kind": "purchase", "card_token": desk.token,
            "merchant": {"name": "TAJ COLABA", "category_code": "7011", "country": "IN"},
            "transacted_at": "2026-05-16T11:30:00+05:30",
        },
        status=200,
    )  # fmt: skip
    return desk


@pytest_asyncio.fixture
async def address(app: FastAPI, staff: None, desk: CardDesk) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address


async def test_an_officer_serves_the_holder_of_a_card(address: str, desk: CardDesk) -> None:
    log = BrowserLog()
    async with browsing() as browser:
        page = await open_page(browser, address, log, email=OFFICER)
        await page.keyboard.press("/")
        await page.keyboard.type(desk.account_id)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/admin/card-account/{desk.account_id}")
        assert await page.locator("svg.kist-balance path").count() == 2
        await picture(page, "card-account", height=1250)
        await compare_ways_of_paying(page)
        await dispute_a_purchase(page, desk)
        await move_the_statement_day(page, desk)
        await everything_fits(page, desk)
    assert (log.errors, log.foreign_requests) == ([], [])
    await desk.reconcile()


async def compare_ways_of_paying(page: Page) -> None:
    await page.get_by_role("link", name="What would happen").click()
    await page.get_by_label("Compare with paying each month (₹)").fill("5,000")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Paying ₹5,000.00").first.wait_for()
    assert await page.locator("svg.kist-balance path").count() == 2
    await picture(page, "card-outlook", height=1620)


async def dispute_a_purchase(page: Page, desk: CardDesk) -> None:
    await page.get_by_role("link", name="Postings", exact=True).click()
    await page.locator("tbody tr", has_text="INDIGO").get_by_role("link", name="Dispute").click()
    await page.get_by_label("Reason").fill("the flight was cancelled")
    await page.keyboard.press("Enter")
    await page.get_by_text("Set aside by disputes").first.wait_for()
    assert (await desk.get())["disputes"] == []
    await page.get_by_role("button", name="Open the dispute").dblclick()
    await page.wait_for_url("**/receipt?*")
    (dispute,) = (await desk.get())["disputes"]
    assert dispute["amount"] == 3800
    await page.get_by_role("link", name="The account's disputes").click()
    await page.get_by_role("link", name="Decide").click()
    await page.get_by_label("Who is right?").select_option(label="the holder")
    await page.get_by_label("Reason").fill("the airline agrees")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Decide the dispute").click()
    await page.get_by_text("is decided for the holder").wait_for()
    assert (await desk.get())["disputes"] == []


async def move_the_statement_day(page: Page, desk: CardDesk) -> None:
    await page.goto(f"/admin/card-account/{desk.account_id}")
    menu = page.locator("summary", has_text="Manage the account")
    await menu.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Move the statement day").click()
    await page.get_by_label("Statement day").select_option("20")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_text("Longest interest-free time").wait_for()
    await picture(page, "card-statement-day", height=1000)
    await page.get_by_role("button", name="Move the statement day").click()
    await page.get_by_text("The statement day of card account").wait_for()
    assert (await desk.get())["statement_day"] == 20


async def everything_fits(page: Page, desk: CardDesk) -> None:
    for look in ("light", "dark"):
        for size in (SIZE, PHONE):
            await page.set_viewport_size(size)
            for name, _ in TABS:
                await page.goto(f"/admin/card-account/{desk.account_id}?tab={name}")
                assert await page.locator("html").get_attribute("data-bs-theme") in {look, None}
                assert await fits(page), (look, size, name)
                assert await page.locator(".kist-tab.active").is_visible()
                left, right = await page.locator(".kist-tab.active").evaluate(
                    "tab => [tab.getBoundingClientRect().left, tab.getBoundingClientRect().right - window.innerWidth]"
                )
                assert (left >= 0, right <= 0) == (True, True), (size, name)
        await page.set_viewport_size(SIZE)
        await page.get_by_role("button", name="Light or dark").click()
