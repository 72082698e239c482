"""The audit trail: events that say who did what to which object, and the seals over them.

An event is written in the transaction of its action.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypedDict

import orjson
from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.arrays import to_arrays, unnest_arrays
from app.db.models import AuditEvent, AuditSeal
from app.db.statements import Statement
from app.domain.operations.audit import Event, Seal

#: Events that are in memory at a time while the trail is read.
STREAMED = 1_000

# An INSERT takes this lock before it takes its number, and releases it when its transaction has ended.
WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'audit_events'::regclass AND pid IS DISTINCT FROM pg_backend_pid()"
)
LAST_NUMBER = text("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'id')::regclass), 0)")

# `details` is read as text, so that the seal covers exactly what the database holds.
EVENT = select(
    AuditEvent.id,
    AuditEvent.at,
    AuditEvent.actor,
    AuditEvent.action,
    AuditEvent.object_kind,
    AuditEvent.object_id,
    AuditEvent.customer_id,
    AuditEvent.request_id,
    AuditEvent.client_address,
    cast(AuditEvent.details, Text).label("details"),
).order_by(AuditEvent.id)
SEAL = select(*AuditSeal.__table__.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events to list; None does not limit. If `object_id` is a public id, `named` is the kind and number of the
    object; its events are listed too."""

    actor: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    customer_id: int | None = None
    named: tuple[str, int] | None = None

    def has_index(self) -> bool:
        """Whether the events of the filter are found without passing over others. Those of an object have an index; one
        more would cost each payment, and is not worth it for who looks for an actor."""
        nothing = (self.actor, self.action, self.object_kind, self.customer_id) == (None, None, None, None)
        return self.object_id is not None or nothing


class Trace(TypedDict):
    """What all events of one unit of work have in common: when, by whom, in which request and from where."""

    at: datetime
    actor: str
    request_id: str | None
    client_address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did to an object, to be written with their trace."""

    action: str
    object_kind: str
    object_id: str
    trace: Trace
    customer_id: int | None = None
    details: dict[str, Any] | None = None


#: The columns of an event that is written, with the types in which arrays of them travel.
_WRITTEN: Final = {
    "at": "timestamptz", "actor": "text", "action": "text", "object_kind": "text", "object_id": "text",
    "customer_id": "bigint", "request_id": "text", "client_address": "text", "details": "jsonb",
}  # fmt: skip
#: Writes events from an array a column. It is a part of the statements that write what a group of requests did.
INSERT_ACTS: Final = (
    f"INSERT INTO audit_events ({', '.join(_WRITTEN)}) "  # noqa: S608 - only names of our own columns are put in
    f"SELECT n.* FROM {unnest_arrays('act', _WRITTEN)}"
)
_ADD = Statement(
    """
INSERT INTO audit_events (at, actor, action, object_kind, object_id, customer_id, request_id, client_address, details)
VALUES (:at, :actor, :action, :object_kind, :object_id, :customer_id, :request_id, :client_address,
        CAST(:details AS jsonb))
"""
)


async def add_event(session: AsyncSession, act: Act) -> None:
    """Writes one event."""
    await _ADD.list(
        session,
        action=act.action,
        object_kind=act.object_kind,
        object_id=act.object_id,
        customer_id=act.customer_id,
        details=orjson.dumps(act.details or {}).decode(),
        **act.trace,
    )


def act_columns(acts: Sequence[Act]) -> dict[str, list[Any]]:
    """The values of `INSERT_ACTS`."""
    rows = (
        [
            act.trace["at"], act.trace["actor"], act.action, act.object_kind, act.object_id, act.customer_id,
            act.trace["request_id"], act.trace["client_address"], orjson.dumps(act.details or {}).decode(),
        ]
        for act in acts
    )  # fmt: skip
    return to_arrays("act", _WRITTEN, rows)


async def has_event(session: AsyncSession, *, action: str, object_kind: str, object_id: str) -> bool:
    """Whether there is an event of this action on this object."""
    statement = select(AuditEvent.id).where(
        AuditEvent.object_kind == object_kind, AuditEvent.object_id == object_id, AuditEvent.action == action
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def has_event_since(
    session: AsyncSession, *, action: str, object_kind: str, object_id: str, actor: str, since: datetime
) -> bool:
    """Whether there is an event of this action of this actor on this object, from an instant on."""
    statement = select(AuditEvent.id).where(
        AuditEvent.object_kind == object_kind,
        AuditEvent.object_id == object_id,
        AuditEvent.action == action,
        AuditEvent.actor == actor,
        AuditEvent.at > since,
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def list_events(
    session: AsyncSession, wanted: EventFilter, *, before: int, down_to: int = 0, limit: int
) -> Sequence[AuditEvent]:
    """Events with numbers below `before` and from `down_to` on, the latest first."""
    statement = select(AuditEvent).where(AuditEvent.id < before, AuditEvent.id >= down_to)
    for name in ("actor", "action", "object_kind", "customer_id"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(getattr(AuditEvent, name) == value)
    if wanted.object_id is not None:
        is_object = AuditEvent.object_id == wanted.object_id
        if wanted.named is not None:
            kind, number = wanted.named
            is_object |= (AuditEvent.object_kind == kind) & (AuditEvent.object_id == str(number))
        statement = statement.where(is_object)
    return (await session.execute(statement.order_by(AuditEvent.id.desc()).limit(limit))).scalars().all()


# --- sealing ---------------------------------------------------------------------------------------------------------


async def find_last_number(session: AsyncSession) -> int:
    """The highest number that an event was ever given, whether its transaction has ended or not; 0 without any."""
    return int((await session.execute(LAST_NUMBER)).scalar_one())


async def list_writers(session: AsyncSession) -> frozenset[str]:
    """The transactions that have written events, or are about to, and have not ended."""
    return frozenset((await session.execute(WRITERS)).scalars())


async def list_unsealed(session: AsyncSession, *, after: int, up_to: int, limit: int) -> list[Event]:
    """The events with numbers above `after` up to `up_to`, in order."""
    rows = await session.execute(EVENT.where(AuditEvent.id > after, AuditEvent.id <= up_to).limit(limit))
    return [Event(**row) for row in rows.mappings()]


async def find_last_seal(session: AsyncSession) -> Seal | None:
    row = (await session.execute(SEAL.order_by(AuditSeal.number.desc()).limit(1))).mappings().one_or_none()
    return None if row is None else Seal(**row)


async def add_seal(session: AsyncSession, seal: Seal) -> bool:
    """Writes the next seal. Returns False if another transaction has written it."""
    statement = insert(AuditSeal).values(**asdict(seal)).on_conflict_do_nothing().returning(AuditSeal.number)
    return (await session.execute(statement)).scalar_one_or_none() is not None


# --- verifying -------------------------------------------------------------------------------------------------------


async def list_seals(session: AsyncSession, *, after: int, limit: int) -> list[Seal]:
    """Seals in the order of their numbers."""
    rows = await session.execute(SEAL.where(AuditSeal.number > after).order_by(AuditSeal.number).limit(limit))
    return [Seal(**row) for row in rows.mappings()]


async def each_event(session: AsyncSession, *, after: int | None, up_to: int) -> AsyncIterator[Event]:
    """The events with numbers above `after` up to `up_to`, in order; from the first one on if `after` is None."""
    statement = EVENT.where(AuditEvent.id <= up_to)
    if after is not None:
        statement = statement.where(AuditEvent.id > after)
    rows = await session.stream(statement.execution_options(yield_per=STREAMED))
    async for row in rows.mappings():
        yield Event(**row)


async def count_seals(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).select_from(AuditSeal))).scalar_one())


async def find_unsealed(session: AsyncSession, *, after: int) -> tuple[int, datetime | None]:
    """How many events have no seal yet, and when the oldest of them happened."""
    statement = select(func.count(), func.min(AuditEvent.at)).where(AuditEvent.id > after)
    count, oldest = (await session.execute(statement)).one()
    return int(count), oldest
