"""The schedule: which tasks the workers run by the clock, how the last run of each went, and pausing or asking for one.

What runs when is written here and not in the workers, so that the schedule can be shown where no worker is. Each tick
asks whether its task is paused, and notes how it ended. A run that staff ask for is a mark on the task's row, which the
workers look for every few seconds; it is honoured although the task is paused, because somebody has asked for it now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.db.repositories.operations import scheduled_tasks as repository
from app.domain.errors import DomainError, NotFound
from app.domain.operations.timetable import Timetable
from app.domain.people.access import SYSTEM, Forbidden, Role
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

EVERY_TEN_SECONDS: Final = frozenset(range(0, 60, 10))


class TaskUnknown(NotFound):
    """The schedule has no such task. Name one that `/admin` lists."""

    code = "task_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the workers do by the clock, under which name, and when."""

    name: str
    does: str
    timetable: Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A task as shown. `next_run_at` is None while it is paused and nobody asked for a run."""

    name: str
    does: str
    timetable: str
    paused: bool
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_result: str | None
    last_error: str | None
    requested_at: datetime | None
    next_run_at: datetime | None


SCHEDULE: Final[Sequence[Task]] = (
    Task(
        name="sweep",
        does="Rings again for jobs whose bell was not heard",
        timetable=Timetable(seconds=EVERY_TEN_SECONDS),
    ),
    Task(
        name="nudge_billing",
        does="Sees to it that today's billing run exists",
        timetable=Timetable(seconds=frozenset({5})),
    ),
    Task(
        name="expire_pending",
        does="Ends the applications that waited too long for a score",
        timetable=Timetable(seconds=frozenset({15}), minutes=frozenset({7})),
    ),
    Task(
        name="nudge_reconciliation",
        does="Sees to it that the books were reconciled on this business date",
        timetable=Timetable(seconds=frozenset({25}), minutes=frozenset({37})),
    ),
    Task(
        name="seal_audit",
        does="Seals the audit trail up to its last settled event",
        timetable=Timetable(seconds=frozenset({45})),
    ),
    Task(
        name="clean_up",
        does="Removes old idempotency keys, done jobs and expired refresh tokens",
        timetable=Timetable(seconds=frozenset({55})),
    ),
)
BY_NAME: Final = {task.name: task for task in SCHEDULE}


async def list_tasks(uow: UnitOfWork) -> list[TaskView]:
    """The whole schedule, with what is known of each task's last run."""
    stored = {row.name: row for row in await repository.list_tasks(uow.session)}
    views = []
    for task in SCHEDULE:
        row = stored.get(task.name)
        paused = row is not None and row.paused
        asked = None if row is None else row.requested_at
        views.append(
            TaskView(
                name=task.name,
                does=task.does,
                timetable=task.timetable.describe(),
                paused=paused,
                last_started_at=None if row is None else row.last_started_at,
                last_finished_at=None if row is None else row.last_finished_at,
                last_result=None if row is None else row.last_result,
                last_error=None if row is None else row.last_error,
                requested_at=asked,
                next_run_at=asked or (None if paused else task.timetable.next_after(uow.now)),
            )
        )
    return views


async def pause_task(uow: UnitOfWork, name: str) -> None:
    """Lets a task's ticks pass without doing anything. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.set_paused(uow.session, name, paused=True)
    await _note(uow, "paused", name)


async def resume_task(uow: UnitOfWork, name: str) -> None:
    """Lets a paused task go on. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.set_paused(uow.session, name, paused=False)
    await _note(uow, "resumed", name)


async def ask_for_run(uow: UnitOfWork, name: str) -> None:
    """Asks the workers to run a task at once. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.request_run(uow.session, name, now=uow.now)
    await _note(uow, "run_asked_for", name)


# --- the workers' side -----------------------------------------------------------------------------------------------


async def begin(uow_factory: UnitOfWorkFactory, name: str) -> bool:
    """Whether a tick may run its task, which is then noted as begun."""
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.begin_task(uow.session, name, now=uow.now)


async def finish(uow_factory: UnitOfWorkFactory, name: str, *, error: Exception | None = None) -> None:
    """Notes how a task ended; of an error its name and code, never its message."""
    reason = None
    if error is not None:
        reason = type(error).__name__ + (f": {error.code}" if isinstance(error, DomainError) else "")
    async with uow_factory.open(SYSTEM) as uow:
        await repository.finish_task(uow.session, name, now=uow.now, error=reason)


async def take_requests(uow_factory: UnitOfWorkFactory) -> Sequence[str]:
    """The tasks that staff asked for, each given to one worker."""
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.take_requests(uow.session, now=uow.now)


def _check(uow: UnitOfWork, name: str) -> None:
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may change the schedule")
    if name not in BY_NAME:
        raise TaskUnknown("the schedule has no such task", field="name")


async def _note(uow: UnitOfWork, action: str, name: str) -> None:
    await uow.record(action, object_kind="scheduled_task", object_id=name)
