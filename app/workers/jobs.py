"""The jobs that workers know, and the one place where a failure is told from a failure.

A new job is a function in its capability's module and a row here. It is handed the number of its outbox row and answers
whether it is done; it may run twice, at once or one after the other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from arq.worker import Function, Retry, func

from app.db.errors import DatabaseFault, classify
from app.services import outbox
from app.workers import billing, credit, imports, reporting
from app.workers.context import Context
from app.workers.queues import route_of

Run: TypeAlias = Callable[[Context, int], Awaitable[bool]]

# ARQ cuts a job off without telling it why; our own timeout comes first and is written down.
MARGIN_SECONDS = 2
LONGEST_RETRY_SECONDS = 30
IDLE_SECONDS = 1
# What passes by itself: a lock or a deadlock, a database that is away. Everything else fails the same way again.
TRANSIENT = frozenset({DatabaseFault.BUSY, DatabaseFault.UNAVAILABLE})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandler:
    """A job: what to run, for how long, and how often it may be retried before the sweeper takes it up again."""

    run: Run
    timeout_seconds: int
    tries: int = 5


REGISTRY: dict[str, JobHandler] = {
    "score_customer": JobHandler(run=credit.score_customer, timeout_seconds=8),
    "decide_pending": JobHandler(run=credit.decide_pending, timeout_seconds=8),
    "reconcile": JobHandler(run=reporting.reconcile, timeout_seconds=15),
    # A try is a few seconds of a run that may take an hour.
    "run_billing": JobHandler(run=billing.run_billing, timeout_seconds=18, tries=100_000),
    "load_import": JobHandler(run=imports.load_import, timeout_seconds=18, tries=100_000),
}


def functions_of(queue: str) -> list[Function]:
    """The jobs of a queue, as ARQ wants them."""
    return [_function(name, handler) for name, handler in REGISTRY.items() if route_of(name).queue == queue]


def _function(name: str, handler: JobHandler) -> Function:
    async def run(ctx: dict[str, Any], outbox_id: int) -> None:
        await attempt(ctx["context"], name, handler, outbox_id=outbox_id, job_try=ctx["job_try"])

    return func(
        run,
        name=name,
        keep_result=0,
        timeout=handler.timeout_seconds + MARGIN_SECONDS,
        max_tries=handler.tries,
    )


async def attempt(context: Context, name: str, handler: JobHandler, *, outbox_id: int, job_try: int) -> None:
    """Runs a job once. Raises `Retry` when it should run again soon; every other failure is written on its row.

    Whatever is logged on the way names the job; so does a line at its beginning, and one at the end of each try that
    was not only a step.
    """
    began = asyncio.get_running_loop().time()

    def milliseconds() -> int:
        return int((asyncio.get_running_loop().time() - began) * 1000)

    with structlog.contextvars.bound_contextvars(job=name, outbox_id=outbox_id):
        if job_try == 1:
            log.info("job begun")
        try:
            async with asyncio.timeout(handler.timeout_seconds):
                done = await handler.run(context, outbox_id)
        except Exception as error:
            # A timeout may be the database's as well as the job's own: the slower way is safe for both.
            if classify(error) in TRANSIENT and not isinstance(error, TimeoutError):
                log.warning(
                    "job will be retried",
                    outcome="retry",
                    milliseconds=milliseconds(),
                    tries=job_try,
                    error=type(error).__name__,
                )
                raise Retry(defer=min(2**job_try, LONGEST_RETRY_SECONDS)) from None
            log.exception("job failed", outcome="failed", milliseconds=milliseconds(), tries=job_try)
            await outbox.postpone(context.uow_factory, outbox_id, error)
        else:
            if not done:
                # Nothing to do and not done means that others hold what is left: look again, and not at once.
                idle = milliseconds() < IDLE_SECONDS * 1000
                raise Retry(defer=IDLE_SECONDS if idle else 0)
            log.info("job ended", outcome="done", milliseconds=milliseconds(), tries=job_try)
