"""Runs the jobs of the outbox: a job may run many times and takes effect once.

A job runs in the transaction that marks its row as done. The mark is written first: another `enqueue` of the same job
waits for this transaction and then writes a new row. An `enqueue` that finds a waiting row locks it, so no worker runs
the job before that change is committed. Together these rules ensure that no change is missed because a job for it
was already running. (Therefore a job must not wait for a lock that an `enqueue` of the same job may hold.)

A temporary failure is raised, and the queue tries again soon. Any other failure is written on the row with the time of
the next try, and each pause is longer than the one before. No job is dropped.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Any, TypeAlias

import structlog

from app import tracing
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
    """Runs a job and marks it done, in one transaction. False if another worker has done it or is doing it."""
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is None:
            return False
        await repository.finish_outbox(uow.session, outbox_id, now=uow.now)
        with tracing.span(f"job {row.job}", parent=row.traceparent):
            await action(uow, row.payload)
    return True


async def perform_in_steps(uow_factory: UnitOfWorkFactory, outbox_id: int, *, action: LongAction) -> bool:
    """Continues a long job, which opens its own short transactions; True when it is complete.

    Two workers may run it at once, because each step is claimed in the database by one worker. If the job was enqueued
    again while it ran, it stays open and runs again.
    """
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is None:
            return True
        payload, due_at = row.payload, row.due_at
    with tracing.span(f"job {row.job}", parent=row.traceparent):
        is_complete = await action(uow_factory, payload)
    if not is_complete:
        return False
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.finish_unless_asked_anew(uow.session, outbox_id, since_due_at=due_at, now=uow.now)


async def postpone(uow_factory: UnitOfWorkFactory, outbox_id: int, error: Exception) -> None:
    """Writes on a job's row why it failed and when it is tried next."""
    reason = type(error).__name__ + (f":{error.code}" if isinstance(error, DomainError) else "")
    async with uow_factory.open(SYSTEM) as uow:
        row = await repository.lock_outbox(uow.session, outbox_id)
        if row is not None:
            due_at = uow.now + pause_after(row.attempts)
            await repository.postpone_outbox(uow.session, outbox_id, due_at=due_at, error=reason)


async def sweep(uow_factory: UnitOfWorkFactory, *, last: Collection[str] = ()) -> int:
    """Enqueues overdue jobs again and returns how many there were. The jobs named in `last` come after all others: when
    more of them wait than one sweep takes, no other job waits for them."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = await repository.list_due_outbox(uow.session, now=uow.now, last=last, limit=SWEPT_AT_ONCE)
        jobs = [Job(name=row.job, key=row.key, outbox_id=row.id) for row in rows]
    for job in jobs:
        await uow_factory.job_queue.enqueue(job)
    if jobs:
        log.info("enqueued again", jobs=len(jobs))
    return len(jobs)


def pause_after(attempts: int) -> timedelta:
    """The pause before the next try of a job that has failed `attempts` times before."""
    doublings: int = 2 ** min(attempts, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
