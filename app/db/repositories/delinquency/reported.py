"""The arrears of cards, as their own books report them. A version is written once; the next one ends it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.statements import Statement
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.rulebook.kinds import ProductKind


class ReportedFacility(NamedTuple):
    """A version of what was reported of a facility, and when it was believed."""

    version: int
    facility: Facility
    known_from: date
    known_until: date | None


_COLUMNS = (
    "customer_id, kind, facility_id, version, opened_on, closed_on, lost_on, cycles, due_on, cleared_on, known_from, "
    "known_until"
)
_OF_CUSTOMER = Statement(
    f"SELECT {_COLUMNS} FROM reported_facilities WHERE customer_id = :customer_id "  # noqa: S608
    "ORDER BY kind, facility_id, version"
)
_PRESENT = Statement(
    f"SELECT {_COLUMNS} FROM reported_facilities "  # noqa: S608
    "WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND known_until IS NULL"
)
_END = Statement(
    """
UPDATE reported_facilities AS r SET known_until = :known_from
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:facility_ids AS bigint[]))
     AS n(customer_id, kind, facility_id)
WHERE r.customer_id = n.customer_id AND r.kind = n.kind AND r.facility_id = n.facility_id AND r.known_until IS NULL
  AND r.customer_id = ANY(CAST(:customer_ids AS bigint[]))
"""
)


async def list_versions(session: AsyncSession, customer_id: int) -> list[ReportedFacility]:
    """Every version of what was reported of a borrower's facilities."""
    return [_reported(row) for row in await _OF_CUSTOMER.list(session, customer_id=customer_id)]


async def list_present(session: AsyncSession, customer_ids: Sequence[int]) -> dict[int, list[ReportedFacility]]:
    """The facilities of borrowers as they are reported now. The version of each says how many there were."""
    found: dict[int, list[ReportedFacility]] = defaultdict(list)
    for row in await _PRESENT.list(session, customer_ids=list(customer_ids)):
        found[row.customer_id].append(_reported(row))
    return found


class NewVersion(NamedTuple):
    """What is reported of a borrower's facility from now on."""

    customer_id: int
    facility: Facility
    version: int


async def add_versions(session: AsyncSession, new: Sequence[NewVersion], *, known_from: date) -> None:
    """Writes what is reported of facilities from now on, and ends what was reported before. Run a statement before."""
    if not new:
        return
    await _END.list(
        session,
        customer_ids=[one.customer_id for one in new],
        kinds=[one.facility.key.kind.value for one in new],
        facility_ids=[one.facility.key.number for one in new],
        known_from=known_from,
    )
    records = [
        (
            one.customer_id,
            one.facility.key.kind.value,
            one.facility.key.number,
            one.version,
            one.facility.opened_on,
            one.facility.closed_on,
            one.facility.lost_on,
            [arrear.cycle for arrear in one.facility.arrears],
            [arrear.due_on for arrear in one.facility.arrears],
            [arrear.cleared_on for arrear in one.facility.arrears],
            known_from,
            None,
        )
        for one in new
    ]
    await copy_rows(session, "reported_facilities", columns=_COLUMNS.split(", "), records=records)


def _reported(row: Any) -> ReportedFacility:
    facility = Facility(
        key=FacilityKey(ProductKind(row.kind), row.facility_id),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        lost_on=row.lost_on,
        arrears=tuple(Arrear(*values) for values in zip(row.cycles, row.due_on, row.cleared_on, strict=True)),
    )
    return ReportedFacility(row.version, facility, row.known_from, row.known_until)
