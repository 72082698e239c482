"""COPY: how many rows at once get into PostgreSQL, in the transaction of a session.

SQLAlchemy has no COPY, so we reach through it to asyncpg here. The rows come as CSV that somebody else (polars) has
already written: the server reads it as fast as it can write the table.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession


async def copy_csv(session: AsyncSession, *, table: str, columns: Sequence[str], rows: bytes) -> None:
    """Copies rows of CSV (no header, empty means NULL) into a table.

    The session must have run a statement before: SQLAlchemy begins the transaction with the first one, and rows copied
    before it would be committed at once.
    """
    assert session.in_transaction(), "COPY belongs into a transaction"
    connection: Any = await _asyncpg_connection(session)
    assert connection.is_in_transaction(), "run a statement before COPY"
    await connection.copy_to_table(table, source=BytesIO(rows), columns=list(columns), format="csv")


async def _asyncpg_connection(session: AsyncSession) -> Any:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
