"""Refunds: they are written once, and read when a loan is replayed. What is owed is the sum of the ledger's rows."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Refund as RefundRow
from app.db.repositories.lending.loans import LoanKey
from app.db.session import Reader
from app.db.statements import Statement
from app.domain.payments.refunds import Refund

_OWED = Statement(
    """
SELECT coalesce(sum(CASE WHEN credit = 'refund_payable' THEN amount_paise ELSE -amount_paise END), 0)::bigint AS owed
FROM transfers
WHERE customer_id = :customer_id AND loan_id = :loan_id AND 'refund_payable' IN (debit, credit)
"""
)


async def sum_owed(session: AsyncSession | Reader, key: LoanKey) -> int:
    """What a loan owes to the borrower, in paise. Read it under the loan's lock before a refund is decided."""
    row = await _OWED.find(session, customer_id=key.customer_id, loan_id=key.loan_id)
    return 0 if row is None else int(row.owed)


async def add_refund(
    session: AsyncSession, key: LoanKey, refund: Refund, *, proposal_id: int, now: datetime, actor: str
) -> None:
    """Writes a refund."""
    await session.execute(
        insert(RefundRow).values(
            customer_id=key.customer_id,
            loan_id=key.loan_id,
            id=refund.number,
            amount_paise=refund.amount_paise,
            paid_on=refund.paid_on,
            proposal_id=proposal_id,
            paid_at=now,
            actor=actor,
        )
    )


async def list_of_customer(session: AsyncSession, customer_id: int) -> dict[int, list[Refund]]:
    """All refunds of a customer's loans, in order, by the loan's number."""
    statement = select(RefundRow).where(RefundRow.customer_id == customer_id).order_by(RefundRow.id)
    found: dict[int, list[Refund]] = defaultdict(list)
    for row in (await session.execute(statement)).scalars():
        found[row.loan_id].append(Refund(number=row.id, paid_on=row.paid_on, amount_paise=row.amount_paise))
    return found


async def list_proposals(session: AsyncSession, key: LoanKey) -> dict[int | None, int]:
    """The proposal's number for the number of each refund of a loan."""
    statement = select(RefundRow.id, RefundRow.proposal_id).where(
        RefundRow.customer_id == key.customer_id, RefundRow.loan_id == key.loan_id
    )
    return {row.id: row.proposal_id for row in await session.execute(statement)}
