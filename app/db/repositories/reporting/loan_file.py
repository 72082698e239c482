"""Reads of a loan for its page: what each payment settled of each instalment, its first plan, and its later ones."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Schedule
from app.db.repositories.lending.loans import LoanKey
from app.domain.lending.positions import PlanReason
from app.domain.reporting.loan_file import MadePlan, PaidPart

FIRST_PLAN = 1

_PAID = text(
    """
SELECT a.cycle, a.payment_id, p.value_date, sum(a.amount_paise)::bigint AS amount_paise
FROM payment_allocations AS a
JOIN payments AS p ON p.customer_id = a.customer_id AND p.id = a.payment_id
WHERE a.customer_id = :customer_id AND p.customer_id = :customer_id AND a.loan_id = :loan_id AND a.cycle IS NOT NULL
  AND p.reversed_on IS NULL
GROUP BY a.cycle, a.payment_id, p.value_date
HAVING sum(a.amount_paise) <> 0
ORDER BY a.cycle, p.value_date, a.payment_id
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPrincipal:
    """The dates and the principal (paise) of the plan that a loan was made with."""

    due_on: Sequence[date]
    principal_paise: Sequence[int]


async def list_paid_parts(session: AsyncSession, key: LoanKey) -> Mapping[int, Sequence[PaidPart]]:
    """What each payment that stands settled of each instalment."""
    found: dict[int, list[PaidPart]] = defaultdict(list)
    for row in await session.execute(_PAID, {"customer_id": key.customer_id, "loan_id": key.loan_id}):
        found[row.cycle].append(PaidPart(row.payment_id, row.value_date, row.amount_paise))
    return found


async def get_first_plan(session: AsyncSession, key: LoanKey) -> FirstPrincipal:
    """The plan that a loan was made with."""
    statement = select(Schedule.due_on, Schedule.principal_paise).where(
        Schedule.customer_id == key.customer_id, Schedule.loan_id == key.loan_id, Schedule.version == FIRST_PLAN
    )
    return FirstPrincipal(**(await session.execute(statement)).mappings().one())


async def list_versions(session: AsyncSession, key: LoanKey) -> list[MadePlan]:
    """Every version of a loan's plan, the oldest first: when it was made, why, and its instalment."""
    statement = (
        select(Schedule.version, Schedule.made_on, Schedule.reason, Schedule.emi_paise)
        .where(Schedule.customer_id == key.customer_id, Schedule.loan_id == key.loan_id)
        .order_by(Schedule.version)
    )
    rows = await session.execute(statement)
    return [MadePlan(row.version, row.made_on, PlanReason(row.reason), row.emi_paise) for row in rows]
