"""Look-ups that arrive together are one SQL statement, and each gets its own answer."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.data_loader import FEWEST_KEYS, BatchingReader, DataLoader, Lookup
from app.db.errors import DatabaseFault, classify
from app.db.placement import Placement, find_placement, keep_placement
from app.db.repositories.lending.positions import BY_KEY, KEY
from app.db.session import Reader, SessionFactory
from app.db.statements import LISTENERS
from tests import clusters
from tests.patience import eventually

SQUARES = Lookup(
    "SELECT n, n * n AS square FROM generate_series(1, 100) AS n WHERE n = ANY(CAST(:ns AS int[]))", key=["n"]
)
SLOWLY = Lookup("SELECT n, pg_sleep(0.2)::text FROM unnest(CAST(:ns AS int[])) AS n", key=["n"])
#: Waits for a lock that a test holds.
WHEN_FREE = Lookup("SELECT n, pg_advisory_xact_lock(77)::text FROM unnest(CAST(:ns AS int[])) AS n", key=["n"])
INVERSES = Lookup("SELECT n, 100 / n AS inverse FROM unnest(CAST(:ns AS int[])) AS n", key=["n"])


@pytest.fixture
def asked() -> Iterator[list[list[int]]]:
    """The keys of every statement."""
    statements: list[list[int]] = []
    LISTENERS.append(listener := lambda _statement, values: statements.append(sorted(values["ns"])))
    yield statements
    LISTENERS.remove(listener)


async def until_asked(asked: list[list[int]]) -> None:
    async def has_asked() -> bool:
        return bool(asked)

    await eventually(has_asked)


async def test_look_ups_that_come_together_are_one_statement(engine: AsyncEngine, asked: list[list[int]]) -> None:
    reading = BatchingReader(DataLoader(engine))
    rows = await asyncio.gather(*(SQUARES.find(reading, key) for key in (3, 5, 3, 101)))
    assert [None if row is None else row.square for row in rows] == [9, 25, 9, None]
    assert asked == [[3, 5, 101]]
    assert not reading.is_taken


async def test_look_ups_during_a_statement_go_into_the_next_one(engine: AsyncEngine, asked: list[list[int]]) -> None:
    reading = BatchingReader(DataLoader(engine))
    first = asyncio.create_task(SLOWLY.find(reading, 1))
    await until_asked(asked)
    later = [asyncio.create_task(SLOWLY.find(reading, key)) for key in (1, 2)]
    assert [row.n for row in await asyncio.gather(first, *later)] == [1, 1, 2]
    # The same key is read again, because its row may have changed since the first statement began.
    assert asked == [[1], [1, 2]]


async def test_a_key_that_fails_does_not_affect_others(engine: AsyncEngine) -> None:
    reading = BatchingReader(DataLoader(engine))
    asked = [asyncio.create_task(INVERSES.find(reading, key)) for key in (4, 0, 10**30, 5)]
    await asyncio.wait(asked)
    assert (asked[0].result().inverse, asked[3].result().inverse) == (25, 20)
    failed = asked[1].exception()
    assert isinstance(failed, DBAPIError)
    assert type(failed.orig) is asyncpg.DivisionByZeroError
    assert isinstance(asked[2].exception(), asyncpg.InterfaceError | DBAPIError)


async def test_a_lost_connection_fails_every_look_up_of_the_statement(
    engine: AsyncEngine, asked: list[list[int]]
) -> None:
    ends = Lookup("SELECT n, pg_terminate_backend(pg_backend_pid()) FROM unnest(CAST(:ns AS int[])) AS n", key=["n"])
    reading = BatchingReader(DataLoader(engine))
    lost = await asyncio.gather(*(ends.find(reading, key) for key in (1, 2)), return_exceptions=True)
    assert [classify(error) for error in lost if isinstance(error, Exception)] == [DatabaseFault.UNAVAILABLE] * 2
    assert asked == [[1, 2]]
    assert (await SQUARES.find(reading, 3)).square == 9


async def test_a_cancelled_look_up_does_not_cancel_others(engine: AsyncEngine) -> None:
    reading = BatchingReader(DataLoader(engine))
    cancelled, other = (asyncio.create_task(SLOWLY.find(reading, key)) for key in (1, 1))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    assert (await other).n == 1
    assert cancelled.cancelled()


async def test_a_reader_with_a_connection_does_not_wait_for_others(engine: AsyncEngine, asked: list[list[int]]) -> None:
    data_loader = DataLoader(engine)
    waiting, holding = BatchingReader(data_loader), BatchingReader(data_loader)
    await holding.driver()
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(77)"))
        out = asyncio.create_task(WHEN_FREE.find(waiting, 1))
        await until_asked(asked)
        assert (await SQUARES.find(holding, 2)).square == 4
        assert not out.done()
    assert (await out).n == 1
    assert asked == [[1], [2]]
    holding.close()


async def test_no_row_and_no_connection_is_given_before_the_admission(
    engine: AsyncEngine, asked: list[list[int]]
) -> None:
    reading, known = BatchingReader(DataLoader(engine)), asyncio.Event()

    async def admit() -> None:
        await known.wait()

    reading.admission = admit
    row, connection = asyncio.create_task(SQUARES.find(reading, 3)), asyncio.create_task(reading.driver())
    await until_asked(asked)
    await asyncio.sleep(0.05)
    assert (row.done(), connection.done(), reading.is_taken) == (False, False, False)
    known.set()
    assert ((await row).square, (await connection).is_closed()) == (9, False)
    reading.close()


async def test_who_is_not_admitted_gets_nothing_each_time(engine: AsyncEngine) -> None:
    reading = BatchingReader(DataLoader(engine))

    async def refuse() -> None:
        raise PermissionError

    reading.admission = refuse
    for question in (SQUARES.find(reading, 3), SQUARES.find(reading, 3), reading.driver(), reading.admitted()):
        with pytest.raises(PermissionError):
            await question
    assert not reading.is_taken


async def test_a_look_up_in_a_transaction_uses_its_connection(session_factory: SessionFactory) -> None:
    async with session_factory() as session, session.begin():
        await session.execute(text("CREATE TEMPORARY TABLE mine (n int) ON COMMIT DROP"))
        await session.execute(text("INSERT INTO mine VALUES (7)"))
        lookup = Lookup("SELECT n FROM mine WHERE n = ANY(CAST(:ns AS int[]))", key=["n"])
        assert (await lookup.find(session, 7)).n == 7


FILLED_UP = Lookup(
    "SELECT n, n * n AS square FROM generate_series(1, 100) AS n WHERE n = ANY(CAST(:ns AS int[]))",
    key=["n"],
    is_filled_up=True,
)


async def test_few_keys_are_filled_up_with_those_of_nobody(engine: AsyncEngine, asked: list[list[int]]) -> None:
    reading = BatchingReader(DataLoader(engine))
    rows = await asyncio.gather(*(FILLED_UP.find(reading, key) for key in (3, 5, 101)))
    assert [None if row is None else row.square for row in rows] == [9, 25, None]
    many = list(range(1, FEWEST_KEYS + 2))
    assert [row.n for row in await asyncio.gather(*(FILLED_UP.find(reading, key) for key in many))] == many
    assert asked == [[0] * (FEWEST_KEYS - 3) + [3, 5, 101], many]


async def test_keys_of_a_shard_are_not_filled_up(engine: AsyncEngine) -> None:
    """The number of nobody would be in another shard."""
    loans = Lookup(
        "SELECT c AS customer_id FROM unnest(CAST(:customer_ids AS bigint[])) AS c",
        key=["customer_id"],
        is_filled_up=True,
    )
    sent: list[list[int]] = []
    reading, reader = BatchingReader(DataLoader(engine)), Reader(engine)
    before = await find_placement(reader)
    keep_placement(reader, Placement((-(2**31), 0)))
    LISTENERS.append(listener := lambda _statement, values: sent.append(values["customer_ids"]))
    try:
        assert (await loans.find(reading, 7)).customer_id == 7
    finally:
        LISTENERS.remove(listener)
        keep_placement(reader, before)
        reader.close()
    assert sent == [[7]]


async def test_a_look_up_of_one_loan_is_not_planned_each_time(engine: AsyncEngine, owner_dsn: str) -> None:
    """PostgreSQL uses the plan for any values from the sixth execution on a connection on."""
    await clusters.skip_on_cluster(owner_dsn, because="statements with arrays are planned anew there")
    lookup = Lookup(BY_KEY, key=KEY, is_filled_up=True)
    reader = Reader(engine)
    driver = await reader.driver()
    for number in range(1, 9):
        values = lookup.values(lookup.filled_up([(number, number)]))
        await lookup.statement.list(reader, **values)
    plans = await driver.fetch(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%AS plan_due_on%'"
        " AND statement NOT LIKE '%pg_prepared_statements%'"
    )
    reader.close()
    assert [tuple(row) for row in plans] == [(3, 5)]
