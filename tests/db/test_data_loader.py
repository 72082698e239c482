"""Look-ups that wait at the same time share one statement, and each gets its own result."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.data_loader import BatchingReader, DataLoader, Lookup
from app.db.errors import DatabaseFault, classify
from app.db.session import SessionFactory
from app.db.statements import LISTENERS
from tests.patience import eventually

SQUARES = Lookup(
    "SELECT n, n * n AS square FROM generate_series(1, 100) AS n WHERE n = ANY(CAST(:keys AS int[]))", key="n"
)
SLOWLY = Lookup("SELECT n, pg_sleep(0.2)::text FROM unnest(CAST(:keys AS int[])) AS n", key="n")
#: Waits for a lock that a test holds.
WHEN_FREE = Lookup("SELECT n, pg_advisory_xact_lock(77)::text FROM unnest(CAST(:keys AS int[])) AS n", key="n")
INVERSES = Lookup("SELECT n, 100 / n AS inverse FROM unnest(CAST(:keys AS int[])) AS n", key="n")


@pytest.fixture
def statements() -> Iterator[list[list[int]]]:
    """The keys of every statement."""
    sent: list[list[int]] = []
    LISTENERS.append(listener := lambda _statement, values: sent.append(sorted(values["keys"])))
    yield sent
    LISTENERS.remove(listener)


async def until_sent(statements: list[list[int]]) -> None:
    async def are_sent() -> bool:
        return bool(statements)

    await eventually(are_sent)


async def test_look_ups_at_the_same_time_share_one_statement(engine: AsyncEngine, statements: list[list[int]]) -> None:
    reader = BatchingReader(DataLoader(engine))
    rows = await asyncio.gather(*(SQUARES.find(reader, key) for key in (3, 5, 3, 101)))
    assert [None if row is None else row.square for row in rows] == [9, 25, 9, None]
    assert statements == [[3, 5, 101]]
    assert not reader.is_taken


async def test_look_ups_during_a_statement_share_the_next_one(engine: AsyncEngine, statements: list[list[int]]) -> None:
    reader = BatchingReader(DataLoader(engine))
    first = asyncio.create_task(SLOWLY.find(reader, 1))
    await until_sent(statements)
    later = [asyncio.create_task(SLOWLY.find(reader, key)) for key in (1, 2)]
    assert [row.n for row in await asyncio.gather(first, *later)] == [1, 1, 2]
    # Even the same key is looked up again, because its row may have changed since the first statement began.
    assert statements == [[1], [1, 2]]


async def test_a_key_that_fails_does_not_fail_the_others(engine: AsyncEngine) -> None:
    reader = BatchingReader(DataLoader(engine))
    statements = [asyncio.create_task(INVERSES.find(reader, key)) for key in (4, 0, 10**30, 5)]
    await asyncio.wait(statements)
    assert (statements[0].result().inverse, statements[3].result().inverse) == (25, 20)
    assert type(statements[1].exception()) is asyncpg.DivisionByZeroError
    assert isinstance(statements[2].exception(), asyncpg.InterfaceError | asyncpg.PostgresError)


async def test_a_lost_connection_fails_all_look_ups(engine: AsyncEngine, statements: list[list[int]]) -> None:
    ends = Lookup("SELECT n, pg_terminate_backend(pg_backend_pid()) FROM unnest(CAST(:keys AS int[])) AS n", key="n")
    reader = BatchingReader(DataLoader(engine))
    lost = await asyncio.gather(*(ends.find(reader, key) for key in (1, 2)), return_exceptions=True)
    assert [classify(error) for error in lost if isinstance(error, Exception)] == [DatabaseFault.UNAVAILABLE] * 2
    assert statements == [[1, 2]]
    assert (await SQUARES.find(reader, 3)).square == 9


async def test_a_cancelled_look_up_does_not_cancel_the_others(engine: AsyncEngine) -> None:
    reader = BatchingReader(DataLoader(engine))
    impatient, patient = (asyncio.create_task(SLOWLY.find(reader, key)) for key in (1, 1))
    await asyncio.sleep(0.05)
    impatient.cancel()
    assert (await patient).n == 1
    assert impatient.cancelled()


async def test_a_reader_with_a_connection_does_not_wait_for_others(
    engine: AsyncEngine, statements: list[list[int]]
) -> None:
    data_loader = DataLoader(engine)
    waiting, holding = BatchingReader(data_loader), BatchingReader(data_loader)
    await holding.driver()
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(77)"))
        out = asyncio.create_task(WHEN_FREE.find(waiting, 1))
        await until_sent(statements)
        assert (await SQUARES.find(holding, 2)).square == 4
        assert not out.done()
    assert (await out).n == 1
    assert statements == [[1], [2]]
    holding.close()


async def test_in_a_transaction_a_look_up_is_the_transactions_own(session_factory: SessionFactory) -> None:
    async with session_factory() as session, session.begin():
        await session.execute(text("CREATE TEMPORARY TABLE mine (n int) ON COMMIT DROP"))
        await session.execute(text("INSERT INTO mine VALUES (7)"))
        lookup = Lookup("SELECT n FROM mine WHERE n = ANY(CAST(:keys AS int[]))", key="n")
        assert (await lookup.find(session, 7)).n == 7
