"""A desk on the real database whose clock stands still, and a doorbell that only notes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.db.session import SessionFactory
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.reporting.reconciliation import reconcile_all
from app.services.work import Desk, Job
from tests.services.lending_desk import LendingDesk

START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


class SilentDoorbell:
    """Hears every ring and wakes nobody."""

    async def ring(self, job: Job) -> None: ...


@pytest.fixture
def desk(session_factory: SessionFactory) -> Desk:
    return Desk(sessions=session_factory, doorbell=SilentDoorbell(), clock=lambda: START)


@pytest_asyncio.fixture
async def unreconciled(desk: Desk) -> LendingDesk:
    """A lending desk for tests that damage the books."""
    async with desk.open(SYSTEM) as work:
        for product in SEEDED_PRODUCTS:
            await add_product(work.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    return LendingDesk(desk)


@pytest_asyncio.fixture
async def lending(desk: Desk, unreconciled: LendingDesk) -> AsyncIterator[LendingDesk]:
    """A lending desk; after the test every loan is reconciled, to the paisa."""
    yield unreconciled
    async for page in reconcile_all(desk):
        assert page.differences == ()
