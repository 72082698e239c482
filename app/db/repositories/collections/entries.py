"""The diary of a customer: entries are added and never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, cast, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CollectionEntry, Loan
from app.domain.delinquency.facilities import FacilityKey
from app.domain.rulebook.kinds import ProductKind


class EntryKind(StrEnum):
    """What an entry is about."""

    NOTE = "note"
    ATTEMPT = "attempt"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_REOPENED = "promise_reopened"
    PROMISE_WITHDRAWN = "promise_withdrawn"
    ASSIGNED = "assigned"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be written. `happened_at` is that of an attempt; without it, it is the time of writing."""

    customer_id: int
    facility: FacilityKey | None
    kind: EntryKind
    text: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    happened_at: datetime | None = None


class Written(NamedTuple):
    """When, on which business date and by whom entries are written."""

    at: datetime
    on: date
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry. `loan_year` is that of the disbursal of its loan."""

    id: int
    customer_id: int
    facility: FacilityKey | None
    loan_year: int | None
    kind: EntryKind
    text: str | None
    details: Mapping[str, Any]
    happened_at: datetime
    written_at: datetime
    written_on: date
    actor: str


_NUMBERS = text("SELECT nextval('collection_entry_numbers') FROM generate_series(1, CAST(:entries AS int))")


async def add_entries(session: AsyncSession, entries: Sequence[NewEntry], written: Written) -> list[int]:
    """Writes entries, in this order. Returns their numbers."""
    if not entries:
        return []
    numbers = sorted(await session.scalars(_NUMBERS, {"entries": len(entries)}))
    rows = [
        {
            "customer_id": entry.customer_id,
            "id": number,
            "kind": None if entry.facility is None else entry.facility.kind.value,
            "facility_id": None if entry.facility is None else entry.facility.number,
            "entry": entry.kind.value,
            "text": entry.text,
            "details": dict(entry.details),
            "happened_at": entry.happened_at or written.at,
            "written_at": written.at,
            "written_on": written.on,
            "actor": written.actor,
        }
        for entry, number in zip(entries, numbers, strict=True)
    ]
    await session.execute(insert(CollectionEntry), rows)
    return numbers


async def list_entries(
    session: AsyncSession, customer_id: int, *, facility: FacilityKey | None, before: int, limit: int
) -> list[StoredEntry]:
    """The entries of a customer before a number, the newest first: all, or those of one loan or card with those that
    concern no loan or card."""
    of_loan = and_(
        CollectionEntry.kind == ProductKind.LOAN.value,
        Loan.customer_id == customer_id,
        Loan.customer_id == CollectionEntry.customer_id,
        Loan.id == CollectionEntry.facility_id,
    )
    year = cast(func.date_part("year", Loan.disbursed_on), Integer).label("loan_year")
    statement = select(*CollectionEntry.__table__.c, year).outerjoin(Loan, of_loan)
    statement = statement.where(CollectionEntry.customer_id == customer_id, CollectionEntry.id < before)
    if facility is not None:
        mine = and_(CollectionEntry.kind == facility.kind.value, CollectionEntry.facility_id == facility.number)
        statement = statement.where(mine | CollectionEntry.kind.is_(None))
    rows = await session.execute(statement.order_by(CollectionEntry.id.desc()).limit(limit))
    return [_stored(row) for row in rows]


def _stored(row: Any) -> StoredEntry:
    facility = None if row.kind is None else FacilityKey(ProductKind(row.kind), row.facility_id)
    return StoredEntry(
        id=row.id,
        customer_id=row.customer_id,
        facility=facility,
        loan_year=row.loan_year,
        kind=EntryKind(row.entry),
        text=row.text,
        details=row.details,
        happened_at=row.happened_at,
        written_at=row.written_at,
        written_on=row.written_on,
        actor=row.actor,
    )
