"""Engines and sessions. The server enforces the timeouts, so they hold even if a task is cancelled."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import asyncpg
import orjson
from sqlalchemy import Engine as SyncEngine
from sqlalchemy import Pool, PoolProxiedConnection, Row, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app import measures, tracing

#: The layers above use these names, so that they do not import SQLAlchemy.
Session: TypeAlias = AsyncSession
Engine: TypeAlias = AsyncEngine
SessionFactory: TypeAlias = async_sessionmaker[AsyncSession]
Record: TypeAlias = Row[Any]
RefusedByDatabase: TypeAlias = DBAPIError


def by_name(row: Record) -> dict[str, Any]:
    """The values of a row by the names of its columns."""
    return dict(row._mapping)  # noqa: SLF001 - the public name of SQLAlchemy for it


#: With this option each statement is a transaction of its own.
AUTOCOMMIT: Final = {"isolation_level": "AUTOCOMMIT"}


class Reader:
    """Runs statements on asyncpg directly, each as a transaction of its own. It takes a connection from the pool for
    the first statement. A look-up through a session would take three times as long."""

    __slots__ = ("_taken", "engine")

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._taken: PoolProxiedConnection | None = None

    @property
    def is_taken(self) -> bool:
        return self._taken is not None

    async def driver(self) -> Any:
        """The driver's connection. Raises `asyncpg.ConnectionDoesNotExistError` if it was lost."""
        if self._taken is None:
            self._taken = await self.engine.raw_connection()
        driver: Any = self._taken.driver_connection
        if driver.is_closed():
            # The error that asyncpg would raise has no SQLSTATE, and this one has.
            raise asyncpg.ConnectionDoesNotExistError("the connection is closed")
        return driver

    def close(self) -> None:
        """Gives the connection back, if one was taken."""
        if self._taken is not None:
            taken, self._taken = self._taken, None
            taken.close()


T = TypeVar("T")


class KeptForDatabase(Generic[T]):
    """Something that a process keeps for each database that it is connected to."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[Pool, T] = WeakKeyDictionary()

    def of(self, reader: AsyncSession | Reader) -> T:
        """What is kept for the database of a session or a reader."""
        pool = _pool_of(reader)
        kept = self._kept.get(pool)
        if kept is None:
            kept = self._kept[pool] = self._make()
        return kept

    def forget(self) -> None:
        """Forgets what is kept for every database. Tests use it."""
        self._kept.clear()


def _pool_of(reader: AsyncSession | Reader) -> Pool:
    # Engines that differ only in their options share a pool.
    engine = reader.engine.sync_engine if isinstance(reader, Reader) else reader.get_bind()
    assert isinstance(engine, SyncEngine), "our sessions are made with an engine"
    return engine.pool


def create_engine(
    dsn: str,
    *,
    pool_size: int,
    pool_timeout_seconds: int,
    lock_timeout_ms: int,
    statement_timeout_ms: int,
    idle_in_transaction_timeout_ms: int,
) -> AsyncEngine:
    """An engine for one process. Its pool has no overflow, because more connections only move the waiting into the
    database."""
    engine = create_async_engine(
        dsn,
        pool_size=pool_size,
        max_overflow=0,
        # Parameters are amounts and names, which must not be in error messages.
        hide_parameters=True,
        pool_timeout=pool_timeout_seconds,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "timezone": "UTC",
                "lock_timeout": str(lock_timeout_ms),
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": str(idle_in_transaction_timeout_ms),
                # For such short statements, compiling a plan takes longer than it saves.
                "jit": "off",
            }
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    if tracing.is_tracing():
        event.listen(engine.sync_engine, "before_cursor_execute", _begin_span)
        event.listen(engine.sync_engine, "after_cursor_execute", _end_span)
        event.listen(engine.sync_engine, "handle_error", _end_failed_span)
    if measures.is_measuring():
        measures.move(measures.POOL_SIZE, pool_size)
        event.listen(engine.sync_engine, "checkout", lambda *_: measures.move(measures.POOL_IN_USE, 1))
        event.listen(engine.sync_engine, "checkin", lambda *_: measures.move(measures.POOL_IN_USE, -1))
    return engine


def _begin_span(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    """Begins the span of a statement that SQLAlchemy executes; those of `statements.py` have theirs there."""
    context.kist_span = tracing.span(tracing.name_of(statement), system="postgresql")
    context.kist_span.__enter__()


def _end_span(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    context.kist_span.__exit__(None, None, None)


def _end_failed_span(context: Any) -> None:
    if (begun := getattr(context.execution_context, "kist_span", None)) is not None:
        begun.__exit__(None, None, None)


def _refuse_lost(connection: Any, record: Any, proxy: Any) -> None:
    """Refuses a connection that was lost while it was in the pool. The pool then replaces all connections as old as it.

    SQLAlchemy notices a lost connection only when a statement of its own fails; it does not see those of
    `statements.py`.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def create_reading_session_factory(sessions: SessionFactory) -> SessionFactory:
    """Sessions that only read, with the same pool. Each statement is a transaction of its own."""
    engine = engine_of(sessions).execution_options(**AUTOCOMMIT)
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def engine_of(sessions: SessionFactory) -> AsyncEngine:
    """The engine whose pool the sessions share."""
    engine = sessions.kw["bind"]
    assert isinstance(engine, AsyncEngine), "our sessions are made with an engine"
    return engine


def create_session_factory(engine: AsyncEngine) -> SessionFactory:
    """Sessions whose loaded objects stay usable after the commit, because answers are built from them."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
