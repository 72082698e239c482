"""The arrears of cards, as their own books report them. A version is written once; the next one ends it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

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
UPDATE reported_facilities SET known_until = :known_from
WHERE customer_id = :customer_id AND kind = :kind AND facility_id = :facility_id AND known_until IS NULL
"""
)
_ADD = Statement(
    f"""
INSERT INTO reported_facilities ({_COLUMNS})
VALUES (:customer_id, :kind, :facility_id, :version, :opened_on, :closed_on, :lost_on, :cycles, :due_on, :cleared_on,
        :known_from, NULL)
"""  # noqa: S608
)


async def list_versions(session: AsyncSession, customer_id: int) -> list[ReportedFacility]:
    """Every version of what was reported of a borrower's facilities."""
    return [_reported(row) for row in await _OF_CUSTOMER.list(session, customer_id=customer_id)]


async def list_present(session: AsyncSession, customer_ids: Sequence[int]) -> dict[int, list[Facility]]:
    """The facilities of borrowers as they are reported now."""
    found: dict[int, list[Facility]] = defaultdict(list)
    for row in await _PRESENT.list(session, customer_ids=list(customer_ids)):
        found[row.customer_id].append(_reported(row).facility)
    return found


async def add_version(
    session: AsyncSession, customer_id: int, facility: Facility, *, version: int, known_from: date
) -> None:
    """Writes what is reported of a facility from now on."""
    key = {"customer_id": customer_id, "kind": facility.key.kind.value, "facility_id": facility.key.number}
    await _END.list(session, **key, known_from=known_from)
    await _ADD.list(
        session,
        **key,
        version=version,
        opened_on=facility.opened_on,
        closed_on=facility.closed_on,
        lost_on=facility.lost_on,
        cycles=[arrear.cycle for arrear in facility.arrears],
        due_on=[arrear.due_on for arrear in facility.arrears],
        cleared_on=[arrear.cleared_on for arrear in facility.arrears],
        known_from=known_from,
    )


def _reported(row: Any) -> ReportedFacility:
    facility = Facility(
        key=FacilityKey(ProductKind(row.kind), row.facility_id),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        lost_on=row.lost_on,
        arrears=tuple(Arrear(*values) for values in zip(row.cycles, row.due_on, row.cleared_on, strict=True)),
    )
    return ReportedFacility(row.version, facility, row.known_from, row.known_until)
