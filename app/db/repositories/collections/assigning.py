"""Who is in charge of cases: one case, or many that a filter finds."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.collections.cases import keys_statement
from app.db.statements import Statement
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.delinquency.facilities import FacilityKey
from app.domain.rulebook.kinds import ProductKind


class CaseKey(NamedTuple):
    """The key of a case: its customer and its loan or card."""

    customer_id: int
    facility: FacilityKey


# Only cases that are open, and in the charge of somebody else: the others are left as they are.
_ASSIGN = Statement(
    """
UPDATE collection_cases AS c SET officer_id = n.officer, assigned_at = CAST(:now AS timestamptz)
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:facility_ids AS bigint[]),
            CAST(:officers AS bigint[])) AS n(of_customer, of_kind, of_id, officer)
WHERE c.customer_id = n.of_customer AND c.kind = n.of_kind AND c.facility_id = n.of_id AND c.closed_on IS NULL
  AND c.customer_id = ANY(CAST(:customer_ids AS bigint[])) AND c.officer_id IS DISTINCT FROM n.officer
RETURNING c.customer_id, c.kind, c.facility_id
"""
)


async def list_keys(
    session: AsyncSession, wanted: CaseFilter, *, sort: CaseSort, judged: date, limit: int
) -> list[CaseKey]:
    """The keys of the first cases of a list."""
    rows = await session.execute(keys_statement(wanted, sort=sort, judged=judged, limit=limit))
    return [_key(row) for row in rows]


async def assign(session: AsyncSession, officers: Mapping[CaseKey, int | None], *, now: datetime) -> list[CaseKey]:
    """Gives each case to an officer (None: to nobody). Returns the cases that changed hands."""
    if not officers:
        return []
    keys: Sequence[CaseKey] = list(officers)
    rows = await _ASSIGN.list(
        session,
        now=now,
        customer_ids=[key.customer_id for key in keys],
        kinds=[key.facility.kind.value for key in keys],
        facility_ids=[key.facility.number for key in keys],
        officers=[officers[key] for key in keys],
    )
    return [_key(row) for row in rows]


def _key(row: Any) -> CaseKey:
    return CaseKey(row.customer_id, FacilityKey(ProductKind(row.kind), row.facility_id))
