"""Fixtures for the admin pages: staff accounts that sign in through the form, and a helper that lends."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import httpx
import pytest_asyncio
from fastapi import FastAPI

from app.api.admin.sessions import COOKIE
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.people.staff import create_staff
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper

PASSWORD = "a password for tests"
ADMIN, OFFICER = "meera@kist.example", "ravi@kist.example"
NAMES = {Role.ADMIN: "Meera Nair", Role.OFFICER: "Ravi Menon"}
TOKEN = re.compile(r'name="csrftoken" value="([^"]+)"')


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory) -> LendingHelper:
    """A helper that lends, with the seeded products and scorecards on offer."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    return LendingHelper(uow_factory)


@pytest_asyncio.fixture
async def staff(app: FastAPI, uow_factory: UnitOfWorkFactory) -> None:
    """An admin and an officer."""
    for email, role in ((ADMIN, Role.ADMIN), (OFFICER, Role.OFFICER)):
        await create_staff(
            uow_factory,
            SYSTEM,
            passwords=app.state.keyring.passwords,
            email=email,
            name=NAMES[role],
            role=role,
            password=PASSWORD,
        )


Browse = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def browse(app: FastAPI, staff: None) -> AsyncIterator[Browse]:
    """Signs in through the form: `page = await browse(ADMIN)`."""
    opened: list[httpx.AsyncClient] = []

    async def sign_in(email: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app)
        client = httpx.AsyncClient(transport=transport, base_url="http://kist.example", follow_redirects=True)
        opened.append(client)
        form = await client.get("/admin/")
        answer = await client.post(
            form.url, data={"username": email, "password": PASSWORD, "csrftoken": csrf_token(form)}
        )
        assert answer.status_code == 200, answer.text
        assert COOKIE in client.cookies
        return client

    yield sign_in
    for client in opened:
        await client.aclose()


def csrf_token(page: httpx.Response) -> str:
    """The token of a page's form."""
    found = TOKEN.search(page.text)
    assert found is not None, page.text[:500]
    return found[1]
