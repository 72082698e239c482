"""PostgreSQL goes away and comes back: a connection that died is never handed out again."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.errors import DatabaseFault, classify
from app.db.statements import Statement
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory
from tests import databases

POOLED = 3


async def end_pooled_connections(uow_factory: UnitOfWorkFactory, dsn: str) -> None:
    """What a restart of PostgreSQL does to a pool."""
    async with AsyncExitStack() as stack:
        looks = [await stack.enter_async_context(uow_factory.reading(SYSTEM)) for _ in range(POOLED)]
        pids = [await reading.session.scalar(text("SELECT pg_backend_pid()")) for reading in looks]
    async with databases.connection(dsn) as database:
        for pid in pids:
            assert await database.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


@pytest.mark.parametrize("route", ["/api/v1/loans/LN-2026-0001", "/api/v1/clock"])
async def test_reads_come_back_after_the_database_was_restarted(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, dsn: str, officer: dict[str, str], route: str
) -> None:
    expected = (await client.get(route, headers=officer)).status_code
    await end_pooled_connections(uow_factory, dsn)
    statuses = [(await client.get(route, headers=officer)).status_code for _ in range(POOLED + 1)]
    assert statuses == [expected] * (POOLED + 1)


@pytest.mark.parametrize("opened_by", ["reading", "open"])
async def test_a_connection_that_dies_under_a_statement_is_not_handed_out_again(
    uow_factory: UnitOfWorkFactory, opened_by: str
) -> None:
    ends_itself = Statement("SELECT pg_terminate_backend(pg_backend_pid()) AS ended")

    async def lose() -> None:
        async with getattr(uow_factory, opened_by)(SYSTEM) as uow:
            await uow.session.execute(text("SELECT 1"))
            await ends_itself.find(uow.session)

    # Which error it is depends on who finds out first.
    with pytest.raises((asyncpg.PostgresError, DBAPIError)) as lost:
        await lose()
    assert classify(lost.value) is DatabaseFault.UNAVAILABLE
    async with uow_factory.reading(SYSTEM) as uow:
        assert (await Statement("SELECT 1 AS one").find(uow.session)).one == 1


@pytest.mark.parametrize("through", ["session", "reader"])
async def test_a_connection_that_dies_between_two_statements_is_unavailable(
    uow_factory: UnitOfWorkFactory, dsn: str, through: str
) -> None:
    one = Statement("SELECT pg_backend_pid() AS pid")
    async with uow_factory.reading(SYSTEM) as uow:
        pid = (await one.find(getattr(uow, through))).pid
        async with databases.connection(dsn) as database:
            assert await database.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
        await asyncio.sleep(0.1)
        with pytest.raises((DBAPIError, asyncpg.PostgresError)) as lost:
            await one.find(getattr(uow, through))
    assert classify(lost.value) is DatabaseFault.UNAVAILABLE


async def test_a_look_never_holds_two_connections(uow_factory: UnitOfWorkFactory) -> None:
    """Requests that hold one and wait for another could wait for each other for ever."""
    who = Statement("SELECT pg_backend_pid() AS pid")
    async with uow_factory.reading(SYSTEM) as uow:
        assert uow.batching_reader is not None
        await who.find(uow.reader)
        held = [uow.batching_reader.is_taken]
        pid = await uow.session.scalar(text("SELECT pg_backend_pid()"))
        held.append(uow.batching_reader.is_taken)
        assert (await who.find(uow.reader)).pid == pid
        held.append(uow.batching_reader.is_taken)
    assert held == [True, False, False]


async def test_a_connection_whose_reader_hung_up_serves_the_next(uow_factory: UnitOfWorkFactory) -> None:
    slow, one = Statement("SELECT pg_sleep(14)"), Statement("SELECT 1 AS one")
    for _ in range(POOLED + 1):
        async with uow_factory.reading(SYSTEM) as uow:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await slow.find(uow.reader)
    async with AsyncExitStack() as stack:
        looks = [await stack.enter_async_context(uow_factory.reading(SYSTEM)) for _ in range(POOLED)]
        # Nobody waits for what the others no longer wait for.
        async with asyncio.timeout(12):
            assert [(await one.find(uow.reader)).one for uow in looks] == [1] * POOLED
