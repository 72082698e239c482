"""The schedule: the tasks that workers run by the clock. Shows, pauses and resumes them, and requests a run.

The timetable is here and not in the workers, so that it can be shown without a worker. Each tick checks whether its
task is paused, and records how the run ended. When an admin requests a run, a mark is set on the task's row, and the
workers read the marks every few seconds. A requested run takes place even while the task is paused.
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

EVERY_SECOND: Final = frozenset(range(60))
EVERY_TEN_SECONDS: Final = frozenset(range(0, 60, 10))


class TaskUnknown(NotFound):
    """The schedule has no such task. Name one that `/admin` lists."""

    code = "task_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task that workers run by the clock: its name in the program and for people, what it does, and its timetable."""

    name: str
    title: str
    does: str
    timetable: Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A task as shown. `next_run_at` is None while it is paused and no run is requested."""

    name: str
    title: str
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
        title="Overdue jobs",
        does="Enqueues overdue jobs again",
        timetable=Timetable(seconds=EVERY_TEN_SECONDS),
    ),
    Task(
        name="number_events",
        title="Numbers of events",
        does="Numbers the events that were committed, so that other programs see them",
        timetable=Timetable(seconds=EVERY_SECOND),
    ),
    Task(
        name="dispatch_webhooks",
        title="Events for webhooks",
        does="Hands new events to the webhook endpoints that want them",
        timetable=Timetable(seconds=EVERY_SECOND),
    ),
    Task(
        name="nudge_billing",
        title="Today's billing run",
        does="Opens today's billing run unless it exists",
        timetable=Timetable(seconds=frozenset({5})),
    ),
    Task(
        name="expire_pending",
        title="Waiting applications",
        does="Expires the applications that waited too long for a score",
        timetable=Timetable(seconds=frozenset({15}), minutes=frozenset({7})),
    ),
    Task(
        name="issue_gst_documents",
        title="Tax documents",
        does="Gives numbers to the invoices and credit notes of taxed charges of past days",
        timetable=Timetable(seconds=frozenset({20})),
    ),
    Task(
        name="nudge_reconciliation",
        title="Reconciliation of loans",
        does="Starts today's reconciliation of the books unless it was done",
        timetable=Timetable(seconds=frozenset({25}), minutes=frozenset({37})),
    ),
    Task(
        name="nudge_card_reconciliation",
        title="Reconciliation of card accounts",
        does="Starts today's reconciliation of card accounts unless it was done",
        timetable=Timetable(seconds=frozenset({25}), minutes=frozenset({52})),
    ),
    Task(
        name="seal_audit",
        title="Seal of the audit trail",
        does="Seals the audit trail up to its last settled event",
        timetable=Timetable(seconds=frozenset({45})),
    ),
    Task(
        name="expire_holds",
        title="Card authorisations that lapse",
        does="Lets go of card authorisations that were not captured in time",
        timetable=Timetable(seconds=frozenset({35})),
    ),
    Task(
        name="make_rate_resets",
        title="Make resets of rates",
        does="Makes the resets of rates that borrowers were told of and whose day has come",
        timetable=Timetable(seconds=frozenset({40})),
    ),
    Task(
        name="clean_up",
        title="Clearing up",
        does="Removes old idempotency keys, done jobs, expired refresh tokens and done deliveries",
        timetable=Timetable(seconds=frozenset({55})),
    ),
)
BY_NAME: Final = {task.name: task for task in SCHEDULE}


async def list_tasks(uow: UnitOfWork) -> list[TaskView]:
    """The whole schedule, with the last run of each task."""
    stored = {row.name: row for row in await repository.list_tasks(uow.session)}
    views = []
    for task in SCHEDULE:
        row = stored.get(task.name)
        paused = row is not None and row.paused
        requested_at = None if row is None else row.requested_at
        views.append(
            TaskView(
                name=task.name,
                title=task.title,
                does=task.does,
                timetable=task.timetable.describe(),
                paused=paused,
                last_started_at=None if row is None else row.last_started_at,
                last_finished_at=None if row is None else row.last_finished_at,
                last_result=None if row is None else row.last_result,
                last_error=None if row is None else row.last_error,
                requested_at=requested_at,
                next_run_at=requested_at or (None if paused else task.timetable.next_after(uow.now)),
            )
        )
    return views


async def pause_task(uow: UnitOfWork, name: str) -> None:
    """Pauses a task: its ticks do nothing. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.set_paused(uow.session, name, paused=True)
    await _note(uow, "paused", name)


async def resume_task(uow: UnitOfWork, name: str) -> None:
    """Resumes a paused task. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.set_paused(uow.session, name, paused=False)
    await _note(uow, "resumed", name)


async def ask_for_run(uow: UnitOfWork, name: str) -> None:
    """Requests a run of a task as soon as possible. Raises Forbidden, TaskUnknown."""
    _check(uow, name)
    await repository.request_run(uow.session, name, now=uow.now)
    await _note(uow, "run_asked_for", name)


# --- the workers' side -----------------------------------------------------------------------------------------------


async def begin(uow_factory: UnitOfWorkFactory, name: str) -> bool:
    """Whether a tick may run its task. If so, records that it has begun."""
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.begin_task(uow.session, name, now=uow.now)


async def finish(uow_factory: UnitOfWorkFactory, name: str, *, error: Exception | None = None) -> None:
    """Records how a task ended. Of an error it stores the name and the code, never the message."""
    reason = None
    if error is not None:
        reason = type(error).__name__ + (f": {error.code}" if isinstance(error, DomainError) else "")
    async with uow_factory.open(SYSTEM) as uow:
        await repository.finish_task(uow.session, name, now=uow.now, error=reason)


async def take_requests(uow_factory: UnitOfWorkFactory) -> Sequence[str]:
    """Takes the requested runs; each is given to one worker."""
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.take_requests(uow.session, now=uow.now)


def _check(uow: UnitOfWork, name: str) -> None:
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may change the schedule")
    if name not in BY_NAME:
        raise TaskUnknown("the schedule has no such task", field="name")


async def _note(uow: UnitOfWork, action: str, name: str) -> None:
    await uow.record(action, object_kind="scheduled_task", object_id=name)
