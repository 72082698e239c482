"""Plans in the database: one immutable row a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, Schedule
from app.db.repositories.lending.loans import LoanKey, LoanNotFound
from app.domain.lending.positions import PlanReason, PlanVersion, Position
from app.domain.payments.life import Replanned

# Element k of each array is instalment k. The plan before may have ended earlier than the bills, where a loan that was
# prepaid or closed is open again: what it has no instalments for is filled up with rows of nothing, which have bills.
_ADD_PLAN = text(
    """
INSERT INTO schedules (customer_id, loan_id, version, made_on, reason, first_planned, after_payment_id,
                       emi_paise, due_on, principal_paise, interest_paise)
SELECT n.customer_id, n.loan_id, n.version, :made_on, :reason, n.first_planned, :after_payment_id, :emi_paise,
       coalesce(p.due_on[: n.first_planned - 1], '{}')
           || array_fill(CAST(:made_on AS date), ARRAY[n.first_planned - 1 - kept.rows]) || CAST(:due_on AS date[]),
       coalesce(p.principal_paise[: n.first_planned - 1], '{}')
           || array_fill(0::bigint, ARRAY[n.first_planned - 1 - kept.rows]) || CAST(:principal_paise AS bigint[]),
       coalesce(p.interest_paise[: n.first_planned - 1], '{}')
           || array_fill(0::bigint, ARRAY[n.first_planned - 1 - kept.rows]) || CAST(:interest_paise AS bigint[])
FROM (SELECT CAST(:customer_id AS bigint) AS customer_id, CAST(:loan_id AS bigint) AS loan_id,
             CAST(:version AS int) AS version, CAST(:first_planned AS int) AS first_planned) AS n
LEFT JOIN schedules AS p
    ON p.customer_id = n.customer_id AND p.loan_id = n.loan_id AND p.version = n.version - 1
CROSS JOIN LATERAL (
    SELECT least(coalesce(cardinality(p.due_on), 0), n.first_planned - 1) AS rows
) AS kept
"""
)


async def add_plans(session: AsyncSession, position: Position, plans: Sequence[PlanVersion]) -> None:
    """Writes new versions of a plan: the instalments billed before stand as they were, the others are the new ones."""
    for plan in plans:
        await session.execute(
            _ADD_PLAN,
            {
                "customer_id": position.customer_id,
                "loan_id": position.loan_id,
                "version": plan.version,
                "made_on": plan.made_on,
                "reason": plan.reason.value,
                "first_planned": plan.first_planned,
                "after_payment_id": plan.after_payment_id,
                "emi_paise": plan.emi_paise,
                "due_on": list(plan.plan.due_on),
                "principal_paise": list(plan.plan.principal_paise),
                "interest_paise": list(plan.plan.interest_paise),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """Which version of a plan it is."""

    version: int
    made_on: date
    reason: str


async def get_schedule(session: AsyncSession, key: LoanKey) -> StoredSchedule:
    """The version in force. Raises LoanNotFound."""
    same_loan = (Schedule.customer_id == Loan.customer_id) & (Schedule.loan_id == Loan.id)
    statement = (
        select(Schedule.version, Schedule.made_on, Schedule.reason)
        .join(Loan, same_loan & (Schedule.version == Loan.schedule_version))
        .where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id)
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return StoredSchedule(**row)


async def list_replanned(session: AsyncSession, key: LoanKey) -> list[Replanned]:
    """When replays made the plan of a loan anew."""
    statement = (
        select(Schedule.made_on, Schedule.after_payment_id)
        .where(
            Schedule.customer_id == key.customer_id,
            Schedule.loan_id == key.loan_id,
            Schedule.reason == PlanReason.REPLAY.value,
        )
        .order_by(Schedule.version)
    )
    return [Replanned(row.made_on, row.after_payment_id or 0) for row in await session.execute(statement)]
