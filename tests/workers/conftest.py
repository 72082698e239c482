"""Workers with a real database and a real Valkey, in this process and in others."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from arq.worker import Worker
from redis.asyncio import Redis

from app.db.repositories.products.products import add_scorecard
from app.db.session import SessionFactory
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.job_queue import ArqJobQueue
from app.workers.settings import worker_settings
from tests import databases
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]

RunWorker = Callable[[], Awaitable[None]]


@pytest_asyncio.fixture
async def job_queue(settings: Settings, redis: Redis) -> AsyncIterator[ArqJobQueue]:
    job_queue = ArqJobQueue(settings.redis_dsn)
    await job_queue.connect()
    yield job_queue
    await job_queue.close()


@pytest_asyncio.fixture
async def uow_factory(session_factory: SessionFactory, job_queue: ArqJobQueue) -> UnitOfWorkFactory:
    uow_factory = UnitOfWorkFactory(sessions=session_factory, job_queue=job_queue)
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    return uow_factory


@pytest.fixture
def running_worker(settings: Settings) -> Callable[..., Any]:
    """A worker in this process, for as long as the block lasts: `async with running_worker():`."""

    @asynccontextmanager
    async def run(**changes: Any) -> AsyncIterator[Worker]:
        worker = Worker(**(worker_settings(settings) | {"handle_signals": False, "poll_delay": 0.02} | changes))
        running = asyncio.create_task(worker.async_run())
        try:
            yield worker
        finally:
            # It ends by itself when its queue is empty. If it were cancelled in a command, connections would stay open.
            # Tasks that run every second would fill it again.
            worker.cron_jobs = []
            worker.burst = True
            await asyncio.wait({running}, timeout=PATIENCE_SECONDS)
            await worker.close()
            await asyncio.gather(running, return_exceptions=True)

    return run


@pytest.fixture
def worker_process(settings: Settings) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts real worker processes, with further variables. Those that still run at the end of the test are killed."""
    started: list[subprocess.Popen[bytes]] = []
    environment = databases.environment_of(settings)

    def start(**variables: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"],
            cwd=ROOT,
            env=environment | variables,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
