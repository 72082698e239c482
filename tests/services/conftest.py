"""A desk on the real database whose clock stands still, and a job queue that only notes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.db.session import SessionFactory
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import Job, UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper

START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


class SilentJobQueue:
    """Hears every ring and wakes nobody."""

    async def enqueue(self, job: Job) -> None: ...


@pytest.fixture
def uow_factory(session_factory: SessionFactory) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(sessions=session_factory, job_queue=SilentJobQueue(), clock=lambda: START)


@pytest_asyncio.fixture
async def unreconciled(uow_factory: UnitOfWorkFactory) -> LendingHelper:
    """A lending desk for tests that damage the books."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=START, actor="system")
    return LendingHelper(uow_factory)


@pytest_asyncio.fixture
async def lending(uow_factory: UnitOfWorkFactory, unreconciled: LendingHelper) -> AsyncIterator[LendingHelper]:
    """A lending desk; after the test every loan is reconciled, to the paisa."""
    yield unreconciled
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()
