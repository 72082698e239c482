"""What happens by the clock. Cron only nudges: a tick that is missed or killed is made good by the next one.

- every ten seconds: ring again for jobs whose bell was not heard;
- every minute: see to it that today's billing run exists.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

import structlog
from arq.cron import CronJob, cron

from app.services import outbox
from app.workers import billing
from app.workers.context import Context
from app.workers.jobs import where

TIMEZONE = UTC
TIMEOUT_SECONDS = 10

log = structlog.get_logger(__name__)


async def sweep(context: Context) -> None:
    """Rings for what was not heard."""
    await outbox.sweep(context.desk)


def cron_jobs() -> list[CronJob]:
    """The schedule, as ARQ wants it. One worker of all runs each tick."""
    return [
        _tick("sweep", sweep, second=set(range(0, 60, 10))),
        _tick("nudge_billing", billing.nudge_billing, second={5}),
    ]


def _tick(name: str, run: Callable[[Context], Awaitable[None]], *, second: set[int]) -> CronJob:
    async def tick(ctx: dict[str, Any]) -> None:
        try:
            await run(ctx["context"])
        except Exception as error:
            # ARQ would log the message, and a database's message holds values.
            log.error("tick failed", tick=name, error=type(error).__name__, where=where(error))  # noqa: TRY400

    return cron(
        tick, name=name, second=second, run_at_startup=True, timeout=TIMEOUT_SECONDS, keep_result=0, max_tries=1
    )
