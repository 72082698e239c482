"""Calculations that take long are done beside the event loop, so that nobody else waits for them.

Each kind has one thread a process. A thread does not give Python a second processor, but it is made to let go of the
first every five milliseconds: others are answered meanwhile. More threads would finish nothing sooner, and each would
make the loop wait once more for its turn. A process for it would cost its memory all day for what is asked seldom.
What is short is done at once: handing it over costs more than it takes.

A thread cannot be stopped: what is asked for must be bounded, and who comes when too many wait is told to come back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Final, TypeVar

from app.domain.billing.cycles import Billing, bring_up
from app.domain.billing.foresight import HorizonTooFar, foresee
from app.domain.errors import Conflict
from app.domain.lending.positions import Position
from app.services.unit_of_work import UnitOfWork

T = TypeVar("T")

#: Rows of a plan (see `app/domain/billing/foresight.py`) that are made while everybody waits: some milliseconds.
SHORT: Final = 400
#: Rows that are made for one who asks how a loan will stand: half a second. 10,000 cycles, or 27 years of daily ones.
MOST: Final = 40_000
#: Within so many days no loan has enough cycles to be worth a look at how many they are.
FEW_DAYS: Final = 31


class TooManyCalculations(Conflict):
    """Too many long calculations are waiting. Try again after the seconds in `Retry-After`."""

    code = "too_many_calculations"


class Bench:
    """One thread for one kind of calculations, and a bounded number of those that wait for it."""

    def __init__(self, name: str, *, waiting_at_most: int = 500) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting_at_most = waiting_at_most
        self._waiting = 0

    async def run(self, action: Callable[[], T]) -> T:
        """Does it when its turn comes; given up (a deadline, a client that hung up) before that, it is never begun.

        Raises TooManyCalculations.
        """
        if self._waiting >= self._waiting_at_most:
            raise TooManyCalculations("too many long calculations are asked for: try again in a moment")
        self._waiting += 1
        waiting = asyncio.get_running_loop().run_in_executor(self._thread, action)
        # Given up while it runs, it keeps its place: the thread is not free before it has ended.
        waiting.add_done_callback(self._leave)
        return await waiting

    def _leave(self, _ended: object) -> None:
        self._waiting -= 1


#: Looks at loans, and the plans of loans that nobody has to want: one crowd does not wait for the other.
LOANS: Final = Bench("loans")
QUOTES: Final = Bench("quotes")


async def calculate(action: Callable[[], T], *, rows: int) -> T:
    """What a deed comes to that goes through so many rows of plans or bills of a loan. Raises TooManyCalculations."""
    return action() if rows <= SHORT else await LOANS.run(action)


async def caught_up(uow: UnitOfWork, position: Position, *, through: date) -> Billing:
    """`bring_up` on a position that the caller gives away, beside the event loop where many cycles are missing."""
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
