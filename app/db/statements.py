"""Frequent statements, which asyncpg executes directly.

SQLAlchemy needs about as much time for a statement as PostgreSQL does. A statement that is part of every request or
payment is therefore given to the driver. The session still owns the transaction: its first statement goes through
SQLAlchemy, which begins the transaction, and only later ones go to the driver. All other statements of this program use
SQLAlchemy.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import CursorResult, Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app import tracing
from app.db.session import AUTOCOMMIT, Reader

DRIVER: Final = "driver"
#: Called with each statement that does not go through SQLAlchemy, and its values. Tests and benchmarks use it.
LISTENERS: Final[list[Callable[[str, Mapping[str, Any]], None]]] = []
NAME: Final = re.compile(r"(?<![:\w]):([a-z_]+)\b")


class DriverRow(asyncpg.Record):  # type: ignore[misc]
    """A row of asyncpg whose columns can be read as attributes, as in SQLAlchemy's rows."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class SessionRow:
    """A row of SQLAlchemy that is read as one of the driver: a column by its name in either way, or by its place."""

    __slots__ = ("_row",)

    def __init__(self, row: Row[Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)

    def __getitem__(self, key: str | int) -> Any:
        names = self._row._mapping  # noqa: SLF001 - public; the underscore keeps it apart from columns
        return names[key] if isinstance(key, str) else self._row[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


class Statement:
    """A statement with named values (`:name`), for a session or a reader."""

    __slots__ = ("_clause", "_names", "_sql", "text")

    def __init__(self, statement: str) -> None:
        self.text = statement
        self._clause = text(statement)
        names = list(dict.fromkeys(NAME.findall(statement)))
        positions = {name: f"${position}" for position, name in enumerate(names, start=1)}
        self._sql = NAME.sub(lambda match: positions[match[1]], statement)
        self._names = names

    async def find(self, session: AsyncSession | Reader, **values: Any) -> Any:
        """The only row, or None."""
        rows = await self.list(session, **values)
        assert len(rows) <= 1, "a look-up by key finds one row"
        return rows[0] if rows else None

    async def list(self, session: AsyncSession | Reader, **values: Any) -> Sequence[Any]:
        """All rows; none of a statement that only writes. Raises DBAPIError, as SQLAlchemy's statements do."""
        driver = await (session.driver() if isinstance(session, Reader) else _driver(session))
        if driver is None:
            assert isinstance(session, AsyncSession), "a reader has the driver's connection"
            found = await session.execute(self._clause, values)
            return [SessionRow(row) for row in found] if isinstance(found, CursorResult) and found.returns_rows else []
        for listener in LISTENERS:
            listener(self.text, values)
        given = [values[name] for name in self._names]
        try:
            if not tracing.is_tracing():
                rows: Sequence[Row[Any]] = await driver.fetch(self._sql, *given, record_class=DriverRow)
                return rows
            with tracing.span(tracing.name_of(self.text), system="postgresql"):
                traced: Sequence[Row[Any]] = await driver.fetch(self._sql, *given, record_class=DriverRow)
                return traced
        except (asyncpg.PostgresError, asyncpg.InternalClientError) as error:
            raise DBAPIError(self.text, None, error) from error


async def _driver(session: AsyncSession) -> Any:
    """The driver's connection. None if the session's transaction has not begun, or if the connection was lost; then the
    statement goes through SQLAlchemy, which begins the transaction or notices the loss."""
    transaction = _innermost(session)
    # Cached only for this transaction, because another session may use the connection afterwards.
    known, driver = session.info.get(DRIVER, (None, None))
    if known is not None and known is transaction:
        return None if driver.is_closed() else driver
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None, "a session's connection is open"
    assert connection.sync_connection is not None, "a session's connection is open"
    options = connection.sync_connection.get_execution_options()
    if not driver.is_in_transaction() and not options.items() >= AUTOCOMMIT.items():
        return None
    session.info[DRIVER] = _innermost(session), driver
    return driver


def _innermost(session: AsyncSession) -> Any:
    """The current savepoint or transaction. A savepoint counts too, because SQLAlchemy makes it only when it is asked
    for the connection."""
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()
