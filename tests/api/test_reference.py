"""`/docs` and `/redoc`: they load files from this service only and work in a browser without a network."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from app.api import reference
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.people.staff import create_staff
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.browser import NEEDS_BROWSER, BrowserLog, browsing, serving, watch

#: In milliseconds. ReDoc draws the whole document at once, which takes seconds on a busy machine.
PATIENCE = 60_000
ADMIN, PASSWORD = "meera@kist.example", "a password for tests"
#: The addresses that a page loads.
LOADED = re.compile(r'(?:src|href)="([^"]*)"')


@pytest.mark.parametrize("path, count", [("/docs", 6), ("/redoc", 5)])
async def test_a_page_loads_only_our_files_and_its_policy_enforces_it(
    client: httpx.AsyncClient, path: str, count: int
) -> None:
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == reference.POLICY
    assert page.headers["cache-control"] == "no-store"
    loaded = LOADED.findall(page.text)
    assert len(loaded) == count
    for address in loaded:
        assert re.match(r"/(openapi\.json$|docs/files/)", address), address
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_kept_by_the_browser_under_the_address_of_its_content(client: httpx.AsyncClient) -> None:
    address = reference.address_of_file("swagger-ui-bundle.js")
    answer = await client.get(address)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for old in (address.partition("?")[0], f"{address}0"):
        assert (await client.get(old)).headers["cache-control"] == "no-cache"
    for unknown in ("nothing.js", "..%2f__init__.py", "core.py"):
        refused = await client.get(f"/docs/files/{unknown}")
        assert (refused.status_code, refused.json()["code"]) == (404, "no_such_route")
    # FastAPI's own pages have this helper page; ours do not need it.
    assert (await client.get("/docs/oauth2-redirect")).status_code == 404


def test_the_published_scripts_are_there_with_their_licences_and_load_nothing_from_elsewhere() -> None:
    assert b"SwaggerUIBundle" in reference.read_file("swagger-ui-bundle.js").content
    redoc = reference.read_file("redoc.standalone.js").content
    assert b"Redoc" in redoc
    assert b"cdn." not in redoc
    licences = {path.name: path.read_text() for path in (reference.OURS.parent / "licences").iterdir()}
    assert "Apache License" in licences["swagger-ui.txt"]
    assert "SmartBear" in licences["swagger-ui-notices.txt"]
    assert "Copyright (c) 2015-present, Rebilly, Inc." in licences["redoc.txt"]


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def address(app: FastAPI, uow_factory: UnitOfWorkFactory, opened: None) -> AsyncIterator[str]:
    """The application with an admin, on a port of this machine."""
    passwords = app.state.keyring.passwords
    await create_staff(
        uow_factory, SYSTEM, passwords=passwords, email=ADMIN, name="Meera Nair", role=Role.ADMIN, password=PASSWORD
    )
    async with serving(app) as address:
        yield address


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


@pytest.fixture
def browser_log() -> BrowserLog:
    return BrowserLog()


@pytest_asyncio.fixture
async def page(browser: Browser, address: str, browser_log: BrowserLog) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, color_scheme="light", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    watch(page, browser_log, address=address)
    yield page
    await context.close()


class TestInABrowser:
    pytestmark = NEEDS_BROWSER

    async def test_somebody_signs_in_at_the_docs_and_calls(self, page: Page, browser_log: BrowserLog) -> None:
        await page.goto("/docs")
        await page.get_by_role("button", name="Authorize").first.click()
        await page.locator("#oauth_username").fill(ADMIN)
        await page.locator("#oauth_password").fill(PASSWORD)
        await page.get_by_role("button", name="Apply given OAuth2 credentials").click()
        await page.get_by_role("button", name="Remove authorization").wait_for()
        await page.locator(".btn-done").click()
        await page.get_by_role("link", name="Products", exact=True).click()
        call = page.locator(".opblock", has_text="/api/v1/products").first
        await call.locator(".opblock-summary-control").click()
        await call.get_by_role("button", name="Execute").click()
        await call.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
        answer = json.loads(
            await call.locator(".live-responses-table .response-col_description pre").first.inner_text()
        )
        assert {product["code"] for product in answer} == {product.code for product in SEEDED_PRODUCTS}
        assert (browser_log.errors, browser_log.foreign_requests) == ([], [])
        assert await page.evaluate("Object.keys({...localStorage, ...sessionStorage})") == []

    async def test_the_pages_follow_the_system_from_light_to_dark(self, page: Page, browser_log: BrowserLog) -> None:
        for path, in_light, in_dark in (
            ("/docs", "rgb(28, 35, 48)", "rgb(210, 214, 215)"),
            ("/redoc", "rgb(28, 35, 48)", "rgb(228, 230, 230)"),
        ):
            await page.emulate_media(color_scheme="light")
            await page.goto(path)
            await expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)", timeout=PATIENCE)
            await expect(page.locator("h1").first).to_have_css("color", in_light, timeout=PATIENCE)
            await page.emulate_media(color_scheme="dark")
            await expect(page.locator("html")).to_have_css("background-color", "rgb(28, 32, 34)", timeout=PATIENCE)
            await expect(page.locator("h1").first).to_have_css("color", in_dark, timeout=PATIENCE)
            if path == "/docs":
                # Inline code keeps its padding and its dark background.
                code = page.locator(".info .renderedMarkdown p > code").first
                await expect(code).to_have_css("padding", "0px 4px")
                await expect(code).to_have_css("background-color", "rgb(43, 50, 53)")
        await page.goto("/redoc")
        await page.get_by_placeholder("Search...").fill("instalment")
        await page.locator("[data-role='search:results']").get_by_text("Read the schedule in force").wait_for()
        assert (browser_log.errors, browser_log.foreign_requests) == ([], [])
