"""What a worker process holds: its settings, its database connections and its unit of work factory."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.db.session import create_engine, create_session_factory
from app.services.operations.startup import check_books
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.job_queue import ArqJobQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Passed to every job. `worker` is the name under which this process claims ranges of a billing run."""

    settings: Settings
    uow_factory: UnitOfWorkFactory
    worker: str


@asynccontextmanager
async def open_context(settings: Settings, *, unchecked: bool = False) -> AsyncIterator[Context]:
    """The context of this process, for as long as the block lasts. Raises StartRefused and KeysDiffer.

    With `unchecked` the keys are not compared with the database here, because the caller does that itself.
    """
    engine = create_engine(
        settings.app_dsn,
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        lock_timeout_ms=settings.lock_timeout_ms,
        statement_timeout_ms=settings.statement_timeout_ms,
        idle_in_transaction_timeout_ms=settings.idle_in_transaction_timeout_ms,
    )
    job_queue = ArqJobQueue(settings.redis_dsn)
    try:
        uow_factory = UnitOfWorkFactory(
            sessions=create_session_factory(engine),
            job_queue=job_queue,
            lender=settings.lender_kind,
            gst_state=settings.gst_state,
        )
        if not unchecked:
            await check_books(uow_factory, settings)
        yield Context(settings=settings, uow_factory=uow_factory, worker=f"{socket.gethostname()}:{os.getpid()}")
    finally:
        await job_queue.close()
        await engine.dispose()
