"""Whether a database lets us in, asked before anything is written: a password that is wrong is one line, not a page."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.errors import sqlstate, why_unreachable

CONNECT_SECONDS = 10
#: A server that is just starting again is waited for; a wrong password is wrong at once.
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.2
NEVER_RIGHT = ("28", "3D")


async def find_obstacle(dsn: str) -> str | None:
    """Why this address does not lead into a database, in one line; None where it does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while True:
        try:
            await _knock(dsn)
            return None
        except Exception as error:
            if (reason := why_unreachable(error)) is None:
                raise
            if (sqlstate(error) or "").startswith(NEVER_RIGHT) or loop.time() > until:
                return reason
        await asyncio.sleep(PAUSE_SECONDS)


async def _knock(dsn: str) -> None:
    engine = create_async_engine(dsn, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()
