"""Statements that bypass SQLAlchemy belong to the session's transaction and to its savepoints."""

import asyncio

import pytest
from sqlalchemy import text

from app.db.session import SessionFactory
from app.db.statements import Statement

ADD = Statement(
    "INSERT INTO outbox (job, key, payload, created_at, due_at, attempts)"
    " VALUES ('probe', :key, '{}', now(), now(), 0) RETURNING key"
)
SLEEP = Statement("SELECT pg_sleep(30)")
ECHO = Statement("SELECT CAST(:number AS int) AS number")


async def kept(session_factory: SessionFactory) -> list[str]:
    async with session_factory() as session:
        return list((await session.execute(text("SELECT key FROM outbox ORDER BY key"))).scalars())


async def test_a_rollback_undoes_statements(session_factory: SessionFactory) -> None:
    async with session_factory() as session:
        for key in ("1", "2"):
            await ADD.find(session, key=key)
        await session.rollback()
        for key in ("3", "4"):
            await ADD.find(session, key=key)
        await session.commit()
        await ADD.find(session, key="5")
    assert await kept(session_factory) == ["3", "4"]


async def test_statements_belong_to_savepoints(session_factory: SessionFactory) -> None:
    async with session_factory() as session:
        await ADD.find(session, key="1")
        await ADD.find(session, key="2")
        async with session.begin_nested():
            await ADD.find(session, key="3")
        savepoint = await session.begin_nested()
        await ADD.find(session, key="4")
        await ADD.find(session, key="5")
        await savepoint.rollback()
        await ADD.find(session, key="6")
        await session.commit()
    assert await kept(session_factory) == ["1", "2", "3", "6"]


async def test_a_cancelled_statement_leaves_its_connection_usable(session_factory: SessionFactory) -> None:
    async def run_and_sleep() -> None:
        async with session_factory() as session:
            await ECHO.find(session, number=0)
            await SLEEP.find(session)

    for _ in range(3):
        running = asyncio.create_task(run_and_sleep())
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with session_factory() as session:
        assert [(await ECHO.find(session, number=number)).number for number in range(20)] == list(range(20))


async def test_the_first_row_of_a_session_is_read_like_the_others(session_factory: SessionFactory) -> None:
    """The first statement goes through SQLAlchemy, the second to the driver."""
    async with session_factory() as session:
        for number in (1, 2):
            row = await ECHO.find(session, number=number)
            assert (row["number"], row.number, row[0], *row, len(row)) == (number, number, number, number, 1)
            with pytest.raises(AttributeError):
                _ = row.other
            with pytest.raises(KeyError):
                _ = row["other"]
