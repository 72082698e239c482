"""What happens by the clock. Cron only nudges: a tick that is missed or killed is made good by the next one.

- every ten seconds: ring again for jobs whose bell was not heard;
- every minute: see to it that today's billing run exists;
- every hour: end the applications that waited too long for a score;
- every hour: see to it that the books were reconciled on this business date.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

import structlog
from arq.cron import CronJob, cron

from app.services import outbox
from app.workers import applications, billing, reconciliation
from app.workers.context import Context

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
        _tick("expire_pending", applications.expire_pending, second={15}, minute={7}),
        _tick("nudge_reconciliation", reconciliation.nudge_reconciliation, second={25}, minute={37}),
    ]


def _tick(
    name: str, run: Callable[[Context], Awaitable[None]], *, second: set[int], minute: set[int] | None = None
) -> CronJob:
    async def tick(ctx: dict[str, Any]) -> None:
        try:
            await run(ctx["context"])
        except Exception:
            # Not left to ARQ, which would log the error's message past our scrubber.
            log.exception("tick failed", tick=name)

    return cron(
        tick,
        name=name,
        second=second,
        minute=minute,
        run_at_startup=True,
        timeout=TIMEOUT_SECONDS,
        keep_result=0,
        max_tries=1,
    )
