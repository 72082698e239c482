"""The admin pages in a real browser: every page, a search, some actions; no script error, no request to another server.

With `KIST_SCREENSHOTS=docs/images` in the environment it also takes the screenshots of the documentation.
"""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, ViewportSize

from app.services.reporting import portfolio
from tests.api.admin.book import make_book
from tests.api.admin.conftest import ADMIN, PASSWORD
from tests.api.admin.test_pages import VIEWS
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving, watch
from tests.api.conftest import START, Time
from tests.house.source import ROOT
from tests.services.lending_desk import LendingHelper

SIZE: ViewportSize = {"width": 1280, "height": 900}

pytestmark = NEEDS_BROWSER


@pytest_asyncio.fixture
async def address(
    app: FastAPI, staff: None, lending: LendingHelper, time: Time, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The application with a year of data, on a port of this machine."""
    # The application is shared by all tests, and another one may have read the portfolio a moment ago.
    monkeypatch.setattr(portfolio, "GOOD_FOR_SECONDS", 0.0)
    monkeypatch.setattr(portfolio, "SPARED", 0.0)

    def set_now(now: object) -> None:
        time.now = now  # type: ignore[assignment]

    await make_book(lending, set_now)
    time.now = START
    async with serving(app) as address:
        yield address


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


@pytest_asyncio.fixture
async def browser_log() -> BrowserLog:
    return BrowserLog()


@pytest_asyncio.fixture
async def page(browser: Browser, address: str, browser_log: BrowserLog) -> AsyncIterator[Page]:
    """A page that records every script error and every request to another server."""
    context = await browser.new_context(viewport=SIZE, base_url=address, timezone_id="Asia/Kolkata", locale="en-IN")
    page = await context.new_page()
    watch(page, browser_log, address=address)
    yield page
    await context.close()


async def fits(page: Page) -> bool:
    """Whether nothing of a page has to be scrolled sideways: neither the page nor one of its tables."""
    widest = await page.evaluate(
        "() => Math.max(document.documentElement.scrollWidth - window.innerWidth, "
        "...[...document.querySelectorAll('.table-responsive')].map(e => e.scrollWidth - e.clientWidth))"
    )
    return int(widest) <= 0


async def picture(page: Page, name: str, *, size: ViewportSize = SIZE, height: int | None = None) -> None:
    """Takes a screenshot for the documentation if `KIST_SCREENSHOTS` is set."""
    if folder := os.environ.get("KIST_SCREENSHOTS"):
        target = ROOT / folder / f"admin-{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        # The menu is as high as the window, so a long page needs a high window.
        await page.set_viewport_size({**size, "height": height or size["height"]})
        await page.evaluate("() => window.scrollTo(0, 0)")
        await page.screenshot(path=target)
        await page.set_viewport_size(size)


async def sign_in(page: Page) -> None:
    await page.goto("/admin/loans/list")
    await page.get_by_label("E-mail address").fill(ADMIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/admin/loans/list")


async def test_staff_at_work(page: Page, browser_log: BrowserLog) -> None:
    await sign_in(page)
    await page.goto("/admin/")
    assert await page.locator("svg.kist-chart").count() == 4
    await picture(page, "portfolio", height=1560)
    for view in VIEWS:
        await page.goto(f"/admin/{view}/list")
        assert await page.locator("h1").first.is_visible(), view
        assert await fits(page), view
        if view == "scheduled-tasks":
            await picture(page, view)
    # Checked here first, because a script that the policy blocks would make the later steps fail.
    assert (browser_log.errors, browser_log.foreign_requests) == ([], [])
    await find_a_loan(page)
    await use_a_filter(page)
    await run_a_task(page)
    await add_a_version(page)
    await add_and_disable_an_account(page)
    assert (browser_log.errors, browser_log.foreign_requests) == ([], [])


async def find_a_loan(page: Page) -> None:
    await page.goto("/admin/loans/list")
    await page.get_by_label("Search in list").fill("LN-2026-0006")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=LN-2026-0006*")
    assert await page.locator("tbody tr").count() == 1
    await page.get_by_role("link", name="LN-2026-0006").click()
    await page.wait_for_url("**/admin/loan/LN-2026-0006")
    assert "₹2,40,000.00" in await page.locator(".kist-facts").inner_text()
    assert await page.locator("tbody tr").count() == 24


async def use_a_filter(page: Page) -> None:
    await page.goto("/admin/payments/list?filter=amount_paise__gte=20000")
    assert "At least (rupees) 20000" in await page.locator("#active-filters").inner_text()
    await page.get_by_label("Rows on a page").select_option(label="50 rows")
    await page.wait_for_url("**page_size=50*")


async def run_a_task(page: Page) -> None:
    await page.goto("/admin/scheduled-tasks/detail?pk=sweep")
    await page.get_by_role("button", name="Run now").click()
    await page.get_by_role("button", name="Yes, Proceed").click()
    await page.get_by_text("Overdue jobs starts within five seconds.").wait_for()
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("button", name="Yes, Proceed").click()
    await page.get_by_text("Overdue jobs is paused.").wait_for()


async def add_a_version(page: Page) -> None:
    await page.goto("/admin/new-version?base=PERSONAL_LOAN.2")
    rate = page.locator('input[name="offer.annual_rate_percent"]')
    assert await rate.input_value() == "8.8"
    await rate.fill("9.2")
    await page.locator('input[name="offer.rate_bounds_percent.1"]').fill("12")
    await picture(page, "new-version")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_text("Key facts of").wait_for()
    await picture(page, "new-version-preview")
    await page.get_by_role("button", name="Add the version").click()
    await page.wait_for_url("**/admin/products/list*")
    assert await page.get_by_text("PERSONAL_LOAN 3").first.is_visible()


async def add_and_disable_an_account(page: Page) -> None:
    await page.goto("/admin/staff/create")
    await page.get_by_label("Name").fill("Kavita Joshi")
    await page.get_by_label("E-mail").fill("kavita@kist.example")
    await page.get_by_label("Role").select_option("officer")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.wait_for_url("**/admin/staff/list*")
    await page.get_by_role("link", name="Kavita Joshi").or_(page.get_by_text("Kavita Joshi")).first.wait_for()
    await page.goto("/admin/staff/list?q=kavita")
    await page.locator("tbody tr").get_by_role("link").first.click()
    await page.wait_for_url("**/admin/staff/detail*")
    await page.get_by_role("button", name="Disable").click()
    await page.get_by_role("button", name="Yes, Proceed").click()
    await page.get_by_text("The account is disabled.").wait_for()
    await page.goto("/admin/staff/list")
    await picture(page, "staff")
