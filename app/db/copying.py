"""COPY: writes many rows at once into PostgreSQL, in the transaction of a session.

SQLAlchemy has no COPY, so this module calls asyncpg directly. Rows come as CSV that polars has written, or as tuples,
which asyncpg encodes in PostgreSQL's binary format. That is three times as fast as writing text in Python.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from asyncpg import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.errors import COPY


async def copy_csv(session: AsyncSession, *, table: str, columns: Sequence[str], rows: bytes) -> None:
    """Copies rows of CSV (no header, empty means NULL) into a table.

    The session must have run a statement before. SQLAlchemy begins the transaction with the first statement, so rows
    that are copied before it would be committed at once. Raises DBAPIError for a row that the table refuses, as every
    other statement of a session does.
    """
    assert session.in_transaction(), "COPY must run in a transaction"
    connection = await driver_of(session)
    assert connection.is_in_transaction(), "run a statement before COPY"
    with _refusals(table):
        await connection.copy_to_table(table, source=BytesIO(rows), columns=list(columns), format="csv")


async def copy_rows(session: AsyncSession, table: str, *, columns: Sequence[str], records: Sequence[Any]) -> None:
    """Copies tuples into a table, like `copy_csv`."""
    if not records:
        return
    connection = await driver_of(session)
    assert connection.is_in_transaction(), "run a statement before COPY"
    with _refusals(table):
        await connection.copy_records_to_table(table, records=records, columns=columns)


@contextmanager
def _refusals(table: str) -> Iterator[None]:
    try:
        yield
    except (PostgresError, InterfaceError, InternalClientError) as error:
        raise DBAPIError(f"{COPY}{table}", None, error) from error


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection under a session."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
