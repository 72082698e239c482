"""Jobs: they are enqueued, run once in effect, and are found again if everything but the database is lost."""

import asyncio
import contextlib
import logging
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError

from app.db.models import BankTransaction, CreditScore, Customer, OutboxRow
from app.domain.errors import Rejected
from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.credit.scoring import replay_score
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.workers.context import Context
from app.workers.deaths import MOST_DEATHS, counted
from app.workers.job_queue import ArqJobQueue
from app.workers.jobs import REGISTRY, JobHandler, attempt, functions_of
from app.workers.queues import JOBS_QUEUE, QUEUES, route_of
from app.workers.schedule import cron_jobs
from app.workers.settings import COMPANIONS
from tests import databases
from tests.patience import PATIENCE_SECONDS, eventually

# ARQ closes its connections with a method that redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")

CUSTOMER = 7


async def add_customer(uow_factory: UnitOfWorkFactory, *, rupees: int = 325_000) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Customer).values(
                customer_id=CUSTOMER, state="customer", name="Asha", created_at=uow.now, actor="system"
            )
        )
        await add_money(uow.session, rupees, row=1, on=await uow.business_date())


async def add_money(session: Any, rupees: int, *, row: int, on: Any) -> None:
    await session.execute(
        insert(BankTransaction).values(
            customer_id=CUSTOMER,
            import_id=1,
            row_number=row,
            transacted_on=on,
            direction="CREDIT",
            amount_paise=rupees * 100,
        )
    )


async def enqueue_score(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("score_customer", key=str(CUSTOMER), payload={"customer_id": CUSTOMER})


async def outbox_row(uow_factory: UnitOfWorkFactory, *, job: str = "score_customer") -> OutboxRow:
    async with uow_factory.open(SYSTEM) as uow:
        statement = select(OutboxRow).where(OutboxRow.job == job).order_by(OutboxRow.id.desc()).limit(1)
        return (await uow.session.execute(statement)).scalar_one()


async def is_done(uow_factory: UnitOfWorkFactory) -> bool:
    return (await outbox_row(uow_factory)).done_at is not None


async def scores(uow_factory: UnitOfWorkFactory) -> list[int]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(select(CreditScore.score).order_by(CreditScore.id))
        return [int(score) for score in rows.scalars()]


async def waiting(redis: Redis) -> int:
    return int(await redis.zcard(JOBS_QUEUE))


async def test_a_score_is_computed_when_it_is_asked_for(
    uow_factory: UnitOfWorkFactory, running_worker: Callable[..., Any]
) -> None:
    await add_customer(uow_factory)
    async with running_worker():
        await enqueue_score(uow_factory)
        await eventually(lambda: is_done(uow_factory))
    assert await scores(uow_factory) == [450]
    async with uow_factory.open(SYSTEM) as uow:
        assert (await replay_score(uow, 1)).same


async def test_a_job_that_runs_twice_changes_nothing(
    uow_factory: UnitOfWorkFactory, running_worker: Callable[..., Any]
) -> None:
    await add_customer(uow_factory)
    async with running_worker():
        for _ in range(3):
            await enqueue_score(uow_factory)
            await eventually(lambda: is_done(uow_factory))
    assert await scores(uow_factory) == [450]


async def test_new_facts_make_a_new_score_and_keep_the_old_one(
    uow_factory: UnitOfWorkFactory, running_worker: Callable[..., Any]
) -> None:
    await add_customer(uow_factory)
    async with running_worker():
        await enqueue_score(uow_factory)
        await eventually(lambda: is_done(uow_factory))
        async with uow_factory.open(SYSTEM) as uow:
            await add_money(uow.session, 15_000, row=2, on=await uow.business_date())
        await enqueue_score(uow_factory)
        await eventually(lambda: is_done(uow_factory))
    assert await scores(uow_factory) == [450, 460]


async def test_two_workers_at_once_run_a_job_once(uow_factory: UnitOfWorkFactory) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    row = await outbox_row(uow_factory)
    done = await asyncio.gather(
        *(outbox.perform(uow_factory, row.id, action=check_payload) for _ in range(4)), return_exceptions=True
    )
    assert sorted(map(bool, done)) == [False, False, False, True]


async def check_payload(uow: Any, payload: dict[str, Any]) -> None:
    assert payload == {"customer_id": CUSTOMER}
    await asyncio.sleep(0.1)


async def test_a_job_that_is_enqueued_while_it_runs_runs_again(uow_factory: UnitOfWorkFactory) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    row = await outbox_row(uow_factory)
    running, go_on = asyncio.Event(), asyncio.Event()

    async def slow(uow: Any, payload: dict[str, Any]) -> None:
        running.set()
        await go_on.wait()

    job = asyncio.create_task(outbox.perform(uow_factory, row.id, action=slow))
    await running.wait()
    again = asyncio.create_task(enqueue_score(uow_factory))
    await asyncio.sleep(0.1)
    assert not again.done()
    go_on.set()
    await job
    await again
    fresh = await outbox_row(uow_factory)
    assert (fresh.id > row.id, fresh.done_at) == (True, None)


async def test_the_sweep_enqueues_the_jobs_that_an_empty_valkey_lost(
    uow_factory: UnitOfWorkFactory, redis: Redis, running_worker: Callable[..., Any]
) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    assert await waiting(redis) == 1
    await redis.flushdb()
    assert await outbox.sweep(uow_factory) == 0
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(update(OutboxRow).values(due_at=uow.now))
    # The worker's own schedule sweeps when it starts.
    async with running_worker():
        await eventually(lambda: is_done(uow_factory))
    assert await scores(uow_factory) == [450]


async def test_a_failed_job_is_postponed_longer_each_time_and_is_never_lost(
    uow_factory: UnitOfWorkFactory, caplog: Any
) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    row = await outbox_row(uow_factory)

    async def fail(context: Context, outbox_id: int) -> bool:
        raise Refused("the Aadhaar 234123412346 is in this sentence")

    handler = JobHandler(run=fail, timeout_seconds=5)
    context: Any = type("Context", (), {"uow_factory": uow_factory})
    pauses, after = [], row
    with caplog.at_level(logging.CRITICAL):
        for job_try in (1, 2, 3):
            await attempt(context, "score_customer", handler, outbox_id=row.id, job_try=job_try)
            after = await outbox_row(uow_factory)
            pauses.append((after.due_at - row.created_at).total_seconds())
    assert (after.attempts, after.last_error, after.done_at) == (3, "Refused:refused_here", None)
    assert [int(pause) // 10 * 10 for pause in pauses] == [10, 20, 40]


class Refused(Rejected):
    code = "refused_here"


async def test_a_job_that_takes_too_long_is_stored_as_failed(uow_factory: UnitOfWorkFactory) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    row = await outbox_row(uow_factory)

    async def sleep(context: Context, outbox_id: int) -> bool:
        await asyncio.sleep(60)
        return True

    context: Any = type("Context", (), {"uow_factory": uow_factory})
    await attempt(context, "score_customer", JobHandler(run=sleep, timeout_seconds=0), outbox_id=row.id, job_try=1)
    assert (await outbox_row(uow_factory)).last_error == "TimeoutError"


async def test_a_transient_failure_is_retried(
    uow_factory: UnitOfWorkFactory, running_worker: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_customer(uow_factory)
    real, tries = REGISTRY["score_customer"], 0

    async def deadlock_once(context: Context, outbox_id: int) -> bool:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OperationalError("UPDATE", {}, type("Deadlock", (Exception,), {"sqlstate": "40P01"})())
        return await real.run(context, outbox_id)

    monkeypatch.setitem(REGISTRY, "score_customer", JobHandler(run=deadlock_once, timeout_seconds=5))
    async with running_worker():
        await enqueue_score(uow_factory)
        await eventually(lambda: is_done(uow_factory))
    row = await outbox_row(uow_factory)
    assert (tries, row.attempts, row.last_error) == (2, 0, None)


async def test_a_job_that_ends_its_workers_is_postponed_and_tried_again_later(
    uow_factory: UnitOfWorkFactory, redis: Redis, running_worker: Callable[..., Any]
) -> None:
    await add_customer(uow_factory)
    await enqueue_score(uow_factory)
    row = await outbox_row(uow_factory)
    note = f"kist:begun:kist:jobs:score_customer:{CUSTOMER}:{row.id}"
    # So many workers began it and never came to its end.
    await redis.set(note, MOST_DEATHS)
    async with running_worker():

        async def is_postponed() -> bool:
            return (await outbox_row(uow_factory)).attempts == 1

        await eventually(is_postponed)
        after = await outbox_row(uow_factory)
        assert (after.last_error, after.done_at, await scores(uow_factory)) == ("WorkerDied", None, [])
        async with uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(update(OutboxRow).values(due_at=uow.now))
        await eventually(lambda: is_done(uow_factory))
    assert (await scores(uow_factory), await redis.exists(note)) == ([450], 0)


async def test_a_try_is_noted_until_it_ends(redis: Redis) -> None:
    for ends in (None, Refused("refused"), asyncio.CancelledError()):
        with contextlib.suppress(Refused, asyncio.CancelledError):
            async with counted(redis, "job") as deaths:
                assert (deaths, await redis.get("kist:begun:job")) == (0, b"1")
                if ends is not None:
                    raise ends
        assert await redis.exists("kist:begun:job") == 0
    await redis.set("kist:begun:job", 1)
    async with counted(redis, "job") as deaths:
        assert (deaths, await redis.get("kist:begun:job")) == (1, b"2")
    async with counted(Redis.from_url("unix:///nowhere/valkey.sock"), "job") as deaths:
        assert deaths == 0, "without Valkey the job runs all the same"


async def test_the_job_queue_reconnects_to_valkey(uow_factory: UnitOfWorkFactory, redis: Redis) -> None:
    away = ArqJobQueue("unix:///nowhere/valkey.sock")
    job = Job(name="score_customer", key="1", outbox_id=1)
    with pytest.raises((RedisError, OSError)):
        await away.enqueue(job)
    await away.close()
    job_queue = uow_factory.job_queue
    await job_queue.enqueue(job)
    # All connections are closed, as by a restart.
    await redis.client_kill_filter(_type="normal", skipme=True)
    await job_queue.enqueue(job)
    assert await waiting(redis) == 1


async def test_a_failed_enqueue_does_not_undo_the_change(uow_factory: UnitOfWorkFactory) -> None:
    await add_customer(uow_factory)
    without_valkey = UnitOfWorkFactory(
        sessions=uow_factory.sessions, job_queue=ArqJobQueue("unix:///nowhere/valkey.sock")
    )
    await enqueue_score(without_valkey)
    assert not await is_done(uow_factory)


def test_every_job_has_a_handler_a_queue_and_a_timeout_of_its_own() -> None:
    assert {route_of(name).queue for name in REGISTRY} == set(QUEUES)
    assert {JOBS_QUEUE} | COMPANIONS.keys() == set(QUEUES), "each queue has slots in every worker"
    functions = [function for queue in QUEUES for function in functions_of(queue)]
    assert sorted(function.name for function in functions) == sorted(REGISTRY)
    assert all(function.keep_result_s == 0 and function.timeout_s for function in functions)
    # After a kill -9 a short job runs again when the longest timeout of its queue is over.
    longest = max([function.timeout_s or 0 for function in functions_of(JOBS_QUEUE)] + [
        tick.timeout_s or 0 for tick in cron_jobs()
    ])  # fmt: skip
    assert longest <= 10


@pytest.mark.slow
async def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    uow_factory: UnitOfWorkFactory, owner_dsn: str, worker_process: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    await add_customer(uow_factory)
    async with databases.connection(owner_dsn) as owner, owner.transaction():
        # While this lock is held, no score can be stored, so the worker is in the middle of its job.
        await owner.execute("LOCK TABLE credit_scores IN SHARE MODE")
        first = worker_process()
        await enqueue_score(uow_factory)
        await eventually(lambda: is_blocked(uow_factory))
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert not await is_done(uow_factory)
    second = worker_process()
    await eventually(lambda: is_done(uow_factory))
    assert await scores(uow_factory) == [450]
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=PATIENCE_SECONDS) in {0, 1}


async def is_blocked(uow_factory: UnitOfWorkFactory) -> bool:
    async with uow_factory.open(SYSTEM) as uow:
        blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'credit_scores'::regclass")
        return int((await uow.session.execute(blocked)).scalar_one()) > 0
