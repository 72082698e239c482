"""What is wrong with an installation, and what to do about it: configuration, schema, queue, clock, disk, lag.

Each finding is judged from facts by a function without input or output, so each judgement is tested in a table.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.db.repositories.operations import scheduled_tasks as task_repository
from app.domain.lender.profiles import LenderProfile
from app.domain.lender.registrations import Registration
from app.domain.lender.samples import is_sample
from app.domain.people.access import SYSTEM
from app.services.operations.backlog import JobBacklog, State
from app.services.unit_of_work import UnitOfWorkFactory

#: A task that runs every second or ten seconds has run within this time if a worker runs.
WORKER_SILENT: Final = timedelta(minutes=1)
CLOCKS_DIFFER: Final = timedelta(seconds=2)
LATE: Final = timedelta(minutes=10)
LATE_IN_BULK: Final = timedelta(hours=1)
LITTLE_BYTES: Final = 2_000_000_000
LITTLE_SHARE: Final = 0.05
#: The tasks without which something stands still.
NEEDED: Final = ("sweep", "number_events", "dispatch_webhooks", "nudge_billing", "seal_audit")


class Verdict(StrEnum):
    """How a finding is to be taken."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: what was found, and what to do if it is not good."""

    about: str
    verdict: Verdict
    found: str
    to_do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """A scheduled task: when it last began, how it ended, and whether it is paused."""

    name: str
    paused: bool
    last_started_at: datetime | None
    last_error: str | None


async def read_tasks(uow_factory: UnitOfWorkFactory) -> list[TaskFacts]:
    """The scheduled tasks that ever ran."""
    async with uow_factory.open(SYSTEM) as uow:
        return [
            TaskFacts(name=row.name, paused=row.paused, last_started_at=row.last_started_at, last_error=row.last_error)
            for row in await task_repository.list_tasks(uow.session)
        ]


def good(about: str, found: str) -> Finding:
    return Finding(about=about, verdict=Verdict.GOOD, found=found)


def bad(about: str, found: str, *, to_do: str) -> Finding:
    return Finding(about=about, verdict=Verdict.BAD, found=found, to_do=to_do)


def warning(about: str, found: str, *, to_do: str) -> Finding:
    return Finding(about=about, verdict=Verdict.WARNING, found=found, to_do=to_do)


def judge_schema(found: str | None, needed: str | None, *, is_known: bool) -> Finding:
    """The schema's revision against the one that this version needs."""
    if found == needed:
        return good("schema", f"revision {found}, as this version needs it")
    if found is None:
        return bad("schema", "the database has no tables", to_do="kist migrate, then kist seed")
    if not is_known:
        return bad("schema", f"revision {found} was made by a newer version", to_do="run that version of Kist")
    return bad("schema", f"revision {found}, and this version needs {needed}", to_do="kist migrate")


def judge_worker(tasks: Sequence[TaskFacts], *, now: datetime) -> Iterator[Finding]:
    """Whether a worker runs, and whether a task that is needed is paused or fails."""
    begun = [task.last_started_at for task in tasks if task.last_started_at is not None]
    if not begun or now - max(begun) > WORKER_SILENT:
        last = "never" if not begun else f"{max(begun):%Y-%m-%d %H:%M:%S} UTC"
        to_do = "start one with kist worker (kist up starts it too); read logs/worker.log"
        yield bad("worker", f"no task has run for a minute (the last one: {last})", to_do=to_do)
    else:
        yield good("worker", "a worker runs the scheduled tasks")
    for task in tasks:
        if task.paused and task.name in NEEDED:
            yield warning("worker", f"the task {task.name} is paused", to_do="resume it in /admin, scheduled tasks")
        if task.last_error is not None:
            to_do = "look for `tick failed` in the worker's log"
            yield warning("worker", f"the task {task.name} failed the last time ({task.last_error})", to_do=to_do)


def judge_clock(state: State, *, is_production: bool, is_held: bool) -> Iterator[Finding]:
    """This machine's clock against the database's, and the business date."""
    apart = abs(state.at - state.database_time)
    if apart > CLOCKS_DIFFER:
        found = f"this machine and the database differ by {apart.total_seconds():.1f} seconds"
        yield bad("clock", found, to_do="synchronise both with NTP: tokens and leases depend on it")
    else:
        yield good("clock", "this machine and the database agree")
    if is_held:
        to_do = "use other books: this date moves only by hand" if is_production else "PUT /api/v1/clock moves it"
        yield (bad if is_production else warning)(
            "clock", f"the business date is held at {state.business_date}", to_do=to_do
        )


def judge_registration(registration: Registration, *, on: date) -> Finding:
    """The state of registration for GST: the profile's and the setting's must agree."""
    state = registration.state_on(on)
    if registration.contradicts(on):
        found = f"the lender's profile has a GSTIN of state {state}, and KIST_GST_STATE is {registration.setting}"
        return bad(
            "GST", found, to_do=f"tax documents follow the profile: set KIST_GST_STATE to {state}, or leave it out"
        )
    if state is None:
        return good("GST", "the lender is registered in no state, so no charge may bear it")
    return good("GST", f"tax documents are those of a lender in state {state}")


def judge_lender(profile: LenderProfile | None, *, is_production: bool) -> Finding:
    """Who lends, as every paper says it: in production no sample, and somebody."""
    to_do = "an admin adds the lender's profile: /admin, Lender, or POST /api/v1/lender"
    if profile is None:
        return warning("lender", "no profile of the lender is in force, so papers do not say who lends", to_do=to_do)
    if not is_sample(profile):
        return good("lender", f"papers say that {profile.name} lends")
    found = f"papers say that {profile.name} lends, which is the sample"
    return bad("lender", found, to_do=to_do) if is_production else good("lender", found)


def judge_disk(name: str, *, free: int, total: int) -> Finding:
    """The free space of a file system, in bytes."""
    found = f"{free / 1e9:.1f} of {total / 1e9:.1f} GB are free for {name}"
    if free < LITTLE_BYTES or free < total * LITTLE_SHARE:
        return bad("disk", found, to_do="make room: a full disk stops every write")
    return good("disk", found)


def judge_jobs(
    jobs: Sequence[JobBacklog], *, queues: Sequence[str], bulk: Collection[str], queue_of: Callable[[str], str]
) -> Iterator[Finding]:
    """How long jobs wait, by queue, and which jobs have failed. Those of the queues `bulk` may wait for longer."""
    for queue in queues:
        about, longest = f"jobs in {queue}", LATE_IN_BULK if queue in bulk else LATE
        waiting = [each for each in jobs if queue_of(each.job) == queue]
        oldest = max((each.oldest_seconds for each in waiting), default=0)
        if oldest > longest.total_seconds():
            found = f"{sum(each.waiting for each in waiting)} wait, the oldest for {oldest / 60:.0f} minutes"
            yield warning(about, found, to_do="see whether a worker runs, and the jobs in /admin")
        else:
            yield good(about, "nothing waits for long")
    for each in jobs:
        if each.failed:
            found = (
                f"{each.failed} failed and will be tried again; most often: {each.attempts} times, {each.last_error}"
            )
            to_do = (
                "remove the cause (the worker's log has the line `job failed`); /admin, Jobs can make it due at once"
            )
            yield warning(f"job {each.job}", found, to_do=to_do)


def judge_lag(state: State) -> Iterator[Finding]:
    """What waits for longer than it should."""
    backlog = state.backlog
    lags = (
        ("events", backlog.events_oldest_seconds, "see whether the task number_events is paused"),
        ("audit trail", backlog.audit_oldest_seconds, "see whether the task seal_audit is paused"),
    )
    for about, seconds, to_do in lags:
        if seconds > LATE.total_seconds():
            yield warning(about, f"the oldest has waited for {seconds / 60:.0f} minutes", to_do=to_do)
        else:
            yield good(about, "nothing waits for long")
    if state.days_unbilled > 1:
        found = f"the last date that a run has billed is {backlog.last_finished_run}"
        yield bad("billing", found, to_do="kist bill; then see why nudge_billing does not run")
    elif backlog.parked_loans:
        to_do = "GET /api/v1/billing/runs/{run_id}/parked gives the reasons"
        yield warning("billing", f"{backlog.parked_loans} loans could not be billed", to_do=to_do)
    else:
        yield good("billing", "no loan is parked, no date is missing")
    yield from _judge_webhooks(state)


def _judge_webhooks(state: State) -> Iterator[Finding]:
    for endpoint in state.endpoints:
        about = f"webhook {endpoint.endpoint_id}"
        if endpoint.status != "active":
            found = f"it is {endpoint.status}, and {endpoint.behind + endpoint.waiting} events wait for it"
            yield warning(about, found, to_do="PATCH its status to active when its receiver is ready")
        elif endpoint.oldest_seconds > LATE.total_seconds():
            found = f"{endpoint.waiting} deliveries wait, the oldest for {endpoint.oldest_seconds / 60:.0f} minutes"
            yield warning(about, found, to_do="its deliveries say what the receiver answers")
        else:
            yield good(about, "it gets its events")
        if endpoint.dead:
            to_do = "list them with ?status=dead, and send them again when the receiver works"
            yield warning(about, f"{endpoint.dead} dead letters", to_do=to_do)
