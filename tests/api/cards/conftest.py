"""The desk of a card account."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf, Time


@pytest_asyncio.fixture
async def desk(
    client: httpx.AsyncClient, headers_of: HeadersOf, uow_factory: UnitOfWorkFactory, time: Time, opened: None
) -> AsyncIterator[CardDesk]:
    """A desk whose books are proved after the test."""
    made = CardDesk(client, headers_of, uow_factory, time)
    yield made
    await made.reconcile()
