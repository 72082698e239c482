"""The history of classes, of which only the end of a belief is written later, and the present states."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import DelinquencyChange
from app.db.statements import Statement
from app.domain.delinquency.changes import Change, ChangeReason, FacilityState
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.rulebook.kinds import ProductKind

_COLUMNS = [column.name for column in DelinquencyChange.__table__.columns]
# An enum class is slow to find its member by a value.
_KINDS = {kind.value: kind for kind in ProductKind}
_CLASSES = {asset_class.value: asset_class for asset_class in AssetClass}
_STANDARD = AssetClass.STANDARD
_STANDARD_STATE = FacilityState()
_IDS = "customer_id = ANY(CAST(:customer_ids AS bigint[]))"


class StoredChange(NamedTuple):
    """A change with its number among those of its facility, and when it was believed."""

    number: int
    change: Change
    known_from: date
    known_until: date | None


_NUMBERS = Statement(
    f"SELECT customer_id, kind, facility_id, max(number) AS last FROM delinquency_changes WHERE {_IDS} "  # noqa: S608
    "GROUP BY 1, 2, 3"
)
_OF_CUSTOMER = Statement(
    f"SELECT {', '.join(_COLUMNS)} FROM delinquency_changes WHERE customer_id = :customer_id "  # noqa: S608
    "ORDER BY kind, facility_id, number"
)
_STATES = Statement(
    f"""
SELECT customer_id, kind, facility_id, asset_class, oldest_due_on, oldest_cycle, non_performing_since, by_kind,
       by_facility_id
FROM delinquencies WHERE {_IDS}
"""  # noqa: S608
)
_STATE = {
    "customer_id": "bigint",
    "kind": "text",
    "facility_id": "bigint",
    "asset_class": "text",
    "oldest_due_on": "date",
    "oldest_cycle": "smallint",
    "non_performing_since": "date",
    "by_kind": "text",
    "by_facility_id": "bigint",
}
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _STATE.items())
_PUT = Statement(
    f"""
INSERT INTO delinquencies ({", ".join(_STATE)}, suspended_paise)
SELECT n.*, 0 FROM unnest({_ARRAYS}) AS n
ON CONFLICT (customer_id, kind, facility_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in list(_STATE)[3:])}
"""  # noqa: S608 - only names of our own columns are put in
)
_CLEAR = Statement(
    f"DELETE FROM delinquencies WHERE {_IDS} AND asset_class = 'standard' AND suspended_paise = 0"  # noqa: S608
)
_END = Statement(
    """
UPDATE delinquency_changes AS c SET known_until = :known_until
FROM unnest(CAST(:kinds AS text[]), CAST(:facility_ids AS bigint[]), CAST(:numbers AS int[]))
     AS n(of_kind, of_id, place)
WHERE c.customer_id = :customer_id AND c.kind = n.of_kind AND c.facility_id = n.of_id AND c.number = n.place
"""
)


async def last_numbers(session: AsyncSession, customer_ids: Sequence[int]) -> dict[tuple[int, FacilityKey], int]:
    """The number of the latest change of each facility of these borrowers."""
    rows = await _NUMBERS.list(session, customer_ids=list(customer_ids))
    return {(customer_id, FacilityKey(_KINDS[kind], number)): last for customer_id, kind, number, last in rows}


async def list_changes(session: AsyncSession, customer_id: int) -> list[StoredChange]:
    """All changes of a borrower's facilities, also those that are no longer believed."""
    return [_stored(row) for row in await _OF_CUSTOMER.list(session, customer_id=customer_id)]


async def list_states(
    session: AsyncSession, customer_ids: Sequence[int]
) -> dict[int, dict[FacilityKey, FacilityState]]:
    """The present states of facilities that are not standard, by borrower."""
    found: dict[int, dict[FacilityKey, FacilityState]] = defaultdict(dict)
    # Columns are read by their places: a day-end reads a row for every loan that is past due.
    for row in await _STATES.list(session, customer_ids=list(customer_ids)):
        customer_id, kind, facility_id, asset_class, oldest_due_on, cycle, since, by_kind, by_id = row
        by = None if by_kind is None else FacilityKey(_KINDS[by_kind], by_id)
        state = FacilityState(_CLASSES[asset_class], oldest_due_on, cycle, since, by)
        found[customer_id][FacilityKey(_KINDS[kind], facility_id)] = state
    return found


async def copy_changes(session: AsyncSession, rows: Iterable[tuple[int, int, Change]], *, known_from: date) -> None:
    """Writes new changes: (customer, number, change). Run a statement of the session before."""
    records = [
        (
            customer_id,
            key.kind,
            key.number,
            number,
            on,
            before.asset_class,
            after.asset_class,
            after.oldest_due_on,
            after.cycle,
            after.non_performing_since,
            None if after.by is None else after.by.kind,
            None if after.by is None else after.by.number,
            reason,
            cycle,
            known_from,
            None,
        )
        for customer_id, number, (key, on, before, after, reason, cycle) in rows
    ]
    await copy_rows(session, "delinquency_changes", columns=_COLUMNS, records=records)


async def end_changes(
    session: AsyncSession, customer_id: int, ended: Sequence[tuple[FacilityKey, int]], *, known_until: date
) -> None:
    """Ends the belief in changes of a borrower, by facility and number."""
    await _END.list(
        session,
        customer_id=customer_id,
        known_until=known_until,
        kinds=[key.kind.value for key, _ in ended],
        facility_ids=[key.number for key, _ in ended],
        numbers=[number for _, number in ended],
    )


async def copy_states(session: AsyncSession, states: Mapping[tuple[int, FacilityKey], FacilityState]) -> None:
    """Writes the states of facilities that have no row: none of them is standard."""
    records = [(*_row(customer_id, key, state), 0) for (customer_id, key), state in states.items()]
    await copy_rows(session, "delinquencies", columns=[*_STATE, "suspended_paise"], records=records)


async def put_states(session: AsyncSession, states: Mapping[tuple[int, FacilityKey], FacilityState | None]) -> None:
    """Writes the present states of facilities; None is standard, or no longer on the books."""
    if not states:
        return
    rows = [_row(customer_id, key, state or _STANDARD_STATE) for (customer_id, key), state in states.items()]
    columns = zip(_STATE, zip(*rows, strict=True), strict=True)
    await _PUT.list(session, **{name: list(values) for name, values in columns})
    good = {place[0] for place, state in states.items() if state is None or state.asset_class in (None, _STANDARD)}
    if good:
        await _CLEAR.list(session, customer_ids=sorted(good))


def _row(customer_id: int, key: FacilityKey, state: FacilityState) -> tuple[Any, ...]:
    """The columns of `_STATE`. A facility that is no longer on the books is standard here."""
    asset_class, oldest_due_on, cycle, since, by = state
    by_kind, by_number = (None, None) if by is None else by
    return (
        customer_id,
        key.kind,
        key.number,
        _STANDARD if asset_class is None else asset_class,
        oldest_due_on,
        cycle,
        since,
        by_kind,
        by_number,
    )


def _key(kind: str, number: int) -> FacilityKey:
    return FacilityKey(ProductKind(kind), number)


def _by(row: Any) -> FacilityKey | None:
    return None if row.by_kind is None else _key(row.by_kind, row.by_facility_id)


def _stored(row: Any) -> StoredChange:
    before = FacilityState(None if row.class_before is None else AssetClass(row.class_before))
    after = FacilityState(
        None if row.class_after is None else AssetClass(row.class_after),
        row.oldest_due_on,
        row.oldest_cycle,
        row.non_performing_since,
        _by(row),
    )
    key = _key(row.kind, row.facility_id)
    change = Change(key, row.changed_on, before, after, ChangeReason(row.reason), row.cycle)
    return StoredChange(row.number, change, row.known_from, row.known_until)
