"""The arrears of many borrowers at once, as their bills stand now: what a day-end is judged by."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import Statement

# A bill that was paid by its due date was never past due. Nothing changes for what was written off: loss stays.
_CUSTOMERS = Statement(
    """
SELECT customer_id FROM bills
WHERE due_on <= :through AND (CAST(:after AS date) IS NULL OR due_on > :after)
  AND (settled_on IS NULL OR settled_on > due_on)
UNION
SELECT customer_id FROM delinquencies WHERE asset_class <> 'loss'
UNION
SELECT customer_id FROM reported_facilities
WHERE known_until IS NULL
  AND EXISTS (SELECT FROM unnest(due_on, cleared_on) AS arrear(due, cleared)
              WHERE due <= :through AND (cleared IS NULL OR CAST(:after AS date) IS NULL OR cleared > :after))
UNION
SELECT customer_id FROM loan_changes
WHERE kind = 'restructure' AND made_on <= :through AND (CAST(:after AS date) IS NULL OR made_on > :after)
UNION
SELECT customer_id FROM loans WHERE status = 'written_off' AND (CAST(:after AS date) IS NULL OR closed_on > :after)
ORDER BY customer_id
"""
)
_LOANS = Statement(
    """
SELECT customer_id, id, status, disbursed_on, closed_on, product_code, product_version
FROM loans
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))
  AND (status <> 'closed' OR CAST(:after AS date) IS NULL OR closed_on > :after)
"""
)
_ARREARS = Statement(
    """
SELECT customer_id, loan_id, cycle, due_on, settled_on, closed_on,
       unpaid_interest_paise + unpaid_principal_paise AS owed_paise,
       charges_paise + unpaid_charges_paise > 0 AS is_charged
FROM bills
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND due_on <= :through
  AND (settled_on IS NULL OR (settled_on > due_on AND (CAST(:after AS date) IS NULL OR settled_on > :after)))
ORDER BY customer_id, loan_id, due_on, cycle
"""
)


async def list_customers(session: AsyncSession, *, after: date | None, through: date) -> list[int]:
    """The borrowers who are past due, or whose class may change, at a day-end after `after`, through `through`."""
    return [row.customer_id for row in await _CUSTOMERS.list(session, after=after, through=through)]


async def list_loans(session: AsyncSession, customer_ids: Sequence[int], *, after: date | None) -> Sequence[Any]:
    """The loans of borrowers that were on the books after a day-end."""
    return await _LOANS.list(session, customer_ids=list(customer_ids), after=after)


async def list_arrears(
    session: AsyncSession, customer_ids: Sequence[int], *, after: date | None, through: date
) -> Sequence[Any]:
    """The bills that were due and unpaid at some day-end after `after`, the oldest of each loan first: customer, loan,
    cycle, its due date, when it was settled and closed, what is owed in paise, and whether it had charges."""
    return await _ARREARS.list(session, customer_ids=list(customer_ids), after=after, through=through)
