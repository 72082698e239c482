"""A controller's month end in a real browser: reads the journal, exports it, proposes the close; an admin closes.

With `KIST_SCREENSHOTS=docs/images` in the environment it also takes the pictures of the documentation.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.etree import ElementTree

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, ViewportSize

from tests.api.admin.book import make_book
from tests.api.admin.conftest import ADMIN, OFFICER, PASSWORD
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving, watch
from tests.api.conftest import START, Time
from tests.house.source import ROOT
from tests.services.lending_desk import LendingHelper

SIZE: ViewportSize = {"width": 1280, "height": 900}

pytestmark = NEEDS_BROWSER


@pytest_asyncio.fixture
async def address(app: FastAPI, staff: None, lending: LendingHelper, time: Time) -> AsyncIterator[str]:
    """The application with a year of data, on a port of this machine. Today is 21 November 2026."""

    def set_now(now: object) -> None:
        time.now = now  # type: ignore[assignment]

    await make_book(lending, set_now)
    time.now = START
    async with serving(app) as address:
        yield address


@asynccontextmanager
async def signed_in(browser: Browser, address: str, log: BrowserLog, email: str) -> AsyncIterator[Page]:
    """A page of somebody's own browser, signed in, at the journal of October."""
    context = await browser.new_context(viewport=SIZE, base_url=address, timezone_id="Asia/Kolkata", locale="en-IN")
    page = await context.new_page()
    watch(page, log, address=address)
    await page.goto("/admin/books?from=2026-10-01&to=2026-10-31")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/admin/books?from=2026-10-01*")
    yield page
    await context.close()


async def picture(page: Page, name: str, *, height: int) -> None:
    if folder := os.environ.get("KIST_SCREENSHOTS"):
        await page.set_viewport_size({**SIZE, "height": height})
        await page.screenshot(path=ROOT / folder / f"admin-{name}.png")
        await page.set_viewport_size(SIZE)


async def is_wider_than_the_window(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("form", ["Journal, Tally"])
async def test_a_controller_closes_a_month(address: str, form: str) -> None:
    log = BrowserLog()
    async with browsing() as browser:
        async with signed_in(browser, address, log, OFFICER) as page:
            assert await page.get_by_role("heading", name="Journal").is_visible()
            assert not await is_wider_than_the_window(page)
            await picture(page, "journal", height=1000)
            async with page.expect_download() as downloading:
                await page.get_by_role("link", name=form, exact=True).click()
            file = await (await downloading.value).path()
            vouchers = list(ElementTree.parse(file).iter("VOUCHER"))
            assert len(vouchers) == await page.locator("tfoot").count()
            await page.get_by_role("link", name="Transfers of Loans: principal").first.click()
            await page.wait_for_url("**/admin/books/transfers*")
            assert await page.locator("tbody tr").count() > 0
            await page.get_by_role("link", name="Trial balance").click()
            debit, credit = await page.locator("tfoot th.kist-number").all_inner_texts()
            assert debit == credit
            await picture(page, "trial-balance", height=1000)
            await page.get_by_role("link", name="Profit and loss").click()
            assert await page.get_by_text("Result", exact=True).is_visible()
            await propose(page)
        async with signed_in(browser, address, log, ADMIN) as page:
            await close(page)
    assert (log.errors, log.foreign_requests) == ([], [])


async def propose(page: Page) -> None:
    await page.get_by_role("main").or_(page.locator("body")).last.get_by_role("link", name="Periods").last.click()
    assert await page.get_by_label("Close the books through").input_value() == "2026-10-31"
    await page.get_by_role("button", name="Propose").click()
    await page.get_by_text("waits for a decision").wait_for()
    assert await page.get_by_role("button", name="Close the period").count() == 0


async def close(page: Page) -> None:
    await page.goto("/admin/periods")
    await page.get_by_label("Note").fill("agreed with the bank")
    await picture(page, "periods", height=600)
    await page.get_by_role("button", name="Close the period").click()
    await page.get_by_text("The books are closed through 31 Oct 2026.").wait_for()
    assert await page.locator("tbody tr").count() == 1
