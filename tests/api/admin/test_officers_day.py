"""A day at the counter, in a real browser: an officer finds Ravi, takes money, takes it back, and proposes a waiver; a
second person approves it. By keyboard where it is quicker, and with a double click where money moves.

With `KIST_SCREENSHOTS=docs/images` in the environment it also takes the screenshots of the documentation.
"""

from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, ViewportSize
from sqlalchemy import insert, select

from app.db.models import Customer, Payment, Proposal
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, PASSWORD
from tests.api.admin.test_browser import SIZE, fits, picture
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving, watch
from tests.services.lending_desk import LendingHelper

PRODUCTS = {product.code: product for product in SEEDED_PRODUCTS}
PHONE: ViewportSize = {"width": 390, "height": 844}
LOAN = "/admin/loan/LN-2026-0001"

pytestmark = NEEDS_BROWSER


@pytest_asyncio.fixture
async def address(
    app: FastAPI, staff: None, lending: LendingHelper, uow_factory: UnitOfWorkFactory
) -> AsyncIterator[str]:
    """Ravi has a loan with two bills, of which one is overdue; two other people have names that begin alike."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = [
            {
                "customer_id": number, "state": "customer", "name": name, "phone": phone, "created_at": uow.now,
                "actor": "system",
            }
            for number, name, phone in (
                (901, "Ravi Kumar", "98765 43210"), (902, "Ravindra Joshi", "98765 00001"), (903, "Asha Ravi", None),
            )
        ]  # fmt: skip
        await uow.session.execute(insert(Customer), rows)
    await lending.disburse(PRODUCTS["PERSONAL_LOAN"], amount=100_000, rate="8.8", instalments=12, customer_id=901)
    await lending.disburse(PRODUCTS["STANDARD_LOAN"], amount=50_000, rate="12", instalments=6, customer_id=902)
    await lending.run_billing(on=date(2026, 12, 25))
    await lending.run_billing(on=date(2027, 1, 25))
    async with serving(app) as address:
        yield address


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


async def open_page(browser: Browser, address: str, log: BrowserLog, *, email: str) -> Page:
    """A browser of its own for a person who signs in."""
    context = await browser.new_context(viewport=SIZE, base_url=address, timezone_id="Asia/Kolkata", locale="en-IN")
    page = await context.new_page()
    watch(page, log, address=address)
    await page.goto("/admin/")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/")
    return page


async def test_an_officers_day(browser: Browser, address: str, uow_factory: UnitOfWorkFactory) -> None:
    log = BrowserLog()
    officer = await open_page(browser, address, log, email=OFFICER)
    await find_ravi(officer)
    await take_a_cheque(officer, uow_factory)
    await take_it_back(officer, uow_factory)
    await see_both_prepayments(officer)
    await propose_a_waiver(officer)
    await officer.context.close()
    admin = await open_page(browser, address, log, email=ADMIN)
    await approve_it(admin, uow_factory)
    await everything_fits(admin)
    assert (log.errors, log.foreign_requests) == ([], [])


async def find_ravi(page: Page) -> None:
    await page.keyboard.press("/")
    await page.keyboard.type("rav")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/find?text=rav")
    names = await page.locator("tbody tr td:first-child").all_inner_texts()
    assert names == ["Asha Ravi", "Ravi Kumar", "Ravindra Joshi"]
    await picture(page, "find")
    await page.get_by_role("link", name="Ravi Kumar").click()
    await page.wait_for_url("**/admin/customer/BC-USER-901")
    assert "98765 43210" in await page.locator(".kist-facts").inner_text()
    await picture(page, "customer")
    await page.get_by_role("link", name="LN-2026-0001").click()
    await page.wait_for_url(f"**{LOAN}")
    assert "overdue" in (await page.locator("tbody").inner_text())
    await picture(page, "loan", height=1500)


async def take_a_cheque(page: Page, uow_factory: UnitOfWorkFactory) -> None:
    await page.get_by_role("link", name="Take a payment", exact=True).click()
    # The first input has the focus: the officer types at once.
    await page.locator("#in-amount:focus").wait_for()
    await page.keyboard.type("8,706")
    await page.get_by_label("Paid by").select_option(label="cheque")
    await page.get_by_label("Reference").fill("CHQ 000123")
    await page.keyboard.press("Enter")
    sentence = page.locator(".kist-sentence")
    await sentence.wait_for()
    assert await sentence.inner_text() == "Take ₹8,706.00 (cheque) on LN-2026-0001 of Ravi Kumar."
    assert await taken(uow_factory) == []
    await picture(page, "payment-preview", height=1000)
    await page.get_by_role("button", name="Take the payment").dblclick()
    await page.wait_for_url("**/receipt?*")
    await page.get_by_text("₹8,706.00 is taken on LN-2026-0001").wait_for()
    await picture(page, "receipt")
    assert await taken(uow_factory) == [(8_706_00, "CHQ 000123", False)]
    # The receipt can be opened again, and takes nothing.
    await page.reload()
    assert await taken(uow_factory) == [(8_706_00, "CHQ 000123", False)]


async def take_it_back(page: Page, uow_factory: UnitOfWorkFactory) -> None:
    await page.goto(f"{LOAN}?tab=payments")
    await page.get_by_role("link", name="Take back").click()
    await page.get_by_label("Reason").fill("cheque returned unpaid")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("button", name="Take the payment back").click()
    await page.get_by_text("is taken back.").wait_for()
    assert await taken(uow_factory) == [(8_706_00, "CHQ 000123", True)]
    await page.goto(f"{LOAN}?tab=events")
    assert "₹8,706.00 taken back" in await page.locator("tbody").inner_text()


async def see_both_prepayments(page: Page) -> None:
    await page.goto("/admin/acts/prepay?of=LN-2026-0001")
    await page.locator("#in-amount:focus").wait_for()
    await page.keyboard.type("50000")
    await page.keyboard.press("Enter")
    await page.locator(".kist-changes").first.wait_for()
    assert await page.locator(".kist-changes").count() == 2
    await picture(page, "prepayment", height=1000)


async def propose_a_waiver(page: Page) -> None:
    await page.goto("/admin/acts/propose-waiver?of=LN-2026-0001")
    await page.get_by_label("Interest (₹)").fill("300")
    await page.get_by_label("Reason").fill("a wrong reminder")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Propose the waiver").click()
    await page.get_by_text("waits for another person").wait_for()


async def approve_it(page: Page, uow_factory: UnitOfWorkFactory) -> None:
    await page.goto("/admin/proposals/list")
    await page.locator("tbody tr").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/proposals/detail*")
    assert "₹300.00" in await page.locator("table").inner_text()
    await picture(page, "proposal", height=1000)
    await page.get_by_role("link", name="Approve").click()
    await page.get_by_label("Note").fill("seen the reminder")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_text("is approved and carried out").wait_for()
    async with uow_factory.open(SYSTEM) as uow:
        (proposal,) = (await uow.session.execute(select(Proposal))).scalars()
        assert (proposal.status, proposal.result) == (
            "approved", {"principal_paise": 0, "interest_paise": 300_00, "charges_paise": 0},
        )  # fmt: skip
        view = await loans.view_loan(uow, LoanReference(number=1, year=None))
        assert view.position.principal_paise == 1_00_000_00


async def everything_fits(page: Page) -> None:
    """No page scrolls sideways, on a small screen neither, and the look is one: dark is not forgotten anywhere."""
    await page.get_by_role("button", name="Light or dark").click()
    for size in (SIZE, PHONE):
        await page.set_viewport_size(size)
        for place in (LOAN, f"{LOAN}?tab=ledger", "/admin/customer/BC-USER-901", "/admin/find?text=rav",
                      "/admin/acts/take-payment?of=LN-2026-0001"):  # fmt: skip
            await page.goto(place)
            assert await page.locator("html").get_attribute("data-bs-theme") == "dark"
            assert await fits(page), place
            if size == PHONE and place == LOAN:
                await picture(page, "loan-phone", size=PHONE)


async def taken(uow_factory: UnitOfWorkFactory) -> list[tuple[int, str | None, bool]]:
    """The payments: amount, reference, whether it was taken back."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = (await uow.session.execute(select(Payment).order_by(Payment.id))).scalars()
        return [(row.amount_paise, row.reference, row.reversed_on is not None) for row in rows]
