"""The desk as it looks: letters that can be read in light and in dark, a narrow phone, the keyboard alone; and pages
that are seldom seen: a loan that could not be billed, a paused run, an approval that is refused."""

from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, ViewportSize
from sqlalchemy import insert, select, update

from app.db.models import BillingRun, ParkedLoan, Proposal
from app.domain.operations.proposals import Waiver
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.domain.public_ids import LoanReference
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN
from tests.api.admin.test_browser import fits
from tests.api.admin.test_officers_day import open_page
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving
from tests.services.lending_desk import LendingHelper

PERSONAL_LOAN = next(product for product in SEEDED_PRODUCTS if product.code == "PERSONAL_LOAN")
NARROW: ViewportSize = {"width": 360, "height": 740}
LOAN, RUN = "/admin/loan/LN-2026-0001", "/admin/billing-runs/detail?pk=1"
PAGES = (
    "/admin/", LOAN, f"{LOAN}?tab=explanation", "/admin/loans/list", "/admin/proposals/list", "/admin/risk", RUN,
    "/admin/books", "/admin/customer/BC-USER-1001", "/admin/acts/take-payment?of=LN-2026-0001",
    "/admin/acts/close-small-balance?of=LN-2026-0001", "/admin/collections", "/admin/staff/create",
)  # fmt: skip
#: Words whose colour is less than 4.5 times as light or as dark as their ground (WCAG 2, level AA).
HARD_TO_READ = """() => {
  const parts = (text) => {
    const found = text.match(/[\\d.]+/g).map(Number), of = text.startsWith("color(") ? 255 : 1;
    return [found[0] * of, found[1] * of, found[2] * of, found[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat([1]);
  const light = (colour) => {
    const of = colour.slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * of[0] + 0.7152 * of[1] + 0.0722 * of[2];
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      layers.unshift(parts(getComputedStyle(each).backgroundColor));
    }
    return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), hard = [];
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!words || element.closest("script, style, option, .disabled, [disabled]")) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element), below = ground(element);
    const [one, other] = [over(parts(element.closest("svg") ? style.fill : style.color), below), below].map(light);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) hard.push(`${words}: ${ratio.toFixed(2)}`);
  }
  return hard;
}"""
#: Buttons whose words leave them.
CROPPED = """() => [...document.querySelectorAll(".btn")].filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.innerText)"""
#: The element that has the focus, if nothing shows it.
UNSEEN_FOCUS = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  const shown = style.outlineStyle !== "none" || /0px 0px 0px [1-9]/.test(style.boxShadow);
  return shown || element === document.body ? null : element.outerHTML.slice(0, 80);
}"""

pytestmark = NEEDS_BROWSER


@pytest_asyncio.fixture
async def address(
    app: FastAPI, staff: None, lending: LendingHelper, uow_factory: UnitOfWorkFactory
) -> AsyncIterator[str]:
    """A loan with an overdue bill that a run could not bill, a paused run, and a waiver that the officer proposed."""
    await lending.disburse(PERSONAL_LOAN, amount=100_000, rate="8.8", instalments=12)
    await lending.run_billing(on=date(2026, 12, 25))
    await lending.run_billing(on=date(2027, 1, 25))
    maker = Actor(role=Role.OFFICER, user_account_id=2)
    async with uow_factory.open(maker) as uow:
        waiver = Waiver(interest_paise=300_00, charges_paise=0)
        loan = LoanReference(number=1, year=None)
        await proposals.propose(uow, ProposalRequest(proposed=waiver, reason="a wrong reminder", loan=loan))
    async with uow_factory.open(SYSTEM) as uow:
        parked = {
            "customer_id": 1001, "loan_id": 1, "run_id": 1, "code": "refused_by_database",
            "message": "a table refuses the rows of this loan", "parked_at": uow.now,
        }  # fmt: skip
        await uow.session.execute(insert(ParkedLoan).values(parked))
        await uow.session.execute(update(BillingRun).where(BillingRun.id == 1).values(status="paused"))
    async with serving(app) as address:
        yield address


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


async def test_how_the_desk_looks(
    browser: Browser, address: str, lending: LendingHelper, uow_factory: UnitOfWorkFactory
) -> None:
    page = await open_page(browser, address, BrowserLog(), email=ADMIN)
    await letters_can_be_read(page)
    await a_narrow_phone(page)
    await the_keyboard_is_seen(page)
    await seldom_pages(page)
    await an_approval_is_refused(page, lending, uow_factory)


async def letters_can_be_read(page: Page) -> None:
    for look in ("light", "dark"):
        await page.emulate_media(color_scheme=look, reduced_motion="reduce")
        for place in PAGES:
            await page.goto(place)
            assert await page.locator("html").get_attribute("data-bs-theme") == look
            assert await page.evaluate(HARD_TO_READ) == [], (look, place)


async def a_narrow_phone(page: Page) -> None:
    usual = page.viewport_size
    assert usual is not None
    await page.set_viewport_size(NARROW)
    for place in PAGES:
        await page.goto(place)
        assert await fits(page), place
        assert await page.evaluate(CROPPED) == [], place
    await page.set_viewport_size(usual)


async def the_keyboard_is_seen(page: Page) -> None:
    """Every stop of the keyboard shows where it is; the menu can be skipped."""
    for place in (LOAN, "/admin/loans/list", "/admin/acts/take-payment?of=LN-2026-0001"):
        await page.goto(place)
        for _ in range(70):
            await page.keyboard.press("Tab")
            assert await page.evaluate(UNSEEN_FOCUS) is None, place
    await page.goto(LOAN)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("() => document.activeElement.innerText.trim()") == "billing run 1"


async def seldom_pages(page: Page) -> None:
    await page.goto(LOAN)
    said = await page.locator(".alert").inner_text()
    assert "billing run 1 could not bill this loan: a table refuses the rows of this loan" in " ".join(said.split())
    await page.get_by_role("link", name="billing run 1").click()
    await page.wait_for_url("**/admin/billing-runs/detail*")
    assert await page.locator(".kist-acts, .btn-list").first.is_visible()
    await page.get_by_role("link", name="Resume the run").click()
    await page.get_by_role("button", name="Resume the run").click()
    await page.get_by_text("Run 1 is running").wait_for()


async def an_approval_is_refused(page: Page, lending: LendingHelper, uow_factory: UnitOfWorkFactory) -> None:
    """The borrower pays what was to be waived; then there is nothing to waive, and the proposal still waits."""
    await page.goto("/admin/proposals/list")
    row = await page.locator("tbody tr").first.inner_text()
    assert "Ravi Menon" in row
    assert "officer:" not in row
    await lending.pay(LoanReference(number=1, year=None), amount=170_00_00)
    await page.goto("/admin/acts/approve-proposal?of=PR-000001")
    assert "Ravi Menon" in await page.locator(".kist-facts").inner_text()
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("heading", name="Approve: refused").wait_for()
    assert "Nothing has changed." in await page.locator(".page-body").inner_text()
    async with uow_factory.open(SYSTEM) as uow:
        (proposal,) = (await uow.session.execute(select(Proposal))).scalars()
        assert (proposal.status, proposal.result) == ("proposed", None)
    await page.get_by_role("link", name="Back").click()
    await page.wait_for_url("**/admin/proposals/detail*")
