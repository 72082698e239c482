"""Runs long calculations in a thread, so that the event loop can answer other requests meanwhile.

Each kind of calculation has one thread per process. Python runs one thread at a time, and switches every five
milliseconds, so the event loop keeps its turns. More threads would not finish sooner, and each would make the event
loop wait longer for its turn. A separate process would hold memory all day for calculations that are rare. A short
calculation runs at once, because handing it to a thread takes longer than the calculation.

A running thread cannot be stopped. Therefore every calculation is bounded, and a caller is refused when too many wait.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeVar

from app.domain.billing.cycles import Billing, bring_up
from app.domain.billing.foresight import HorizonTooFar, foresee
from app.domain.errors import Conflict
from app.domain.lending.positions import Position
from app.services.unit_of_work import UnitOfWork

T = TypeVar("T")

#: Rows of a plan (see `app/domain/billing/foresight.py`) that are calculated on the event loop: some milliseconds.
SHORT: Final = 400
#: The most rows that one forecast of a loan may take: half a second. They are 10,000 cycles, 27 years of daily ones.
MOST: Final = 40_000
#: Within this many days no loan has enough cycles for a long calculation, so they need not be counted.
FEW_DAYS: Final = 31


class TooManyCalculations(Conflict):
    """Too many long calculations are waiting. Try again after the seconds in `Retry-After`."""

    code = "too_many_calculations"


class Bench:
    """One thread for one kind of calculation, with a bounded number of waiting calls."""

    def __init__(self, name: str, *, waiting_at_most: int = 500) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting_at_most = waiting_at_most
        self._waiting = 0

    async def run(self, action: Callable[[], T]) -> T:
        """Runs an action in the thread, in order of arrival. An action that is cancelled while it waits is never begun.

        Raises TooManyCalculations.
        """
        if self._waiting >= self._waiting_at_most:
            raise TooManyCalculations("too many long calculations are waiting: try again in a moment")
        self._waiting += 1
        waiting = asyncio.get_running_loop().run_in_executor(self._thread, action)
        # An action that is cancelled while it runs still counts: the thread stays busy until it ends.
        waiting.add_done_callback(self._leave)
        return await waiting

    def _leave(self, _ended: object) -> None:
        self._waiting -= 1


#: Reading existing loans and quoting possible ones have separate threads, so neither waits for the other.
LOANS: Final = Bench("loans")
QUOTES: Final = Bench("quotes")


async def calculate(action: Callable[[], T], *, rows: int) -> T:
    """Runs an action that goes through so many rows of a loan's plan or bills. Raises TooManyCalculations."""
    return action() if rows <= SHORT else await LOANS.run(action)


async def caught_up(uow: UnitOfWork, position: Position, *, through: date) -> Billing:
    """`bring_up` on a position that the caller no longer uses; in the thread if many cycles are still open."""
    event_on = position.next_event_on
    if event_on is None or through.toordinal() - event_on.toordinal() <= FEW_DAYS:
        return bring_up(position, through=through)
    try:
        return foresee(position, through=through, most_rows=SHORT)
    except HorizonTooFar:
        await uow.release_connection()
        return await LOANS.run(lambda: bring_up(position, through=through))


async def foreseen(uow: UnitOfWork, position: Position, *, on: date) -> Position:
    """How a loan will stand on a day ahead if nothing happens until then.

    Raises HorizonTooFar, with the last day that is answered, and TooManyCalculations.
    """
    try:
        return foresee(position, through=on, most_rows=SHORT).decision.position
    except HorizonTooFar:
        await uow.release_connection()
        return (await LOANS.run(lambda: foresee(position, through=on, most_rows=MOST))).decision.position


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pauses the garbage collector: its passes over the objects of a range take as long as all decisions.

    Reference counting frees nearly everything; a collection after each range frees the few reference cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
