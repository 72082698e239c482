"""Deliveries of events to webhook endpoints, and the lanes that keep their order.

A lane is claimed by one worker at a time, under a lease. Its deliveries are sent one after the other, so the events of
a loan arrive in their order. A worker that is killed holds its lanes until the lease ends; then another one sends again
what was not noted as delivered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import WebhookDelivery
from app.domain.errors import NotFound


class DeliveryNotFound(NotFound):
    """This event was never to be sent to this endpoint. Check the number, and the types that the endpoint wants."""

    code = "webhook_delivery_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint."""

    endpoint_id: int
    number: int
    lane: int
    status: str
    attempts: int
    due_since: datetime
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


class ClaimedLane(NamedTuple):
    """A lane that this worker holds, and its first deliveries."""

    lane: int
    revision: int
    waiting: Sequence[Delivery]


class Attempt(NamedTuple):
    """What became of a delivery that was sent. `status` is that of the answer; None without one, then `error` says why.
    `next_at` is None for a dead letter."""

    number: int
    is_delivered: bool
    status: int | None
    error: str | None
    next_at: datetime | None


class WorkedLane(NamedTuple):
    """A lane after its deliveries were sent. `due_at` is when it goes on."""

    lane: int
    revision: int
    due_at: datetime


_ADD = text(
    """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:numbers AS bigint[]), CAST(:lanes AS bigint[])) AS n(number, lane)
), added AS (
    INSERT INTO webhook_deliveries (endpoint_id, number, lane, status, attempts, due_since)
    SELECT :endpoint_id, number, lane, 'waiting', 0, :now FROM wanted
    ON CONFLICT (endpoint_id, number) DO UPDATE
    SET status = 'waiting', attempts = 0, due_since = :now, delivered_at = NULL
)
INSERT INTO webhook_lanes AS l (endpoint_id, lane, revision, due_at)
SELECT DISTINCT CAST(:endpoint_id AS bigint), lane, 1, CAST(:now AS timestamptz) FROM wanted
ON CONFLICT (endpoint_id, lane) DO UPDATE SET revision = l.revision + 1
"""
)
_CLAIM = text(
    """
UPDATE webhook_lanes AS l SET claimed_by = :worker, leased_until = :until
FROM (
    SELECT lane FROM webhook_lanes
    WHERE endpoint_id = :endpoint_id AND due_at <= :now AND coalesce(leased_until, :now) <= :now
    ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
) AS due
WHERE l.endpoint_id = :endpoint_id AND l.lane = due.lane
RETURNING l.lane, l.revision
"""
)
_WAITING = text(
    """
SELECT d.* FROM unnest(CAST(:lanes AS bigint[])) AS n(lane)
CROSS JOIN LATERAL (
    SELECT * FROM webhook_deliveries
    WHERE endpoint_id = :endpoint_id AND lane = n.lane AND status = 'waiting' ORDER BY number LIMIT :limit
) AS d
ORDER BY d.lane, d.number
"""
)
_NOTE = text(
    """
UPDATE webhook_deliveries AS d
SET attempts = d.attempts + 1, last_attempt_at = :now, last_status = n.status, last_error = n.error,
    delivered_at = CASE WHEN n.result = 'delivered' THEN CAST(:now AS timestamptz) END, status = n.result
FROM unnest(
    CAST(:numbers AS bigint[]), CAST(:statuses AS smallint[]), CAST(:errors AS text[]), CAST(:results AS text[])
) AS n(number, status, error, result)
WHERE d.endpoint_id = :endpoint_id AND d.number = n.number
"""
)
# A lane with nothing left is removed, unless something was added since it was claimed.
_RELEASE = text(
    """
WITH worked AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:lanes AS bigint[]), CAST(:revisions AS int[]), CAST(:due AS timestamptz[]))
        AS n(lane, revision, due_at)
), removed AS (
    DELETE FROM webhook_lanes AS l USING worked AS n
    WHERE l.endpoint_id = :endpoint_id AND l.lane = n.lane AND l.claimed_by = :worker AND l.revision = n.revision
      AND NOT EXISTS (
        SELECT FROM webhook_deliveries AS d
        WHERE d.endpoint_id = :endpoint_id AND d.lane = n.lane AND d.status = 'waiting'
      )
    RETURNING l.lane
)
UPDATE webhook_lanes AS l SET claimed_by = NULL, leased_until = NULL, due_at = n.due_at
FROM worked AS n
WHERE l.endpoint_id = :endpoint_id AND l.lane = n.lane AND l.claimed_by = :worker
  AND n.lane NOT IN (SELECT lane FROM removed)
"""
)
_TABLE = WebhookDelivery.__table__


async def add_deliveries(
    session: AsyncSession, endpoint_id: int, wanted: Iterable[tuple[int, int]], *, now: datetime
) -> None:
    """Adds deliveries, given by number and lane. One that is there already is to be sent again."""
    pairs = list(wanted)
    if pairs:
        numbers, lanes = zip(*pairs, strict=True)
        values = {"endpoint_id": endpoint_id, "numbers": list(numbers), "lanes": list(lanes), "now": now}
        await session.execute(_ADD, values)


async def hasten_lane(session: AsyncSession, endpoint_id: int, lane: int, *, now: datetime) -> None:
    """Makes a lane due now, also if it waits after a failure."""
    statement = (
        "UPDATE webhook_lanes SET due_at = least(due_at, :now) WHERE endpoint_id = :endpoint_id AND lane = :lane"
    )
    await session.execute(text(statement), {"endpoint_id": endpoint_id, "lane": lane, "now": now})


async def count_waiting(session: AsyncSession, endpoint_id: int, *, at_most: int) -> int:
    """How many deliveries of an endpoint wait; it stops counting at `at_most`."""
    found = select(_TABLE.c.number).where(_TABLE.c.endpoint_id == endpoint_id, _TABLE.c.status == "waiting")
    statement = select(func.count()).select_from(found.limit(at_most).subquery())
    return int((await session.execute(statement)).scalar_one())


async def claim_lanes(
    session: AsyncSession, endpoint_id: int, *, worker: str, now: datetime, until: datetime, lanes: int, of_each: int
) -> list[ClaimedLane]:
    """Claims lanes that are due, with their first deliveries."""
    values: dict[str, Any] = {"endpoint_id": endpoint_id, "worker": worker, "now": now, "until": until, "limit": lanes}
    claimed: dict[int, int] = {row.lane: row.revision for row in await session.execute(_CLAIM, values)}
    waiting: dict[int, list[Delivery]] = {lane: [] for lane in claimed}
    if claimed:
        values = {"endpoint_id": endpoint_id, "lanes": list(claimed), "limit": of_each}
        for row in (await session.execute(_WAITING, values)).mappings():
            waiting[row["lane"]].append(Delivery(**row))
    return [ClaimedLane(lane, revision, waiting[lane]) for lane, revision in claimed.items()]


async def note_attempts(
    session: AsyncSession,
    endpoint_id: int,
    attempts: Sequence[Attempt],
    lanes: Sequence[WorkedLane],
    *,
    worker: str,
    now: datetime,
) -> None:
    """Stores what became of deliveries, and lets go of their lanes."""
    if attempts:
        values = {
            "endpoint_id": endpoint_id,
            "now": now,
            "numbers": [attempt.number for attempt in attempts],
            "statuses": [attempt.status for attempt in attempts],
            "errors": [attempt.error for attempt in attempts],
            "results": [_result(attempt) for attempt in attempts],
        }
        await session.execute(_NOTE, values)
    columns: dict[str, Any] = {
        "lanes": [lane.lane for lane in lanes],
        "revisions": [lane.revision for lane in lanes],
        "due": [lane.due_at for lane in lanes],
    }
    await session.execute(_RELEASE, {"endpoint_id": endpoint_id, "worker": worker, **columns})


async def forget_waiting(session: AsyncSession, endpoint_id: int) -> None:
    """Removes what waits at an endpoint that is removed."""
    for table in ("webhook_lanes", "webhook_deliveries"):
        statement = f"DELETE FROM {table} WHERE endpoint_id = :endpoint_id"  # noqa: S608 - our own tables
        await session.execute(text(statement), {"endpoint_id": endpoint_id})


async def get_delivery(session: AsyncSession, endpoint_id: int, number: int) -> Delivery:
    """A delivery. Raises DeliveryNotFound."""
    statement = select(*_TABLE.columns).where(_TABLE.c.endpoint_id == endpoint_id, _TABLE.c.number == number)
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise DeliveryNotFound("this event was never to be sent to this endpoint", field="event_id")
    return Delivery(**row)


async def list_deliveries(
    session: AsyncSession, endpoint_id: int, *, status: str | None, before: int, limit: int
) -> list[Delivery]:
    """A page of deliveries, the latest event first."""
    statement = select(*_TABLE.columns).where(_TABLE.c.endpoint_id == endpoint_id, _TABLE.c.number < before)
    if status is not None:
        statement = statement.where(_TABLE.c.status == status)
    rows = await session.execute(statement.order_by(_TABLE.c.number.desc()).limit(limit))
    return [Delivery(**row) for row in rows.mappings()]


def _result(attempt: Attempt) -> str:
    if attempt.is_delivered:
        return "delivered"
    return "dead" if attempt.next_at is None else "waiting"
