"""How much waits, and since when: for metrics and for `kist doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBacklog:
    """The jobs of one name that are not done: how many, how many of them have failed before, and the age of the oldest;
    of the one that has failed most often, how often (`attempts`) and why."""

    job: str
    waiting: int
    failed: int
    oldest_seconds: float
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the database. Ages are in seconds; 0 where nothing waits."""

    jobs: Sequence[JobBacklog]
    events_last_number: int
    events_unnumbered: int
    events_oldest_seconds: float
    parked_loans: int
    ranges_open: int
    last_finished_run: date | None
    audit_unsealed: int
    audit_oldest_seconds: float
    reconciled_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointBacklog:
    """What waits for a webhook endpoint: events that it was not handed yet, deliveries, and dead letters."""

    endpoint_id: int
    status: str
    behind: int
    waiting: int
    dead: int
    oldest_seconds: float
    failures: int


_BACKLOG = text(
    """
SELECT
    (SELECT coalesce(max(last_number), 0) FROM event_log) AS events_last_number,
    (SELECT count(*) FROM billing_ranges AS r JOIN billing_runs AS run ON run.id = r.run_id
     WHERE run.status = 'running' AND r.status <> 'done') AS ranges_open,
    (SELECT max(business_date) FROM billing_runs WHERE status = 'finished') AS last_finished_run,
    (SELECT count(*) FROM audit_events WHERE id > coalesce((SELECT max(last_id) FROM audit_seals), 0))
        AS audit_unsealed,
    (SELECT coalesce(extract(epoch FROM :now - min(at)), 0)::float FROM audit_events
     WHERE id > coalesce((SELECT max(last_id) FROM audit_seals), 0)) AS audit_oldest_seconds,
    (SELECT max(object_id) FROM audit_events WHERE object_kind = 'books' AND action = :reconciled) AS reconciled_on
"""
)
_JOBS = text(
    """
SELECT job, count(*) AS waiting, count(*) FILTER (WHERE attempts > 0) AS failed,
       extract(epoch FROM :now - min(created_at))::float AS oldest_seconds, max(attempts) AS attempts,
       (array_agg(last_error ORDER BY attempts DESC))[1] AS last_error
FROM outbox WHERE done_at IS NULL GROUP BY job ORDER BY job
"""
)
# What is stored with its customers is asked apart: on several servers it is on others than the tables above.
_EVENTS = text(
    """
SELECT coalesce(sum(size), 0)::bigint AS events_unnumbered,
       coalesce(extract(epoch FROM :now - min(at)), 0)::float AS events_oldest_seconds
FROM events WHERE number IS NULL
"""
)
_PARKED = text("SELECT count(*) AS parked_loans FROM parked_loans")
_ENDPOINTS = text(
    """
SELECT w.id AS endpoint_id, w.status, w.failures,
       greatest((SELECT last_number FROM event_log) - w.after_number, 0) AS behind,
       count(d.number) FILTER (WHERE d.status = 'waiting') AS waiting,
       count(d.number) FILTER (WHERE d.status = 'dead') AS dead,
       coalesce(extract(epoch FROM :now - min(d.due_since) FILTER (WHERE d.status = 'waiting')), 0)::float
           AS oldest_seconds
FROM webhook_endpoints AS w
LEFT JOIN webhook_deliveries AS d ON d.endpoint_id = w.id AND d.status IN ('waiting', 'dead')
WHERE w.status <> 'removed' GROUP BY w.id ORDER BY w.id
"""
)
_CLOCK = text("SELECT clock_timestamp()")


async def get_backlog(session: AsyncSession, *, now: datetime, reconciled: str) -> Backlog:
    """What waits. `reconciled` is the audit action that ends a reconciliation."""
    row = (await session.execute(_BACKLOG, {"now": now, "reconciled": reconciled})).mappings().one()
    events = (await session.execute(_EVENTS, {"now": now})).mappings().one()
    parked = (await session.execute(_PARKED)).mappings().one()
    jobs = [JobBacklog(**job) for job in (await session.execute(_JOBS, {"now": now})).mappings()]
    return Backlog(**row, **events, **parked, jobs=jobs)


async def list_endpoint_backlogs(session: AsyncSession, *, now: datetime) -> list[EndpointBacklog]:
    return [EndpointBacklog(**row) for row in (await session.execute(_ENDPOINTS, {"now": now})).mappings()]


async def get_database_time(session: AsyncSession) -> datetime:
    """The clock of the database server."""
    found: datetime = (await session.execute(_CLOCK)).scalar_one()
    return found
