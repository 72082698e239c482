"""A collector's morning in a real browser: the list, a promise, a contact, the diary, assignment, the day.

With `KIST_SCREENSHOTS=docs/images` in the environment it also takes the pictures of the documentation.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Page

from app.services.collections import following
from app.services.delinquency import day_ends
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.book import make_book
from tests.api.admin.conftest import OFFICER, PASSWORD
from tests.api.admin.test_browser import SIZE, picture
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving, watch
from tests.api.conftest import START, Time
from tests.services.lending_desk import FAR, LendingHelper

pytestmark = NEEDS_BROWSER


@pytest.fixture
def browser_log() -> BrowserLog:
    return BrowserLog()


@pytest_asyncio.fixture
async def page(
    app: FastAPI,
    staff: None,
    lending: LendingHelper,
    uow_factory: UnitOfWorkFactory,
    time: Time,
    browser_log: BrowserLog,
) -> AsyncIterator[Page]:
    """A page of an officer, over a year of data whose last day-end the work list has followed."""

    def set_now(now: object) -> None:
        time.now = now  # type: ignore[assignment]

    await make_book(lending, set_now)
    time.now = START
    payload = {"through": "2026-11-20"}
    assert await day_ends.judge_day_ends(uow_factory, payload, until=FAR)
    assert await following.follow_day_ends(uow_factory, payload, until=FAR)
    async with serving(app) as address, browsing() as browser:
        context = await browser.new_context(viewport=SIZE, base_url=address, timezone_id="Asia/Kolkata", locale="en-IN")
        page = await context.new_page()
        watch(page, browser_log, address=address)
        await page.goto("/admin/collections")
        await page.get_by_label("E-mail address").fill(OFFICER)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/admin/collections")
        yield page
        await context.close()


async def test_a_collectors_morning(page: Page, browser_log: BrowserLog) -> None:
    rows = page.locator("tbody tr")
    assert await rows.count() == 6
    loan = (await rows.first.locator("a").first.inner_text()).strip()
    # No sideways scroll.
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    await assign(page)
    await promise(page, loan)
    await contact(page, loan)
    await page.goto(f"/admin/loan/{loan}?tab=notes")
    assert "after the harvest" in await page.locator(".page-body").inner_text()
    await picture(page, "loan-notes", height=1100)
    await page.goto("/admin/collections")
    await picture(page, "work-list", height=760)
    await page.locator("summary").click()
    await page.get_by_label("Days from").fill("91")
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.get_by_label("Name of a view").fill("Non-performing")
    await page.get_by_role("button", name="Save this view").click()
    await page.get_by_role("link", name="Non-performing").wait_for()
    await picture(page, "work-list-filters", height=900)
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="All rows, Excel").click()
    assert (await waiting.value).suggested_filename == "work-list.xlsx"
    await page.goto("/admin/collections/day?on=2026-11-24&tab=promised")
    assert loan in await page.locator(".page-body").inner_text()
    await picture(page, "work-day", height=700)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/admin/collections")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert (browser_log.errors, browser_log.foreign_requests) == ([], [])


async def assign(page: Page) -> None:
    await page.get_by_role("link", name="Assign these").click()
    for box in await page.get_by_role("checkbox").all():
        await box.check()
    await page.get_by_role("button", name="Assign", exact=True).click()
    await page.get_by_text("6 of 6 cases changed hands.").wait_for()


async def promise(page: Page, loan: str) -> None:
    await page.get_by_role("link", name=f"Promise to pay: {loan}").click()
    await page.get_by_label("Amount").fill("5,000")
    await page.get_by_label("By").fill("2026-11-24")
    await page.get_by_label("Note").fill("after the harvest")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("button", name="Note the promise").click()
    await page.get_by_text("₹5,000.00 on").wait_for()


async def contact(page: Page, loan: str) -> None:
    await page.goto("/admin/collections")
    await page.get_by_role("link", name=f"Contact: {loan}").click()
    await page.get_by_label("What came of it").select_option("reached")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("button", name="Note the contact").click()
    await page.get_by_text("call, reached.").wait_for()
