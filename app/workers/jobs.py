"""The register of all jobs, and the one place where a job's failure is handled.

A new job is a function in its capability's module and an entry here. The function gets the number of its outbox row and
returns whether the job is done. A job may run twice, also at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from arq.worker import Function, Retry, func

from app import measures
from app.db.errors import PASSING, classify
from app.services import outbox
from app.workers import billing, cards, collections, credit, delinquency, events, imports, reporting
from app.workers.context import Context
from app.workers.deaths import MOST_DEATHS, WorkerDied, counted
from app.workers.queues import route_of

Run: TypeAlias = Callable[[Context, int], Awaitable[bool]]

# ARQ cancels a job after its own timeout and logs no reason. Our timeout ends earlier, so that the reason is stored.
MARGIN_SECONDS = 2
LONGEST_RETRY_SECONDS = 30
IDLE_SECONDS = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandler:
    """A job: its function, its timeout, and how often ARQ retries it before the sweep enqueues it again."""

    run: Run
    timeout_seconds: int
    tries: int = 5


REGISTRY: dict[str, JobHandler] = {
    "score_customer": JobHandler(run=credit.score_customer, timeout_seconds=8),
    "score_imported": JobHandler(run=credit.score_customer, timeout_seconds=8),
    "decide_pending": JobHandler(run=credit.decide_pending, timeout_seconds=8),
    "reconcile": JobHandler(run=reporting.reconcile, timeout_seconds=15),
    "reconcile_cards": JobHandler(run=cards.reconcile_cards, timeout_seconds=15),
    # Each try works for a few seconds, and a run may take an hour.
    "run_billing": JobHandler(run=billing.run_billing, timeout_seconds=18, tries=100_000),
    "judge_day_ends": JobHandler(run=delinquency.judge_day_ends, timeout_seconds=18, tries=100_000),
    "judge_borrower": JobHandler(run=delinquency.judge_borrower, timeout_seconds=15, tries=100_000),
    "follow_day_ends": JobHandler(run=collections.follow_day_ends, timeout_seconds=18, tries=100_000),
    "make_bureau_file": JobHandler(run=delinquency.make_bureau_file, timeout_seconds=18, tries=100_000),
    "load_import": JobHandler(run=imports.load_import, timeout_seconds=18, tries=100_000),
    "deliver_webhooks": JobHandler(run=events.deliver_webhooks, timeout_seconds=28, tries=100_000),
}


def functions_of(queue: str) -> list[Function]:
    """The jobs of a queue, in the form that ARQ needs."""
    return [_function(name, handler) for name, handler in REGISTRY.items() if route_of(name).queue == queue]


def _function(name: str, handler: JobHandler) -> Function:
    async def run(ctx: dict[str, Any], outbox_id: int) -> None:
        async with counted(ctx["redis"], ctx["job_id"]) as deaths:
            if deaths >= MOST_DEATHS:
                log.error("job ended its workers", job=name, outbox_id=outbox_id, times=deaths)
                measures.count(measures.JOBS, job=name, outcome="failed")
                await outbox.postpone(ctx["context"].uow_factory, outbox_id, WorkerDied())
            else:
                await attempt(ctx["context"], name, handler, outbox_id=outbox_id, job_try=ctx["job_try"])

    return func(
        run,
        name=name,
        keep_result=0,
        timeout=handler.timeout_seconds + MARGIN_SECONDS,
        max_tries=handler.tries,
    )


async def attempt(context: Context, name: str, handler: JobHandler, *, outbox_id: int, job_try: int) -> None:
    """Runs a job once. Raises `Retry` when it should run again soon. Every other failure is stored on its outbox row.

    All lines logged meanwhile carry the job's name and outbox id. One line is logged when the job begins, and one at
    the end of a try, except after a step that leaves more to do.
    """
    began = asyncio.get_running_loop().time()

    def milliseconds() -> int:
        return int((asyncio.get_running_loop().time() - began) * 1000)

    def measure(outcome: str) -> None:
        measures.count(measures.JOBS, job=name, outcome=outcome)
        measures.observe(measures.JOB_SECONDS, milliseconds() / 1000, job=name)

    with structlog.contextvars.bound_contextvars(job=name, outbox_id=outbox_id):
        if job_try == 1:
            log.info("job begun")
        try:
            async with asyncio.timeout(handler.timeout_seconds):
                done = await handler.run(context, outbox_id)
        except Exception as error:
            # A TimeoutError may come from the database or from the job's own timeout. Both are postponed, not retried.
            if classify(error) in PASSING and not isinstance(error, TimeoutError):
                log.warning(
                    "job will be retried",
                    outcome="retry",
                    milliseconds=milliseconds(),
                    tries=job_try,
                    error=type(error).__name__,
                )
                measure("retry")
                raise Retry(defer=min(2**job_try, LONGEST_RETRY_SECONDS)) from None
            measure("failed")
            log.exception("job failed", outcome="failed", milliseconds=milliseconds(), tries=job_try)
            await outbox.postpone(context.uow_factory, outbox_id, error)
        else:
            measure("done" if done else "more")
            if not done:
                # A very short try that is not done means that other workers hold what is left: wait before the next.
                idle = milliseconds() < IDLE_SECONDS * 1000
                raise Retry(defer=IDLE_SECONDS if idle else 0)
            log.info("job ended", outcome="done", milliseconds=milliseconds(), tries=job_try)
