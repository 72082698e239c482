"""Books that are billed more than once: each is a template database, and every run bills a fresh copy of it."""

import asyncio
import os
import sys
import time
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from sqlalchemy import make_url

from app.domain.people.access import SYSTEM
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.context import open_context

COPY = "book_copy"


class Templates:
    """Template databases by name. `settings` are those of a migrated and seeded database without connections."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.first = str(make_url(settings.owner_dsn).database)
        self.peak_megabytes = 0.0

    def make(
        self, name: str, load: Callable[[UnitOfWorkFactory], Awaitable[None]], *, source: str | None = None
    ) -> None:
        """A template that is a copy of another one (the seeded database if none is named), with more loans."""
        asyncio.run(self._make(name, load, source or self.first))

    async def _make(self, name: str, load: Callable[[UnitOfWorkFactory], Awaitable[None]], source: str) -> None:
        await self.copy(source, to=name)
        settings = self.settings_of(name)
        async with open_context(settings) as context:
            await load(context.uow_factory)
        async with connection(settings.owner_dsn) as owner:
            # Autovacuum would do this within a minute. Here every copy begins with it done.
            await owner.execute("VACUUM ANALYZE")

    def rate_of_run(self, name: str, *, bills: int, workers: int, statements: int = 0) -> float:
        """Bills and statements of card accounts a second of a run over a copy of the template, which issues so many."""
        return asyncio.run(self._rate_of_run(name, bills=bills, workers=workers, statements=statements))

    async def _rate_of_run(self, name: str, *, bills: int, workers: int, statements: int) -> float:
        await self.copy(name, to=COPY)
        settings = self.settings_of(COPY)
        async with AsyncExitStack() as stack:
            context = await stack.enter_async_context(open_context(settings))
            pipes = [await stack.enter_async_context(_worker(settings)) for _ in range(workers)]
            began = time.perf_counter()
            async with context.uow_factory.open(SYSTEM) as uow:
                run_id = await runs.start_run(uow)
            for commands, _ in pipes:
                commands.write(f"{run_id}\n".encode())
            peaks = [await answers.readline() for _, answers in pipes]
            seconds = time.perf_counter() - began
            async with context.uow_factory.open(SYSTEM) as uow:
                run = await runs.get_run(uow, run_id)
        done = (run.status, run.bills, run.statements, run.parked)
        assert done == ("finished", bills, statements, 0), f"{run} of {bills} bills and {statements} statements"
        self.peak_megabytes = max(self.peak_megabytes, *(int(peak) / 1024 for peak in peaks))
        return (bills + statements) / seconds

    async def copy(self, source: str, *, to: str) -> None:
        """Copies a database. Its files are copied and a checkpoint follows, which takes a second or two."""
        async with connection(self.settings_of("postgres").owner_dsn) as owner:
            await owner.execute(f'DROP DATABASE IF EXISTS "{to}"')
            await owner.execute(f'CREATE DATABASE "{to}" TEMPLATE "{source}" STRATEGY FILE_COPY')

    def settings_of(self, database: str) -> Settings:
        """The settings of another database of the same server."""

        def address(dsn: str) -> str:
            return make_url(dsn).set(database=database).render_as_string(hide_password=False)

        owner, application = address(self.settings.owner_dsn), address(self.settings.app_dsn)
        return self.settings.model_copy(update={"owner_database_url": owner, "database_url": application})


@asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[tuple[StreamWriter, StreamReader]]:
    """A worker process that is connected and waits for the number of a run. Afterwards it prints its peak memory."""
    environment = {**os.environ, **settings.addresses()}
    words = (sys.executable, "-m", "bench.billing_worker")
    process = await create_subprocess_exec(*words, env=environment, stdin=PIPE, stdout=PIPE)
    commands, answers = process.stdin, process.stdout
    assert commands is not None, "it is a pipe"
    assert answers is not None, "it is a pipe"
    try:
        assert await answers.readline() == b"ready\n", "the worker does not start"
        yield commands, answers
        commands.close()
        await process.wait()
    finally:
        if process.returncode is None:
            # The measurement failed, so the rest of the run is not needed.
            process.kill()
            await process.wait()


@asynccontextmanager
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, without compiled expressions, whose compilation would be measured."""
    opened = await asyncpg.connect(dsn.replace("+asyncpg", ""), server_settings={"jit": "off"})
    try:
        yield opened
    finally:
        await opened.close()
