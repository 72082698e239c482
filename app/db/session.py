"""Engines and sessions. The timeouts live on the server's side, where a cancelled task cannot forget them."""

from typing import Any, Final, TypeAlias

import asyncpg
import orjson
from sqlalchemy import PoolProxiedConnection, Row, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

#: The names by which the layers above know a session, a row that was read by its columns' names, and a refusal of the
#: database, without knowing SQLAlchemy.
Session: TypeAlias = AsyncSession
SessionFactory: TypeAlias = async_sessionmaker[AsyncSession]
Record: TypeAlias = Row[Any]
RefusedByDatabase: TypeAlias = DBAPIError

#: For a connection whose statements are transactions of their own.
EACH_BY_ITSELF: Final = {"isolation_level": "AUTOCOMMIT"}


class Reader:
    """A connection of the pool that is taken when the first statement needs it and handed to the driver as it is, each
    statement by itself. A session around it costs twice what the driver's part of a look-up costs."""

    __slots__ = ("_taken", "engine")

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._taken: PoolProxiedConnection | None = None

    @property
    def is_taken(self) -> bool:
        return self._taken is not None

    async def driver(self) -> Any:
        """The driver's connection. Raises `asyncpg.ConnectionDoesNotExistError` where it was lost meanwhile."""
        if self._taken is None:
            self._taken = await self.engine.raw_connection()
        driver: Any = self._taken.driver_connection
        if driver.is_closed():
            # The driver's own word for it has no SQLSTATE.
            raise asyncpg.ConnectionDoesNotExistError("the connection is closed")
        return driver

    def close(self) -> None:
        """Gives the connection back, if one was taken."""
        if self._taken is not None:
            taken, self._taken = self._taken, None
            taken.close()


def create_engine(
    dsn: str,
    *,
    pool_size: int,
    pool_timeout_seconds: int,
    lock_timeout_ms: int,
    statement_timeout_ms: int,
    idle_in_transaction_timeout_ms: int,
) -> AsyncEngine:
    """An engine for one process. No overflow: a pool that grows only moves the queue into the database."""
    engine = create_async_engine(
        dsn,
        pool_size=pool_size,
        max_overflow=0,
        # What was bound is people's money and names: an error message is no place for it.
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
                # Compiling a plan costs more than it saves in statements this short.
                "jit": "off",
            }
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    return engine


def _refuse_lost(connection: Any, record: Any, proxy: Any) -> None:
    """A connection that died in the pool is not handed out, and what is as old as it is made anew.

    SQLAlchemy finds a loss out by the error of a statement of its own; those of `statements.py` are not its own.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def create_reading_session_factory(sessions: SessionFactory) -> SessionFactory:
    """Sessions over the same pool that only read: each statement is a transaction of its own."""
    engine = engine_of(sessions).execution_options(**EACH_BY_ITSELF)
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def engine_of(sessions: SessionFactory) -> AsyncEngine:
    """The engine whose pool the sessions share."""
    engine = sessions.kw["bind"]
    assert isinstance(engine, AsyncEngine), "our sessions are made with an engine"
    return engine


def create_session_factory(engine: AsyncEngine) -> SessionFactory:
    """Sessions that keep what they loaded after the commit: an answer is built from it."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
