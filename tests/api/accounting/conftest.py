"""A book of a month with loans and a card account, over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.accounting.controller import Controller
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf, Time
from tests.services.lending_desk import LendingHelper


@pytest_asyncio.fixture
async def controller(
    client: httpx.AsyncClient, headers_of: HeadersOf, uow_factory: UnitOfWorkFactory, time: Time, opened: None
) -> AsyncIterator[Controller]:
    """A lender in December 2026: a loan of 21 November that is billed and paid, and a card that bought and paid."""
    cards = CardDesk(client, headers_of, uow_factory, time)
    lending = LendingHelper(uow_factory)
    made = Controller(client=client, headers_of=headers_of, lending=lending, cards=cards)
    await cards.to("2026-11-21")
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await cards.open("2026-11-21")
    await cards.purchase("5000.25", "2026-12-01")
    await cards.run("2026-12-21")
    await made.pay("10661.85", "2026-12-21")
    await cards.pay("1000", "2026-12-22")
    yield made
    await cards.reconcile()
