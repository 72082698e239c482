"""What the errors of a cluster mean. Only their SQLSTATE is read; a COPY that a shard refuses has none of its own."""

import asyncio
import time

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.copying import copy_rows
from app.db.errors import DatabaseFault, classify
from app.db.repositories.unit_of_work import find_clock
from app.db.session import Reader, SessionFactory
from app.db.statements import Statement


def refusal(text: str, *, sqlstate: str) -> asyncpg.PostgresError:
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": text, "S": "ERROR"})
    assert error.sqlstate == sqlstate
    return error


@pytest.mark.parametrize("suffix", ["", "_102040"])
def test_a_duplicate_is_one_whatever_the_constraint_is_called(suffix: str) -> None:
    text = f'duplicate key value violates unique constraint "uq_payments_reference{suffix}"'
    error = refusal(text, sqlstate="23505")
    assert classify(IntegrityError("INSERT", None, error)) is DatabaseFault.DUPLICATE


def test_a_copy_that_a_shard_refuses_is_refused_by_the_table() -> None:
    error = refusal("failure on connection marked as essential: 102040", sqlstate="XX000")
    assert classify(DBAPIError("COPY bills", None, error)) is DatabaseFault.REFUSED
    assert classify(DBAPIError("SELECT 1", None, error)) is None
    assert classify(error) is None


async def test_a_copy_that_a_server_refuses_says_why(session_factory: SessionFactory) -> None:
    async with session_factory() as session, session.begin():
        await find_clock(session)
        columns = ("customer_id", "import_id", "first_on", "last_on")
        with pytest.raises(DBAPIError) as refused:
            await copy_rows(session, "bank_statements", columns=columns, records=[(1, 1, None, None)])
    assert refused.value.statement == "COPY bank_statements"
    assert classify(refused.value) is None, "a missing value is a bug of ours"


@pytest.mark.parametrize("turns", range(4))
async def test_a_connection_that_was_ended_is_unavailable_in_every_turn_of_the_loop(
    engine: AsyncEngine, turns: int
) -> None:
    """The driver first reads the server's last word, and in a later turn the end of the connection."""
    pid, reading = Statement("SELECT pg_backend_pid() AS pid"), Reader(engine)
    found = await pid.find(reading)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": found.pid})
    # The loop stands still until both have arrived.
    time.sleep(0.2)  # noqa: ASYNC251
    for _ in range(turns):
        await asyncio.sleep(0)
    with pytest.raises((DBAPIError, asyncpg.ConnectionDoesNotExistError)) as lost:
        await pid.find(reading)
    assert classify(lost.value) is DatabaseFault.UNAVAILABLE
    reading.close()
