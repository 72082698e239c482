"""The schedule: who may pause and ask, and what is seen of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, OutboxRow
from app.domain.errors import Conflict
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.services.operations import outbox_desk, scheduled_tasks
from app.services.operations.outbox_desk import JobNotFound
from app.services.operations.scheduled_tasks import TaskUnknown, TaskView
from app.services.work import Desk, Work
from tests.services.conftest import START
from tests.services.lending_desk import OFFICER

ADMIN = Actor(role=Role.ADMIN, principal_id=7)
Deed = Callable[[Work], Awaitable[None]]


async def act(desk: Desk, deed: Deed, *, actor: Actor = ADMIN) -> None:
    async with desk.open(actor) as work:
        await deed(work)


async def task(desk: Desk, name: str = "sweep") -> TaskView:
    async with desk.open(OFFICER) as work:
        return next(view for view in await scheduled_tasks.list_tasks(work) if view.name == name)


async def test_the_whole_schedule_is_seen_before_anything_ran(desk: Desk) -> None:
    async with desk.open(OFFICER) as work:
        views = await scheduled_tasks.list_tasks(work)
    assert [view.name for view in views] == [each.name for each in scheduled_tasks.SCHEDULE]
    assert all(view.last_result is None and not view.paused for view in views)
    assert (await task(desk)).next_run_at == datetime(2026, 11, 21, 6, 0, 10, tzinfo=UTC)


async def test_a_run_is_noted(desk: Desk) -> None:
    assert await scheduled_tasks.begin(desk, "sweep")
    await scheduled_tasks.finish(desk, "sweep")
    seen = await task(desk)
    assert (seen.last_started_at, seen.last_finished_at, seen.last_result, seen.last_error) == (
        START, START, "done", None,
    )  # fmt: skip
    await scheduled_tasks.finish(desk, "sweep", error=ValueError("a customer's name"))
    assert ((await task(desk)).last_result, (await task(desk)).last_error) == ("failed", "ValueError")
    await scheduled_tasks.finish(desk, "sweep", error=Conflict("somebody's name"))
    assert (await task(desk)).last_error == f"Conflict: {Conflict.code}"


async def test_a_paused_task_does_not_begin_until_it_goes_on(desk: Desk) -> None:
    await act(desk, partial(scheduled_tasks.pause_task, name="sweep"))
    assert not await scheduled_tasks.begin(desk, "sweep")
    seen = await task(desk)
    assert (seen.paused, seen.next_run_at, seen.last_started_at) == (True, None, None)
    assert await scheduled_tasks.begin(desk, "nudge_billing")
    await act(desk, partial(scheduled_tasks.resume_task, name="sweep"))
    assert await scheduled_tasks.begin(desk, "sweep")
    assert not (await task(desk)).paused


async def test_a_request_is_given_to_one_worker_although_the_task_is_paused(desk: Desk) -> None:
    await act(desk, partial(scheduled_tasks.pause_task, name="sweep"))
    await act(desk, partial(scheduled_tasks.ask_for_run, name="sweep"))
    assert (await task(desk)).next_run_at == START
    assert [*await scheduled_tasks.take_requests(desk)] == ["sweep"]
    assert [*await scheduled_tasks.take_requests(desk)] == []
    seen = await task(desk)
    assert (seen.paused, seen.requested_at, seen.last_started_at) == (True, None, START)


@pytest.mark.parametrize("deed", [scheduled_tasks.pause_task, scheduled_tasks.resume_task, scheduled_tasks.ask_for_run])
async def test_only_an_admin_changes_the_schedule_and_only_what_is_in_it(
    desk: Desk, deed: Callable[..., Awaitable[None]]
) -> None:
    with pytest.raises(Forbidden):
        await act(desk, partial(deed, name="sweep"), actor=OFFICER)
    with pytest.raises(TaskUnknown):
        await act(desk, partial(deed, name="everything"))
    async with desk.open(SYSTEM) as work:
        assert (await work.session.execute(select(AuditEvent))).all() == []
    await act(desk, partial(deed, name="sweep"))
    async with desk.open(SYSTEM) as work:
        (event,) = (await work.session.execute(select(AuditEvent))).scalars()
    assert (event.actor, event.object_kind, event.object_id) == ("admin:7", "scheduled_task", "sweep")


async def test_a_job_is_tried_again_at_the_next_sweep(desk: Desk) -> None:
    async with desk.open(SYSTEM) as work:
        await work.enqueue("score_customer", key="9")
        (outbox_id,) = [job.outbox_id for job in work.jobs]
    with pytest.raises(Forbidden):
        await act(desk, partial(outbox_desk.make_due, outbox_id=outbox_id), actor=OFFICER)
    await act(desk, partial(outbox_desk.make_due, outbox_id=outbox_id))
    async with desk.open(SYSTEM) as work:
        row = (await work.session.execute(select(OutboxRow))).scalar_one()
        assert (row.due_at, row.done_at) == (START, None)
    with pytest.raises(JobNotFound):
        await act(desk, partial(outbox_desk.make_due, outbox_id=outbox_id + 1))
