"""The scheduled tasks: paused, failing, and requested."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from app.domain.people.access import SYSTEM, Actor, Role
from app.services.operations import scheduled_tasks
from app.services.operations.scheduled_tasks import TaskView
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers import schedule
from app.workers.context import Context
from tests.patience import eventually

# ARQ closes its connections with a method that redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")

ADMIN = Actor(role=Role.ADMIN, user_account_id=7)


class TaskFailure(Exception):
    """The error with which a task fails in these tests."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that ran, in order; `nudge_billing` fails."""
    ran: list[str] = []

    async def record(context: Context, *, name: str) -> None:
        ran.append(name)
        if name == "nudge_billing":
            raise TaskFailure("with a customer's name")

    monkeypatch.setattr(schedule, "RUNS", {name: partial(record, name=name) for name in schedule.RUNS})
    return ran


async def tick(uow_factory: UnitOfWorkFactory, settings: Settings, name: str) -> None:
    job = next(job for job in schedule.cron_jobs() if job.name == name)
    await job.coroutine({"context": Context(settings=settings, uow_factory=uow_factory, worker="test")})


async def view_of(uow_factory: UnitOfWorkFactory, name: str) -> TaskView:
    async with uow_factory.open(SYSTEM) as uow:
        return next(view for view in await scheduled_tasks.list_tasks(uow) if view.name == name)


def test_every_task_of_the_schedule_has_its_tick_and_runs_at_its_times() -> None:
    jobs: dict[str, Any] = {job.name: job for job in schedule.cron_jobs()}
    assert jobs.keys() == {*scheduled_tasks.BY_NAME, "run_requested"}
    for name, task in scheduled_tasks.BY_NAME.items():
        assert jobs[name].second == set(task.timetable.seconds)
        assert jobs[name].minute == (set(task.timetable.minutes) or None)


async def test_a_tick_runs_its_task_and_notes_how_it_ended(
    uow_factory: UnitOfWorkFactory, settings: Settings, runs: list[str]
) -> None:
    await tick(uow_factory, settings, "sweep")
    await tick(uow_factory, settings, "nudge_billing")
    assert runs == ["sweep", "nudge_billing"]
    assert [(await view_of(uow_factory, name)).last_result for name in runs] == ["done", "failed"]
    assert (await view_of(uow_factory, "nudge_billing")).last_error == "TaskFailure"


async def test_a_paused_task_lets_its_ticks_pass_and_runs_when_asked(
    uow_factory: UnitOfWorkFactory, settings: Settings, runs: list[str]
) -> None:
    async with uow_factory.open(ADMIN) as uow:
        await scheduled_tasks.pause_task(uow, "sweep")
    await tick(uow_factory, settings, "sweep")
    assert runs == []
    async with uow_factory.open(ADMIN) as uow:
        await scheduled_tasks.ask_for_run(uow, "sweep")
    await tick(uow_factory, settings, "run_requested")
    await tick(uow_factory, settings, "run_requested")
    assert runs == ["sweep"]
    assert (await view_of(uow_factory, "sweep")).last_result == "done"


async def test_a_worker_notes_its_ticks(uow_factory: UnitOfWorkFactory, running_worker: Callable[..., Any]) -> None:
    async with running_worker():

        async def all_ran() -> bool:
            return all(
                [(await view_of(uow_factory, task.name)).last_result == "done" for task in scheduled_tasks.SCHEDULE]
            )

        # Every tick runs when a worker starts.
        await eventually(all_ran)
