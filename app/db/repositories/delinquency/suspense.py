"""Which loans have interest to be moved into suspense or out of it, and how much is there."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.lending.loans import LoanKey

# The interest that is billed today differs from that of the judged day-end, so a loan may be looked at in vain. The
# first condition on the sums says nothing new: it spares the look at the loans of all who are only past due.
_TO_MOVE = text(
    """
SELECT d.customer_id, d.facility_id FROM delinquencies AS d
JOIN loans AS l ON l.customer_id = d.customer_id AND l.id = d.facility_id
WHERE d.kind = 'loan' AND (d.non_performing_since IS NOT NULL OR d.suspended_paise <> 0)
  AND d.suspended_paise <> CASE WHEN d.non_performing_since IS NULL THEN 0 ELSE greatest(l.interest_paise, 0) END
ORDER BY d.customer_id, d.facility_id
"""
)
_MOVED = text(
    """
SELECT facility_id FROM delinquencies WHERE customer_id = :customer_id AND kind = 'loan'
UNION
SELECT loan_id FROM transfers WHERE customer_id = :customer_id AND component = 'interest_suspense'
ORDER BY 1
"""
)
_PUT = text(
    """
UPDATE delinquencies SET suspended_paise = :paise
WHERE customer_id = :customer_id AND kind = 'loan' AND facility_id = :loan_id
"""
)
_CLEAR = text(
    """
DELETE FROM delinquencies
WHERE customer_id = :customer_id AND kind = 'loan' AND facility_id = :loan_id
  AND asset_class = 'standard' AND suspended_paise = 0
"""
)


async def list_to_move(session: AsyncSession) -> list[LoanKey]:
    """The loans whose suspense is not the interest that they owe as non-performing."""
    return [LoanKey(*row) for row in await session.execute(_TO_MOVE)]


async def list_moved(session: AsyncSession, customer_id: int) -> list[LoanKey]:
    """The loans of a borrower that are not standard, or that had interest in suspense."""
    rows = await session.scalars(_MOVED, {"customer_id": customer_id})
    return [LoanKey(customer_id, loan_id) for loan_id in rows]


async def put_suspended(session: AsyncSession, key: LoanKey, *, paise: int) -> None:
    """Writes how much interest of a loan is in suspense. A standard loan without suspense leaves the list."""
    place = {"customer_id": key.customer_id, "loan_id": key.loan_id}
    await session.execute(_PUT, place | {"paise": paise})
    await session.execute(_CLEAR, place)
