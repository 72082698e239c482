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

from app.db.failures import is_transient
from app.services import outbox
from app.workers import billing, scoring
from app.workers.context import Context
from app.workers.queues import bell_of

Run: TypeAlias = Callable[[Context, int], Awaitable[bool]]

# ARQ cuts a job off without telling it why; our own timeout comes first and is written down.
MARGIN_SECONDS = 2
LONGEST_RETRY_SECONDS = 30

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandler:
    """A job: what to run, for how long, and how often it may be retried before the sweeper takes it up again."""

    run: Run
    timeout_seconds: int
    tries: int = 5


REGISTRY: dict[str, JobHandler] = {
    "score_customer": JobHandler(run=scoring.score_customer, timeout_seconds=8),
    # A try is a few seconds of a run that may take an hour.
    "run_billing": JobHandler(run=billing.run_billing, timeout_seconds=18, tries=100_000),
}


def functions_of(queue: str) -> list[Function]:
    """The jobs of a queue, as ARQ wants them."""
    return [_function(name, handler) for name, handler in REGISTRY.items() if bell_of(name).queue == queue]


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
    """Runs a job once. Raises `Retry` when it should run again soon; every other failure is written on its row."""
    try:
        async with asyncio.timeout(handler.timeout_seconds):
            done = await handler.run(context, outbox_id)
    except Exception as error:
        # A timeout is an OSError too, and may come from the database as well as from the job: the slower way is safe.
        if is_transient(error) and not isinstance(error, TimeoutError):
            log.warning("job will be retried", job=name, outbox_id=outbox_id, error=type(error).__name__)
            raise Retry(defer=min(2**job_try, LONGEST_RETRY_SECONDS)) from None
        log.error(  # noqa: TRY400 - not the message: a database's holds values
            "job failed", job=name, outbox_id=outbox_id, error=type(error).__name__, where=where(error)
        )
        await outbox.postpone(context.desk, outbox_id, error)
    else:
        if not done:
            raise Retry(defer=0)


def where(error: BaseException) -> str:
    """The innermost line of our own code that an error came through. Not its message: that may hold a value."""
    found = "unknown"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/app/" in code.co_filename:
            found = f"{code.co_filename.rpartition('/app/')[2]}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return found
