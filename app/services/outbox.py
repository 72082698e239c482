"""Doing what the outbox asks for, once in effect although it may run many times.

A job is done in the transaction that marks its row as done. The mark comes first: whoever wants the same job again in
the meantime waits for that mark, and then writes a row of their own. And who meets a row that still waits locks it: no
worker does the job before their change is there to be seen. So no change is ever overlooked because a job for it seemed
to be under way. (Therefore a job must not wait for a lock that an `enqueue` of the same job may hold.)

A failure that passes by itself is raised, for the queue to try again soon. Any other is written on the row with the
time of the next try, later each time; it is never dropped.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

import structlog

from app.db.repositories import unit_of_work as repository
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import Job, UnitOfWork, UnitOfWorkFactory

Action: TypeAlias = Callable[[UnitOfWork, dict[str, Any]], Awaitable[None]]
LongAction: TypeAlias = Callable[[UnitOfWorkFactory, dict[str, Any]], Awaitable[bool]]

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
SWEPT_AT_ONCE = 2_000

log = structlog.get_logger(__name__)


async def perform(uow_factory: UnitOfWorkFactory, outbox_id: int, *, action: Action) -> bool:
    """Does a job and marks it done, in one transaction; False when it is done, or being done, already."""
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is None:
            return False
        await repository.finish_outbox(uow.session, outbox_id, now=uow.now)
        await action(uow, row.payload)
    return True


async def perform_in_steps(uow_factory: UnitOfWorkFactory, outbox_id: int, *, action: LongAction) -> bool:
    """Goes on with a long job, which opens its own short transactions; True when nothing is left of it.

    It may run twice at once: its steps are claimed in the database, each by one worker. Asked for anew while it found
    nothing left to do, it looks again.
    """
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is None:
            return True
        payload, due_at = row.payload, row.due_at
    if not await action(uow_factory, payload):
        return False
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.finish_unless_asked_anew(uow.session, outbox_id, since_due_at=due_at, now=uow.now)


async def postpone(uow_factory: UnitOfWorkFactory, outbox_id: int, error: Exception) -> None:
    """Notes on a job's row why it failed, and when it is tried next."""
    reason = type(error).__name__ + (f":{error.code}" if isinstance(error, DomainError) else "")
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is not None:
            due_at = uow.now + pause_after(row.attempts)
            await repository.postpone_outbox(uow.session, outbox_id, due_at=due_at, error=reason)


async def sweep(uow_factory: UnitOfWorkFactory) -> int:
    """Rings again for every job that should have been done by now; answers how many there were."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = await repository.list_due_outbox(uow.session, now=uow.now, limit=SWEPT_AT_ONCE)
        jobs = [Job(name=row.job, key=row.key, outbox_id=row.id) for row in rows]
    for job in jobs:
        await uow_factory.job_queue.enqueue(job)
    if jobs:
        log.info("enqueued again", jobs=len(jobs))
    return len(jobs)


def pause_after(attempts: int) -> timedelta:
    """How long a job rests after it failed once more."""
    doublings: int = 2 ** min(attempts, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
