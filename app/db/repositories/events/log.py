"""The log of events: written in the transaction of what happened, numbered afterwards, read in order.

A number is given after the commit, because transactions commit out of order: a reader that has seen number 8 would
never look for a 7 that is committed later. One statement at a time numbers what is committed, without gaps, so whoever
has read up to a number has read everything up to it (decision 0030).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.session import Reader
from app.db.statements import Statement
from app.domain.events.happened import Event, EventBatch
from app.tracing import traceparent

#: The columns of an event that is written, with the types in which arrays of them travel.
WRITTEN: Final = {
    "customer_id": "bigint",
    "loan_id": "bigint",
    "type": "text",
    "version": "smallint",
    "size": "int",
    "at": "timestamptz",
    "business_date": "date",
    "data": "jsonb",
    "traceparent": "text",
}
_SELECTED = ", ".join(f"CAST(:event_{name} AS {kind}[])" for name, kind in WRITTEN.items())
#: Writes events from an array a column. `decisions.py` makes it a part of the statement that writes payments.
INSERT_EVENTS: Final = (
    f"INSERT INTO events ({', '.join(WRITTEN)}) "  # noqa: S608 - only names of our own columns are put in
    f"SELECT n.* FROM unnest({_SELECTED}) AS n({', '.join(WRITTEN)})"
)
_ADD = Statement(INSERT_EVENTS)


class StoredEvent(NamedTuple):
    """A row of the log. `number` is that of its first event."""

    number: int
    size: int
    type: str
    version: int
    customer_id: int
    loan_id: int | None
    at: datetime
    business_date: date
    data: dict[str, Any]
    traceparent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When the events of a transaction happened."""

    at: datetime
    business_date: date


#: The columns of a batch are stored as one text within the document: PostgreSQL would read and write each number of
#: thousands of events, which takes three times as long.
_COLUMNS: Final = "columns"


def _document(event: Event) -> Mapping[str, Any]:
    if not isinstance(event, EventBatch):
        return event.data
    return {_COLUMNS: orjson.dumps(event.data).decode()}


def _stored(row: Sequence[Any]) -> StoredEvent:
    stored = StoredEvent(*row)
    columns = stored.data.get(_COLUMNS)
    return stored if columns is None else stored._replace(data=orjson.loads(columns))


def event_record(event: Event, moment: Moment) -> tuple[Any, ...]:
    """An event as a row of the columns `WRITTEN`."""
    return (
        event.customer_id,
        event.loan_id,
        event.type._value_,
        event.version,
        event.size,
        moment.at,
        moment.business_date,
        orjson.dumps(_document(event)).decode(),
        traceparent(),
    )


def event_columns(events: Sequence[Event], moment: Moment | None) -> dict[str, list[Any]]:
    """The values of `INSERT_EVENTS`. `moment` may be None where there are no events."""
    if not events:
        return {f"event_{name}": [] for name in WRITTEN}
    assert moment is not None, "events have happened at a moment"
    columns = zip(WRITTEN, zip(*[event_record(event, moment) for event in events], strict=True), strict=True)
    return {f"event_{name}": list(values) for name, values in columns}


async def add_events(session: AsyncSession, events: Sequence[Event], moment: Moment) -> None:
    """Writes a few events, in this order."""
    if events:
        await _ADD.list(session, **event_columns(events, moment))


async def copy_events(session: AsyncSession, events: Sequence[Event], moment: Moment) -> None:
    """The same by COPY, for the events of a range of a billing run."""
    await copy_event_records(session, [event_record(event, moment) for event in events])


async def copy_event_records(session: AsyncSession, records: Sequence[tuple[Any, ...]]) -> None:
    """The same for events that `event_record` has made rows of."""
    await copy_rows(session, "events", columns=list(WRITTEN), records=records)


# --- numbering ------------------------------------------------------------------------------------------------------

# The row is locked until the numbers are committed, so they are given by one transaction after the other, and a reader
# that sees the numbers of one sees those of all before it. Whoever finds it locked leaves the work to the other.
_LOCK_END = text("SELECT last_number FROM event_log WHERE id = 1 FOR UPDATE SKIP LOCKED")
# The order is that in which the rows were written. Two transactions that write events of one loan hold the loan's lock
# one after the other, so the order of a loan's events is the order of its changes.
_NUMBER = text(
    """
WITH fresh AS MATERIALIZED (
    SELECT customer_id, id, size FROM events WHERE number IS NULL ORDER BY id LIMIT :limit
), placed AS MATERIALIZED (
    SELECT customer_id, id, CAST(:last AS bigint) + 1 + sum(size) OVER (ORDER BY id) - size AS first FROM fresh
), numbered AS (
    UPDATE events AS e SET number = p.first FROM placed AS p WHERE e.customer_id = p.customer_id AND e.id = p.id
    RETURNING e.size
)
SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS events FROM numbered
"""
)
_MOVE_END = text("UPDATE event_log SET last_number = :to WHERE id = 1 AND last_number = :last RETURNING last_number")


class Numbered(NamedTuple):
    """How many rows were numbered, how many events they hold, and the number of the last one."""

    rows: int
    events: int
    last_number: int


async def number_events(session: AsyncSession, *, limit: int) -> Numbered | None:
    """Numbers up to `limit` rows that are committed and have no number. None if somebody else is numbering."""
    last = (await session.execute(_LOCK_END)).scalar_one_or_none()
    if last is None:
        return None
    rows, events = (await session.execute(_NUMBER, {"last": last, "limit": limit})).one()
    if not rows:
        return Numbered(0, 0, last)
    to = (await session.execute(_MOVE_END, {"last": last, "to": last + events})).scalar_one()
    return Numbered(rows, events, to)


# --- reading --------------------------------------------------------------------------------------------------------

_END = Statement("SELECT last_number FROM event_log WHERE id = 1")
# The first row may hold some events that the reader has had already. Rows are read until they hold enough events: the
# data of a row with thousands of events is large.
_AFTER = Statement(
    """
SELECT number, size, type, version, customer_id, loan_id, at, business_date, data, traceparent FROM (
    SELECT *, sum(fresh) OVER (ORDER BY number) - fresh AS before FROM (
        SELECT *, least(size, number + size - 1 - CAST(:after AS bigint)) AS fresh FROM events
        WHERE number >= coalesce(
            (SELECT number FROM events WHERE number <= CAST(:after AS bigint) + 1 ORDER BY number DESC LIMIT 1), 1
        ) AND number + size > CAST(:after AS bigint) + 1 AND number <= :end
          AND (cardinality(CAST(:types AS text[])) = 0 OR type = ANY(CAST(:types AS text[])))
        ORDER BY number LIMIT CAST(:limit AS bigint)
    ) AS found
) AS counted WHERE before < CAST(:limit AS bigint) ORDER BY number
"""
)
_HOLDING = Statement(
    """
SELECT number, size, type, version, customer_id, loan_id, at, business_date, data, traceparent FROM events
WHERE number IN (
    SELECT (SELECT e.number FROM events AS e WHERE e.number <= n.number ORDER BY e.number DESC LIMIT 1)
    FROM unnest(CAST(:numbers AS bigint[])) AS n(number)
) ORDER BY number
"""
)
_BILLS = Statement(
    """
SELECT b.customer_id, b.loan_id, b.cycle, b.from_on, b.billed_on, b.due_on, b.booked_on, b.opening_principal_paise,
       b.interest_paise, b.principal_due_paise, b.past_due_paise, b.total_due_paise, b.minimum_due_paise,
       b.schedule_version, b.charges_paise, l.disbursed_on
FROM unnest(CAST(:customers AS bigint[]), CAST(:loans AS bigint[]), CAST(:cycles AS smallint[]))
     AS n(customer_id, loan_id, cycle)
JOIN bills AS b ON b.customer_id = n.customer_id AND b.loan_id = n.loan_id AND b.cycle = n.cycle
JOIN loans AS l ON l.customer_id = n.customer_id AND l.id = n.loan_id
WHERE b.customer_id = ANY(CAST(:customers AS bigint[])) AND l.customer_id = ANY(CAST(:customers AS bigint[]))
"""
)
_CLASSES = Statement(
    """
SELECT c.customer_id, c.kind, c.facility_id, c.number, c.changed_on, c.class_before, c.class_after, c.oldest_due_on,
       c.oldest_cycle, c.non_performing_since, c.reason, coalesce(l.disbursed_on, c.changed_on) AS opened_on
FROM unnest(CAST(:customers AS bigint[]), CAST(:kinds AS text[]), CAST(:facilities AS bigint[]),
            CAST(:numbers AS int[])) AS n(customer_id, kind, facility_id, number)
JOIN delinquency_changes AS c ON c.customer_id = n.customer_id AND c.kind = n.kind
    AND c.facility_id = n.facility_id AND c.number = n.number
LEFT JOIN loans AS l ON l.customer_id = c.customer_id AND l.id = c.facility_id AND c.kind = 'loan'
    AND l.customer_id = ANY(CAST(:customers AS bigint[]))
WHERE c.customer_id = ANY(CAST(:customers AS bigint[]))
"""
)


async def find_end(session: AsyncSession | Reader) -> int:
    """The number of the last event; 0 without any."""
    return int((await _END.find(session)).last_number)


async def list_after(
    session: AsyncSession | Reader, *, after: int, end: int, types: Sequence[str], limit: int
) -> list[StoredEvent]:
    """Rows that hold events with numbers above `after` up to `end`, in order: all types, or these."""
    rows = await _AFTER.list(session, after=after, end=end, types=list(types), limit=limit)
    return [_stored(row) for row in rows]


async def list_holding(session: AsyncSession | Reader, numbers: Sequence[int]) -> list[StoredEvent]:
    """The rows that hold the events with these numbers, in order."""
    rows = await _HOLDING.list(session, numbers=list(numbers))
    return [_stored(row) for row in rows]


class BillKey(NamedTuple):
    """A bill."""

    customer_id: int
    loan_id: int
    cycle: int


class BillFacts(NamedTuple):
    """A bill's columns as it was issued, and the day on which its loan was disbursed."""

    bill: Sequence[Any]
    disbursed_on: date


async def list_bills(session: AsyncSession | Reader, keys: Sequence[BillKey]) -> dict[BillKey, BillFacts]:
    """The bills that events name."""
    if not keys:
        return {}
    customers, loans, cycles = (list(column) for column in zip(*keys, strict=True))
    rows = await _BILLS.list(session, customers=customers, loans=loans, cycles=cycles)
    return {BillKey(row[0], row[1], row[2]): BillFacts(tuple(row)[2:-1], row[-1]) for row in rows}


class ClassKey(NamedTuple):
    """A change of a facility's class."""

    customer_id: int
    kind: str
    facility_id: int
    number: int


async def list_classes(session: AsyncSession | Reader, keys: Sequence[ClassKey]) -> dict[ClassKey, Any]:
    """The changes of classes that events name, each with the day on which its loan was disbursed."""
    if not keys:
        return {}
    customers, kinds, facilities, numbers = (list(column) for column in zip(*keys, strict=True))
    rows = await _CLASSES.list(session, customers=customers, kinds=kinds, facilities=facilities, numbers=numbers)
    return {ClassKey(*row[:4]): row for row in rows}
