"""Whether a database lets us in, asked before anything is written: a password that is wrong is one line, not a page."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.errors import why_unreachable

PATIENCE_SECONDS = 10


async def find_obstacle(dsn: str) -> str | None:
    """Why this address does not lead into a database, in one line; None where it does."""
    engine = create_async_engine(dsn, poolclass=NullPool, connect_args={"timeout": PATIENCE_SECONDS})
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        if (reason := why_unreachable(error)) is None:
            raise
        return reason
    finally:
        await engine.dispose()
    return None
