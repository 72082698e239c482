"""The scheduled tasks. If a run is missed or killed, the next one does its work too.

- every ten seconds: enqueue the jobs again that are due and not done (the sweep);
- every second: number the events that were committed, and hand them to webhooks;
- every minute: open today's billing run;
- every hour: expire the applications that waited too long for a score;
- every minute: give numbers to tax documents of past days;
- every hour: start today's reconciliation of loans, and that of card accounts;
- every minute: seal the audit trail;
- every minute: let go of card authorisations that expired;
- every minute: make the resets of rates whose day has come;
- every minute: remove expired rows;
- every five seconds: run the tasks that staff requested.

A task first checks whether it is paused, and stores how it ended (`/admin`, scheduled tasks).
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
from app.workers import billing, cards, credit, events, payments, reporting
from app.workers.context import Context
from app.workers.queues import BULK_JOBS

TIMEZONE = UTC
TIMEOUT_SECONDS = 10

Run: TypeAlias = Callable[[Context], Awaitable[None]]

log = structlog.get_logger(__name__)


async def sweep(context: Context) -> None:
    """Enqueues the outbox rows again that are due and not done."""
    await outbox.sweep(context.uow_factory, last=BULK_JOBS)


async def seal_audit(context: Context) -> None:
    """Seals the audit events that have no seal yet."""
    await audit.seal_events(context.uow_factory, key=decode_key(context.settings.audit_key))


async def clean_up(context: Context) -> None:
    """Removes idempotency keys, done jobs and refresh tokens that are older than they need to be kept."""
    await cleaning.clean_up(context.uow_factory, keep=timedelta(days=context.settings.keep_days))


#: The function of each scheduled task. `app/services/operations/scheduled_tasks.py` holds the timetable.
RUNS: Mapping[str, Run] = {
    "sweep": sweep,
    "number_events": events.number_events,
    "dispatch_webhooks": events.dispatch_webhooks,
    "nudge_billing": billing.nudge_billing,
    "expire_pending": credit.expire_pending,
    "issue_gst_documents": reporting.issue_gst_documents,
    "nudge_reconciliation": reporting.nudge_reconciliation,
    "seal_audit": seal_audit,
    "expire_holds": cards.expire_holds,
    "nudge_card_reconciliation": cards.nudge_reconciliation,
    "make_rate_resets": payments.make_rate_resets,
    "clean_up": clean_up,
}
#: When the workers check whether staff requested a task.
REQUESTS = Timetable(seconds=frozenset(range(3, 60, 5)))


async def run_requested(context: Context) -> None:
    """Runs the tasks that staff requested, even if they are paused."""
    for name in await scheduled_tasks.take_requests(context.uow_factory):
        await _run_noted(context, name)


def cron_jobs() -> list[CronJob]:
    """The schedule, in the form that ARQ needs. Each tick runs in only one of the workers."""
    assert RUNS.keys() == scheduled_tasks.BY_NAME.keys(), "RUNS has exactly the tasks of the timetable"
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
        # ARQ would log the error's message without our scrubber.
        log.exception("tick failed", tick=name)
        failure = error
    await scheduled_tasks.finish(context.uow_factory, name, error=failure)


def _cron(name: str, run: Run, *, timetable: Timetable) -> CronJob:
    async def tick(ctx: dict[str, Any]) -> None:
        try:
            await run(ctx["context"])
        except Exception:
            # Storing the result may fail too, if the database cannot be reached. ARQ must not log that either.
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
