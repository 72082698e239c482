"""The schedule: who may pause and request tasks, and what it shows."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, OutboxRow
from app.domain.errors import Conflict
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.services.operations import outbox_admin, scheduled_tasks
from app.services.operations.outbox_admin import JobNotFound
from app.services.operations.scheduled_tasks import TaskUnknown, TaskView
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.services.conftest import START
from tests.services.lending_desk import OFFICER

ADMIN = Actor(role=Role.ADMIN, user_account_id=7)
Action = Callable[[UnitOfWork], Awaitable[None]]


async def act(uow_factory: UnitOfWorkFactory, action: Action, *, actor: Actor = ADMIN) -> None:
    async with uow_factory.open(actor) as uow:
        await action(uow)


async def task(uow_factory: UnitOfWorkFactory, name: str = "sweep") -> TaskView:
    async with uow_factory.open(OFFICER) as uow:
        return next(view for view in await scheduled_tasks.list_tasks(uow) if view.name == name)


async def test_the_whole_schedule_is_shown_before_the_first_run(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(OFFICER) as uow:
        views = await scheduled_tasks.list_tasks(uow)
    assert [view.name for view in views] == [each.name for each in scheduled_tasks.SCHEDULE]
    assert all(view.last_result is None and not view.paused for view in views)
    assert (await task(uow_factory)).next_run_at == datetime(2026, 11, 21, 6, 0, 10, tzinfo=UTC)


async def test_a_run_is_noted(uow_factory: UnitOfWorkFactory) -> None:
    assert await scheduled_tasks.begin(uow_factory, "sweep")
    await scheduled_tasks.finish(uow_factory, "sweep")
    seen = await task(uow_factory)
    assert (seen.last_started_at, seen.last_finished_at, seen.last_result, seen.last_error) == (
        START, START, "done", None,
    )  # fmt: skip
    await scheduled_tasks.finish(uow_factory, "sweep", error=ValueError("a customer's name"))
    assert ((await task(uow_factory)).last_result, (await task(uow_factory)).last_error) == ("failed", "ValueError")
    await scheduled_tasks.finish(uow_factory, "sweep", error=Conflict("somebody's name"))
    assert (await task(uow_factory)).last_error == f"Conflict: {Conflict.code}"


async def test_a_paused_task_does_not_begin_until_it_goes_on(uow_factory: UnitOfWorkFactory) -> None:
    await act(uow_factory, partial(scheduled_tasks.pause_task, name="sweep"))
    assert not await scheduled_tasks.begin(uow_factory, "sweep")
    seen = await task(uow_factory)
    assert (seen.paused, seen.next_run_at, seen.last_started_at) == (True, None, None)
    assert await scheduled_tasks.begin(uow_factory, "nudge_billing")
    await act(uow_factory, partial(scheduled_tasks.resume_task, name="sweep"))
    assert await scheduled_tasks.begin(uow_factory, "sweep")
    assert not (await task(uow_factory)).paused


async def test_a_request_is_given_to_one_worker_although_the_task_is_paused(uow_factory: UnitOfWorkFactory) -> None:
    await act(uow_factory, partial(scheduled_tasks.pause_task, name="sweep"))
    await act(uow_factory, partial(scheduled_tasks.ask_for_run, name="sweep"))
    assert (await task(uow_factory)).next_run_at == START
    assert [*await scheduled_tasks.take_requests(uow_factory)] == ["sweep"]
    assert [*await scheduled_tasks.take_requests(uow_factory)] == []
    seen = await task(uow_factory)
    assert (seen.paused, seen.requested_at, seen.last_started_at) == (True, None, START)


@pytest.mark.parametrize(
    "action", [scheduled_tasks.pause_task, scheduled_tasks.resume_task, scheduled_tasks.ask_for_run]
)
async def test_only_an_admin_changes_the_schedule_and_only_what_is_in_it(
    uow_factory: UnitOfWorkFactory, action: Callable[..., Awaitable[None]]
) -> None:
    with pytest.raises(Forbidden):
        await act(uow_factory, partial(action, name="sweep"), actor=OFFICER)
    with pytest.raises(TaskUnknown):
        await act(uow_factory, partial(action, name="everything"))
    async with uow_factory.open(SYSTEM) as uow:
        assert (await uow.session.execute(select(AuditEvent))).all() == []
    await act(uow_factory, partial(action, name="sweep"))
    async with uow_factory.open(SYSTEM) as uow:
        (event,) = (await uow.session.execute(select(AuditEvent))).scalars()
    assert (event.actor, event.object_kind, event.object_id) == ("admin:7", "scheduled_task", "sweep")


async def test_a_job_is_tried_again_at_the_next_sweep(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("score_customer", key="9")
        (outbox_id,) = [job.outbox_id for job in uow.jobs]
    with pytest.raises(Forbidden):
        await act(uow_factory, partial(outbox_admin.make_due, outbox_id=outbox_id), actor=OFFICER)
    await act(uow_factory, partial(outbox_admin.make_due, outbox_id=outbox_id))
    async with uow_factory.open(SYSTEM) as uow:
        row = (await uow.session.execute(select(OutboxRow))).scalar_one()
        assert (row.due_at, row.done_at) == (START, None)
    with pytest.raises(JobNotFound):
        await act(uow_factory, partial(outbox_admin.make_due, outbox_id=outbox_id + 1))
