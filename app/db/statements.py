"""Statements of the busy paths: written out once, and executed by asyncpg itself.

SQLAlchemy takes about as long for a statement as PostgreSQL does. Where a statement is part of every request or of
every payment, that is most of what the request costs, so there we hand it to the driver. The transaction stays the
session's: its first statement goes through SQLAlchemy, which begins the transaction with it, and only the others go
past it. All other statements of this program are SQLAlchemy's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import EACH_BY_ITSELF, Reader

DRIVER: Final = "driver"
#: Told of every statement that goes past SQLAlchemy, with its values: for who counts or records what is executed.
LISTENERS: Final[list[Callable[[str, Mapping[str, Any]], None]]] = []
NAME: Final = re.compile(r"(?<![:\w]):([a-z_]+)\b")


class DriverRow(asyncpg.Record):  # type: ignore[misc]
    """A row of asyncpg whose columns are read as those of SQLAlchemy's rows are."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Statement:
    """A statement with named values (`:name`), for a session whose connection is held already or is taken now."""

    __slots__ = ("_clause", "_names", "_sql", "text")

    def __init__(self, statement: str) -> None:
        self.text = statement
        self._clause = text(statement)
        names = list(dict.fromkeys(NAME.findall(statement)))
        places = {name: f"${place}" for place, name in enumerate(names, start=1)}
        self._sql = NAME.sub(lambda match: places[match[1]], statement)
        self._names = names

    async def find(self, session: AsyncSession | Reader, **values: Any) -> Any:
        """The only row, or None."""
        rows = await self.list(session, **values)
        assert len(rows) <= 1, "a look-up by key finds one row"
        return rows[0] if rows else None

    async def list(self, session: AsyncSession | Reader, **values: Any) -> Sequence[Any]:
        """All rows."""
        driver = await (session.driver() if isinstance(session, Reader) else _driver(session))
        if driver is None:
            assert isinstance(session, AsyncSession), "a reader has the driver's connection"
            return (await session.execute(self._clause, values)).all()
        for tell in LISTENERS:
            tell(self.text, values)
        rows: Sequence[Row[Any]] = await driver.fetch(
            self._sql, *[values[name] for name in self._names], record_class=DriverRow
        )
        return rows


async def _driver(session: AsyncSession) -> Any:
    """The driver's connection; None while the session's transaction is still to be begun, and where the connection was
    lost: SQLAlchemy then finds out, and forgets it."""
    transaction = _innermost(session)
    # Kept for as long as the session's transaction is the same: after it the connection may be somebody else's.
    known, driver = session.info.get(DRIVER, (None, None))
    if known is not None and known is transaction:
        return None if driver.is_closed() else driver
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None, "a session's connection is open"
    assert connection.sync_connection is not None, "a session's connection is open"
    options = connection.sync_connection.get_execution_options()
    if not driver.is_in_transaction() and not options.items() >= EACH_BY_ITSELF.items():
        return None
    session.info[DRIVER] = _innermost(session), driver
    return driver


def _innermost(session: AsyncSession) -> Any:
    """A savepoint, too, is made only when SQLAlchemy is asked for the connection under it."""
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()
