"""Checks, before anything else, that the database can be reached, so that a wrong password gives a one-line error."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.errors import sqlstate, why_unreachable

CONNECT_SECONDS = 10
#: A server that is starting is waited for this long. A wrong password fails at once.
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.2
PERMANENT = ("28", "3D")


async def find_obstacle(dsn: str) -> str | None:
    """The reason in one line why this address does not lead to a usable database; None if it does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while True:
        try:
            await _connect(dsn)
            return None
        except Exception as error:
            if (reason := why_unreachable(error)) is None:
                raise
            if (sqlstate(error) or "").startswith(PERMANENT) or loop.time() > until:
                return reason
        await asyncio.sleep(PAUSE_SECONDS)


async def _connect(dsn: str) -> None:
    engine = create_async_engine(dsn, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()
