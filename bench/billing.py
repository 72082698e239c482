"""A billing run against a peer: the same book is billed by one SQL statement, written by hand for it.

A book is loaded once, as a template database. Every round bills a fresh copy of it. Our time is from opening the run
until its last range is done, with workers in processes of their own. The peer's time is that of the statement and its
commit.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import asyncpg

from app.domain.people.access import SYSTEM
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from bench.billing_peer import BILL_BY_HAND, CHECKSUMS
from bench.billing_worker import FAR
from bench.decisions import BEGAN
from bench.loading import load_loans
from bench.report import Figure, Report, alternate, ratio_figures
from bench.templates import COPY, Templates, connection

DUE_ON = BEGAN + timedelta(days=30)
PEER = "one SQL statement a session"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSizes:
    """The number of loans in the book that is compared with the peer (`usual`), and in the two whose cost per loan is
    compared."""

    small: int
    usual: int
    large: int


def measure_billing(settings: Settings, report: Report, *, sizes: BookSizes, rounds: int) -> None:
    """Runs by one and by two workers against the statement, the cost of a loan in a large book, and the memory.

    `settings` are those of a migrated and seeded database without connections.
    """
    loans, small, large = sizes.usual, sizes.small, sizes.large
    books = Books(settings, sizes=sorted({small, loans, large}))
    books.check(small)
    for workers, words, bound in ((1, "one worker", "at least 0.8"), (2, "two workers", "at least 0.75")):
        name, note = f"billing run, {words}", f"{loans:,} loans, half with four movements"
        with report.trying(name):
            ours, peer = partial(books.rate_of_run, loans, workers), partial(books.rate_of_peer, loans, workers)
            pairs = alternate(rounds, ours, peer)
            report.add(ratio_figures(name, pairs, unit="loans/s", peer=PEER, note=note, bound=bound))
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
    """Bills a whole book up to the business date, in this process."""
    async with uow_factory.open(SYSTEM) as uow:
        run_id = await runs.start_run(uow)
    assert await runs.run_billing(uow_factory, run_id=run_id, worker="bench", until=FAR), (
        "no other worker holds a range"
    )


class Books:
    """Books of so many loans each, all with their first bill due."""

    def __init__(self, settings: Settings, *, sizes: Sequence[int]) -> None:
        self.templates = Templates(settings)
        source, already = None, 0
        for size in sizes:
            load = partial(_load, count=size, already=already)
            self.templates.make(_template(size), load, source=source)
            source, already = _template(size), size

    @property
    def peak_megabytes(self) -> float:
        """The largest memory that a worker has taken so far."""
        return self.templates.peak_megabytes

    def check(self, size: int) -> None:
        """Checks that the peer writes exactly the rows that a run writes."""
        found = []
        for bill in (self.rate_of_run, self.rate_of_peer):
            bill(size, 1)
            found.append(asyncio.run(_ask(self.templates.settings_of(COPY).app_dsn, CHECKSUMS)))
        assert found[0] == found[1], f"the run and the statement wrote different rows: {found}"

    def rate_of_run(self, size: int, workers: int) -> float:
        """Loans per second of our run."""
        return self.templates.rate_of_run(_template(size), bills=size, workers=workers)

    def rate_of_peer(self, size: int, sessions: int) -> float:
        """Loans per second of the statement. The book is divided among the sessions."""
        return asyncio.run(self._rate_of_peer(size, sessions))

    async def _rate_of_peer(self, size: int, sessions: int) -> float:
        await self.templates.copy(_template(size), to=COPY)
        dsn = self.templates.settings_of(COPY).app_dsn
        bounds = [size * part // sessions for part in range(sessions + 1)]
        async with AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(connection(dsn)) for _ in range(sessions)]
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    each.execute(BILL_BY_HAND, DUE_ON, first + 1, last, 1)
                    for each, first, last in zip(connections, bounds, bounds[1:], strict=False)
                )
            )
            seconds = time.perf_counter() - began
        (bills,) = await _ask(dsn, "SELECT count(*) FROM bills")
        assert bills == size, f"{bills} bills of {size}"
        return size / seconds


def _template(size: int) -> str:
    return f"book_of_{size}"


async def _load(uow_factory: UnitOfWorkFactory, *, count: int, already: int) -> None:
    await load_loans(uow_factory, count=count, already=already)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(DUE_ON)


async def _ask(dsn: str, question: str) -> asyncpg.Record:
    async with connection(dsn) as asked:
        return await asked.fetchrow(question)
