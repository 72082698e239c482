"""The run of a day-end: opened when its date is over, judged by ranges of borrowers, and finished.

A business date is over when the next one has begun: until then a payment of the day may come. So the billing run of a
date asks for the day-ends before it. `ranges.py` judges a range of borrowers, several of them at a time. When all are
judged, the interest of non-performing loans is moved, also by ranges.
"""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from app.db.repositories.delinquency import day_ends as repository
from app.db.repositories.delinquency import late_facilities as late_repository
from app.db.repositories.delinquency import suspense as suspense_repository
from app.db.repositories.delinquency.day_ends import JudgedDay
from app.domain.people.access import SYSTEM
from app.services.delinquency import bureau, ranges
from app.services.lending.calculations import collector_paused
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

JOB: Final = "judge_day_ends"
FOLLOWING_JOB: Final = "follow_day_ends"
#: The garbage collector's youngest generation: objects made since its last pass.
YOUNG: Final = 0
#: Borrowers in one transaction.
RANGE_SIZE: Final = 2_000
#: Loans in one transaction whose interest is moved. Each is locked, so a small number keeps payments from waiting long.
SUSPENSE_SIZE: Final = 64
#: Ranges that a worker judges at a time, each on its own connection.
LANES: Final = 3


class OpenDayEnd(NamedTuple):
    """A day-end that is being judged, and the numbers of its ranges that nobody has judged."""

    day_end: JudgedDay
    ranges: Sequence[int]


async def judge_day_ends(uow_factory: UnitOfWorkFactory, payload: dict[str, Any], *, until: datetime) -> bool:
    """The job: judges the day-ends through `payload["through"]`. False when the time is up before it is done."""
    through = date.fromisoformat(payload["through"])
    with collector_paused():
        while True:
            async with uow_factory.open(SYSTEM) as uow:
                day_end = await take_step(uow, through=through)
            if day_end is None:
                return True
            await _judge_ranges(uow_factory, day_end, until=until)
            if uow_factory.clock() >= until:
                return False


async def take_step(uow: UnitOfWork, *, through: date) -> OpenDayEnd | None:
    """Opens and finishes day-ends until one has ranges to judge, and returns it. None when all are judged."""
    await repository.lock_classes(uow.session)
    while True:
        latest = await repository.find_latest(uow.session)
        if latest is None or (latest.finished_at is not None and latest.day < through):
            await _open(uow, through, after=None if latest is None else latest.day)
        elif latest.finished_at is not None:
            return None
        elif numbers := await repository.list_ranges(uow.session, latest.day):
            return OpenDayEnd(latest, numbers)
        elif not latest.posts_suspense:
            keys = await suspense_repository.list_to_move(uow.session)
            spans = [keys[start : start + SUSPENSE_SIZE] for start in range(0, len(keys), SUSPENSE_SIZE)]
            await repository.add_suspense_ranges(uow.session, latest.day, spans)
        else:
            await _finish(uow, latest)


async def _open(uow: UnitOfWork, day: date, *, after: date | None) -> None:
    customers = await late_repository.list_customers(uow.session, after=after, through=day)
    spans = [customers[start : start + RANGE_SIZE] for start in range(0, len(customers), RANGE_SIZE)]
    await repository.open_day_end(uow.session, day, after=after, ranges=spans, now=uow.now)


async def _finish(uow: UnitOfWork, latest: JudgedDay) -> None:
    await repository.finish_day_end(uow.session, latest.day, now=uow.now)
    await bureau.ask_for_files(uow, after=latest.after, through=latest.day)
    # Collections are above classes: the work list follows by a job.
    day = latest.day.isoformat()
    await uow.enqueue(FOLLOWING_JOB, key=day, payload={"through": day})
    uow.log_after_commit("day-end judged", day=day, facilities=latest.facilities, changes=latest.changes)


async def _judge_ranges(uow_factory: UnitOfWorkFactory, open_day: OpenDayEnd, *, until: datetime) -> None:
    """Judges the ranges of a day-end until none is left, or the time is up.

    The lanes take turns: while PostgreSQL writes a range of one lane, Python judges a range of another.
    """
    numbers = iter(open_day.ranges)
    lanes = [_judge_in_turn(uow_factory, open_day.day_end, numbers, until=until) for _ in range(LANES)]
    # Wait for all lanes even if one fails: otherwise the others would still run after this function has ended.
    for outcome in await asyncio.gather(*lanes, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _judge_in_turn(
    uow_factory: UnitOfWorkFactory, day_end: JudgedDay, numbers: Iterator[int], *, until: datetime
) -> None:
    for number in numbers:
        async with uow_factory.open(SYSTEM) as uow:
            await ranges.judge_range(uow, day_end, number)
        gc.collect(YOUNG)
        if uow_factory.clock() >= until:
            return


def day_before(business_date: date) -> date:
    """The latest day-end that is over on a business date."""
    return business_date - timedelta(days=1)
