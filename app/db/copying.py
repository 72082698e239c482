"""COPY: how many rows at once get into PostgreSQL, in the transaction of a session.

SQLAlchemy has no COPY, so we reach through it to asyncpg here. Rows come as CSV that somebody else (polars) has already
written, which the server reads as fast as it can write the table, or as tuples, which asyncpg writes in PostgreSQL's
binary format, three times as fast as Python could write text.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession


async def copy_csv(session: AsyncSession, *, table: str, columns: Sequence[str], rows: bytes) -> None:
    """Copies rows of CSV (no header, empty means NULL) into a table.

    The session must have run a statement before: SQLAlchemy begins the transaction with the first one, and rows copied
    before it would be committed at once.
    """
    assert session.in_transaction(), "COPY belongs into a transaction"
    connection = await driver_of(session)
    assert connection.is_in_transaction(), "run a statement before COPY"
    await connection.copy_to_table(table, source=BytesIO(rows), columns=list(columns), format="csv")


async def copy_rows(session: AsyncSession, table: str, *, columns: Sequence[str], records: Sequence[Any]) -> None:
    """Copies rows that were made in Python into a table; the session must have run a statement before.

    Raises DBAPIError, as every other statement of a session does, for a row that the table refuses.
    """
    if not records:
        return
    connection = await driver_of(session)
    assert connection.is_in_transaction(), "run a statement before COPY"
    try:
        await connection.copy_records_to_table(table, records=records, columns=columns)
    except (PostgresError, InterfaceError) as error:
        raise DBAPIError(f"COPY {table}", None, error) from error


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection under a session."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
