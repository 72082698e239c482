"""A billing run against a peer: the same book billed by one SQL statement that was written by hand for it.

A book is loaded once, as a template; every round bills a fresh copy of it. Ours is timed from opening the run to the
end of its last range, with workers in processes of their own; the peer from sending the statement to its commit.
"""

import asyncio
import os
import sys
import time
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import asyncpg
from sqlalchemy import make_url

from app.domain.people.access import SYSTEM
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.context import open_context
from bench.billing_peer import BILL_BY_HAND, CHECKSUMS
from bench.billing_worker import FAR
from bench.decisions import BEGAN
from bench.loading import load_loans
from bench.report import Figure, Report, alternate, ratio_figures

DUE_ON = BEGAN + timedelta(days=30)
PEER = "one SQL statement a session"
COPY = "book_copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSizes:
    """How many loans there are in the book that is billed in turns, and in the two whose costs are compared."""

    small: int
    usual: int
    large: int


def measure_billing(settings: Settings, report: Report, *, sizes: BookSizes, rounds: int) -> None:
    """Runs by one worker and by two against the statement, how the cost of a loan grows with the book, and memory.

    `settings` are those of a migrated and seeded database that nobody is connected to.
    """
    loans, small, large = sizes.usual, sizes.small, sizes.large
    books = Books(settings, sizes=sorted({small, loans, large}))
    books.check(small)
    for workers, words in ((1, "one worker"), (2, "two workers")):
        name, note = f"billing run, {words}", f"{loans:,} loans, half with four movements"
        with report.trying(name):
            ours, peer = partial(books.rate_of_run, loans, workers), partial(books.rate_of_peer, loans, workers)
            pairs = alternate(rounds, ours, peer)
            report.add(ratio_figures(name, pairs, unit="loans/s", peer=PEER, note=note, bound="at least 0.5"))
    with report.trying("billing run, cost of a loan in a large book"):
        report.add([_growth(books, small=small, large=large)])
        report.add([_memory(books, large=large)])


def _growth(books: "Books", *, small: int, large: int) -> Figure:
    small_before, in_large, small_after = (books.rate_of_run(size, 1) for size in (small, large, small))
    return Figure(
        name="billing run, cost of a loan in a large book",
        value=(small_before + small_after) / 2 / in_large,
        unit="x",
        note=f"{large:,} loans against {small:,}, one worker",
        bound="at most 1.2",
    )


def _memory(books: "Books", *, large: int) -> Figure:
    return Figure(
        name="billing run, memory of a worker at its peak",
        value=books.peak_megabytes,
        unit="MB",
        note=f"{large:,} loans",
        bound="below 300",
    )


async def bill_all(uow_factory: UnitOfWorkFactory) -> None:
    """Brings a whole book to the business date, in this process."""
    async with uow_factory.open(SYSTEM) as uow:
        run_id = await runs.start_run(uow)
    assert await runs.run_billing(uow_factory, run_id=run_id, worker="bench", until=FAR), "nobody else holds a range"


class Books:
    """Databases with a book in each: a template for every size, and the copy that is billed."""

    def __init__(self, settings: Settings, *, sizes: Sequence[int]) -> None:
        self.settings = settings
        self.peak_megabytes = 0.0
        source, already = str(make_url(settings.owner_dsn).database), 0
        for size in sizes:
            asyncio.run(self._copy(source, to=_template(size)))
            asyncio.run(_load(self._settings_of(_template(size)), count=size, already=already))
            source, already = _template(size), size

    def check(self, size: int) -> None:
        """That the peer is one: it writes what a run writes, to the paisa."""
        found = []
        for bill in (self.rate_of_run, self.rate_of_peer):
            bill(size, 1)
            found.append(asyncio.run(_ask(self._settings_of(COPY).app_dsn, CHECKSUMS)))
        assert found[0] == found[1], f"the run and the statement wrote different rows: {found}"

    def rate_of_run(self, size: int, workers: int) -> float:
        """Loans a second of our run."""
        return asyncio.run(self._rate_of_run(size, workers))

    async def _rate_of_run(self, size: int, workers: int) -> float:
        await self._copy(_template(size), to=COPY)
        settings = self._settings_of(COPY)
        async with AsyncExitStack() as stack:
            context = await stack.enter_async_context(open_context(settings))
            pipes = [await stack.enter_async_context(_worker(settings)) for _ in range(workers)]
            began = time.perf_counter()
            async with context.uow_factory.open(SYSTEM) as uow:
                run_id = await runs.start_run(uow)
            for told, _ in pipes:
                told.write(f"{run_id}\n".encode())
            peaks = [await answers.readline() for _, answers in pipes]
            seconds = time.perf_counter() - began
            async with context.uow_factory.open(SYSTEM) as uow:
                run = await runs.get_run(uow, run_id)
        assert (run.status, run.bills, run.parked) == ("finished", size, 0), f"{run} of {size} loans"
        self.peak_megabytes = max(self.peak_megabytes, *(int(peak) / 1024 for peak in peaks))
        return size / seconds

    def rate_of_peer(self, size: int, sessions: int) -> float:
        """Loans a second of the statement, the book divided among so many sessions."""
        return asyncio.run(self._rate_of_peer(size, sessions))

    async def _rate_of_peer(self, size: int, sessions: int) -> float:
        await self._copy(_template(size), to=COPY)
        dsn = self._settings_of(COPY).app_dsn
        bounds = [size * part // sessions for part in range(sessions + 1)]
        async with AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(_connection(dsn)) for _ in range(sessions)]
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    connection.execute(BILL_BY_HAND, DUE_ON, first + 1, last, 1)
                    for connection, first, last in zip(connections, bounds, bounds[1:], strict=False)
                )
            )
            seconds = time.perf_counter() - began
        (bills,) = await _ask(dsn, "SELECT count(*) FROM bills")
        assert bills == size, f"{bills} bills of {size}"
        return size / seconds

    async def _copy(self, source: str, *, to: str) -> None:
        """A database like another; copying its files takes a second or two, and is followed by a checkpoint."""
        async with _connection(self._settings_of("postgres").owner_dsn) as connection:
            await connection.execute(f'DROP DATABASE IF EXISTS "{to}"')
            await connection.execute(f'CREATE DATABASE "{to}" TEMPLATE "{source}" STRATEGY FILE_COPY')

    def _settings_of(self, database: str) -> Settings:
        def address(dsn: str) -> str:
            return make_url(dsn).set(database=database).render_as_string(hide_password=False)

        owner, application = address(self.settings.owner_dsn), address(self.settings.app_dsn)
        return self.settings.model_copy(update={"owner_database_url": owner, "database_url": application})


def _template(size: int) -> str:
    return f"book_of_{size}"


async def _load(settings: Settings, *, count: int, already: int) -> None:
    async with open_context(settings) as context:
        await load_loans(context.uow_factory, count=count, already=already)
        async with context.uow_factory.open(SYSTEM) as uow:
            await uow.set_business_date(DUE_ON)
    async with _connection(settings.owner_dsn) as connection:
        # What autovacuum would do within a minute: every copy begins with it done.
        await connection.execute("VACUUM ANALYZE")


@asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[tuple[StreamWriter, StreamReader]]:
    """A worker process that is connected and waits to be told the run; it answers its peak of memory."""
    environment = {**os.environ, **settings.addresses()}
    words = (sys.executable, "-m", "bench.billing_worker")
    process = await create_subprocess_exec(*words, env=environment, stdin=PIPE, stdout=PIPE)
    told, answers = process.stdin, process.stdout
    assert told is not None, "it is a pipe"
    assert answers is not None, "it is a pipe"
    try:
        assert await answers.readline() == b"ready\n", "the worker does not start"
        yield told, answers
        told.close()
        await process.wait()
    finally:
        if process.returncode is None:
            # Something else ended the measurement: nobody waits for the rest of the run.
            process.kill()
            await process.wait()


@asynccontextmanager
async def _connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""), server_settings={"jit": "off"})
    try:
        yield connection
    finally:
        await connection.close()


async def _ask(dsn: str, question: str) -> asyncpg.Record:
    async with _connection(dsn) as connection:
        return await connection.fetchrow(question)
