"""What happens by the clock. Cron only nudges: a tick that is missed or killed is made good by the next one.

- every ten seconds: ring again for jobs whose bell was not heard;
- every minute: see to it that today's billing run exists;
- every hour: end the applications that waited too long for a score;
- every hour: see to it that the books were reconciled on this business date;
- every minute: seal the audit trail;
- every minute: remove what only mattered for a time;
- every five seconds: run what staff asked for.

Every tick asks first whether its task is paused, and notes how it ended (`/admin`, scheduled tasks).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from typing import Any, TypeAlias

import structlog
from arq.cron import CronJob, cron

from app.domain.operations.timetable import Timetable
from app.services import outbox
from app.services.operations import audit, cleaning, scheduled_tasks
from app.settings import decode_key
from app.workers import billing, credit, reporting
from app.workers.context import Context

TIMEZONE = UTC
TIMEOUT_SECONDS = 10

Run: TypeAlias = Callable[[Context], Awaitable[None]]

log = structlog.get_logger(__name__)


async def sweep(context: Context) -> None:
    """Rings for what was not heard."""
    await outbox.sweep(context.uow_factory)


async def seal_audit(context: Context) -> None:
    """Makes the next link of the chain over the audit trail."""
    await audit.seal_events(context.uow_factory, key=decode_key(context.settings.audit_key))


async def clean_up(context: Context) -> None:
    """Removes what nobody asks for any more."""
    await cleaning.clean_up(context.uow_factory, keep=timedelta(days=context.settings.keep_days))


#: What each task of the schedule (`app/services/operations/scheduled_tasks.py` says when) runs.
RUNS: Mapping[str, Run] = {
    "sweep": sweep,
    "nudge_billing": billing.nudge_billing,
    "expire_pending": credit.expire_pending,
    "nudge_reconciliation": reporting.nudge_reconciliation,
    "seal_audit": seal_audit,
    "clean_up": clean_up,
}
#: How often the workers look for runs that staff asked for.
REQUESTS = Timetable(seconds=frozenset(range(3, 60, 5)))


async def run_requested(context: Context) -> None:
    """Runs what staff asked for, paused or not."""
    for name in await scheduled_tasks.take_requests(context.uow_factory):
        await _run_noted(context, name)


def cron_jobs() -> list[CronJob]:
    """The schedule, as ARQ wants it. One worker of all runs each tick."""
    assert RUNS.keys() == scheduled_tasks.BY_NAME.keys(), "every task of the schedule is run, and none besides"
    return [
        *(_tick(name, timetable=scheduled_tasks.BY_NAME[name].timetable) for name in RUNS),
        _cron("run_requested", run_requested, timetable=REQUESTS),
    ]


def _tick(name: str, *, timetable: Timetable) -> CronJob:
    async def unless_paused(context: Context) -> None:
        if await scheduled_tasks.begin(context.uow_factory, name):
            await _run_noted(context, name)

    return _cron(name, unless_paused, timetable=timetable)


async def _run_noted(context: Context, name: str) -> None:
    failure: Exception | None = None
    try:
        await RUNS[name](context)
    except Exception as error:
        # Not left to ARQ, which would log the error's message past our scrubber.
        log.exception("tick failed", tick=name)
        failure = error
    await scheduled_tasks.finish(context.uow_factory, name, error=failure)


def _cron(name: str, run: Run, *, timetable: Timetable) -> CronJob:
    async def tick(ctx: dict[str, Any]) -> None:
        try:
            await run(ctx["context"])
        except Exception:
            # The database may be away: neither that nor its texts are ARQ's to log.
            log.exception("tick failed", tick=name)

    return cron(
        tick,
        name=name,
        second=set(timetable.seconds),
        minute=set(timetable.minutes) or None,
        run_at_startup=True,
        timeout=TIMEOUT_SECONDS,
        keep_result=0,
        max_tries=1,
    )
