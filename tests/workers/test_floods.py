"""A flood of bulk jobs: whoever needs an answer or the bills of the day does not wait for it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from app.db.models import OutboxRow
from app.domain.people.access import SYSTEM
from app.services import outbox, unit_of_work
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.workers.context import Context
from app.workers.jobs import REGISTRY, JobHandler
from app.workers.queues import BILLING_QUEUE, BULK_JOBS, QUEUES, route_of, serialize
from tests.patience import PATIENCE_SECONDS

# ARQ closes its connections with a method that redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")

BULK = {"load_import", "make_bureau_file", "score_imported"}
URGENT = sorted(REGISTRY.keys() - BULK)
FLOOD = 150


class Stage:
    """Jobs of a test: a bulk job waits until the curtain falls, an urgent one only says that it was begun."""

    def __init__(self) -> None:
        self.curtain = asyncio.Event()
        self.begun = {name: asyncio.Event() for name in REGISTRY}
        self.running = dict.fromkeys(REGISTRY, 0)
        self.most = dict.fromkeys(REGISTRY, 0)

    def handler(self, name: str) -> JobHandler:
        async def run(context: Context, outbox_id: int) -> bool:
            self.begun[name].set()
            self.running[name] += 1
            self.most[name] = max(self.most[name], self.running[name])
            if name in BULK:
                await self.curtain.wait()
            self.running[name] -= 1
            return True

        return JobHandler(run=run, timeout_seconds=int(PATIENCE_SECONDS))


async def enqueue(uow_factory: UnitOfWorkFactory, *jobs: str, count: int = 1) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for number in range(count):
            for job in jobs:
                await uow.enqueue(job, key=str(number))


async def test_urgent_jobs_are_begun_while_bulk_jobs_run_and_wait(
    uow_factory: UnitOfWorkFactory, redis: Redis, running_worker: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    for name in REGISTRY:
        monkeypatch.setitem(REGISTRY, name, stage.handler(name))
    await enqueue(uow_factory, *sorted(BULK), count=FLOOD)
    async with running_worker(), asyncio.timeout(PATIENCE_SECONDS):
        try:
            # The scores have a slot of their own; of the other bulk jobs, any may be the first.
            await stage.begun["score_imported"].wait()
            await asyncio.wait(
                [asyncio.create_task(stage.begun[job].wait()) for job in ("load_import", "make_bureau_file")],
                return_when=asyncio.FIRST_COMPLETED,
            )
            await enqueue(uow_factory, *URGENT)
            for job in URGENT:
                await stage.begun[job].wait()
            assert await redis.zcard(route_of("load_import").queue) == 2 * FLOOD, "no file is loaded yet"
            assert await redis.zcard(route_of("score_imported").queue) == FLOOD
            assert stage.most["load_import"] + stage.most["make_bureau_file"] == 1, "one at a time bounds the memory"
        finally:
            stage.curtain.set()


async def test_the_sweep_takes_urgent_jobs_before_a_flood_that_is_older(
    uow_factory: UnitOfWorkFactory, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SWEPT_AT_ONCE", 3)
    await enqueue(uow_factory, "score_imported", count=9)
    await enqueue(uow_factory, "run_billing", "decide_pending")
    await redis.flushdb()
    async with uow_factory.open(SYSTEM) as uow:
        age = func.now() - timedelta(minutes=1)
        await uow.session.execute(update(OutboxRow).values(due_at=age).where(OutboxRow.job != "score_imported"))
        await uow.session.execute(update(OutboxRow).values(due_at=age - timedelta(hours=1)).where(
            OutboxRow.job == "score_imported"
        ))  # fmt: skip
    assert await outbox.sweep(uow_factory, last=BULK_JOBS) == 3
    assert {queue: int(await redis.zcard(queue)) for queue in QUEUES} == {
        "kist:jobs": 1, "kist:billing": route_of("run_billing").copies, "kist:webhooks": 0, "kist:scores": 1,
        "kist:bulk": 0,
    }  # fmt: skip


async def test_a_file_that_waits_in_the_queue_of_an_older_version_is_loaded(
    uow_factory: UnitOfWorkFactory, redis: Redis, running_worker: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "SWEEP_AFTER", timedelta(0))
    older = ArqRedis(redis.connection_pool, job_serializer=serialize)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("load_import", key="9", payload={"import_id": 9})
    await redis.flushdb()
    async with uow_factory.open(SYSTEM) as uow:
        row = (await uow.session.execute(select(OutboxRow))).scalar_one()
    await older.enqueue_job("load_import", row.id, _job_id=f"load_import:9:{row.id}", _queue_name=BILLING_QUEUE)
    stage = Stage()
    monkeypatch.setitem(REGISTRY, "load_import", stage.handler("load_import"))
    stage.curtain.set()
    async with running_worker(), asyncio.timeout(PATIENCE_SECONDS):
        await stage.begun["load_import"].wait()


class QueueAway:
    """A queue that does not answer, and counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def enqueue(self, job: Job) -> None:
        self.asked += 1
        raise ConnectionError


async def test_a_thousand_jobs_wait_once_for_a_queue_that_is_away(uow_factory: UnitOfWorkFactory) -> None:
    away = QueueAway()
    await enqueue(UnitOfWorkFactory(sessions=uow_factory.sessions, job_queue=away), "score_imported", count=1_000)
    async with uow_factory.open(SYSTEM) as uow:
        kept = (await uow.session.execute(select(func.count()).where(OutboxRow.done_at.is_(None)))).scalar_one()
    assert (kept, away.asked) == (1_000, unit_of_work.ENQUEUED_TOGETHER)
