"""Plans in the database. Each version is one row, which never changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, Schedule
from app.db.repositories.lending.loans import LoanKey, LoanNotFound
from app.db.statements import Statement
from app.domain.lending.positions import PlanReason, PlanVersion, Position
from app.domain.payments.histories import Replanned

_PLAN = {
    "customer_id": "bigint",
    "loan_id": "bigint",
    "version": "int",
    "made_on": "date",
    "reason": "text",
    "first_planned": "int",
    "after_payment_id": "bigint",
    "emi_paise": "bigint",
    # Lists within a row travel as text: the driver takes only rectangular arrays.
    "due_on": "text",
    "principal_paise": "text",
    "interest_paise": "text",
}
# Element k of each array, from 1, is instalment k. If a prepaid or closed loan is open again, its previous plan may
# have fewer instalments than the loan has bills. The missing ones are filled with zeros; their bills have the amounts.
_ADD_PLANS = Statement(
    f"""
INSERT INTO schedules ({", ".join(_PLAN)})
SELECT l.customer_id, l.id, n.version, n.made_on, n.reason, n.first_planned, n.after_payment_id, n.emi_paise,
       coalesce(p.due_on[: n.first_planned - 1], '{{}}')
           || array_fill(n.made_on, ARRAY[n.first_planned - 1 - kept.rows]) || CAST(n.due_on AS date[]),
       coalesce(p.principal_paise[: n.first_planned - 1], '{{}}')
           || array_fill(0::bigint, ARRAY[n.first_planned - 1 - kept.rows]) || CAST(n.principal_paise AS bigint[]),
       coalesce(p.interest_paise[: n.first_planned - 1], '{{}}')
           || array_fill(0::bigint, ARRAY[n.first_planned - 1 - kept.rows]) || CAST(n.interest_paise AS bigint[])
FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _PLAN.items())}) AS n({", ".join(_PLAN)})
JOIN loans AS l ON l.customer_id = n.customer_id AND l.id = n.loan_id
LEFT JOIN schedules AS p
    ON p.customer_id = ANY(CAST(:customer_id AS bigint[]))
       AND p.customer_id = l.customer_id AND p.loan_id = l.id AND p.version = n.version - 1
CROSS JOIN LATERAL (
    SELECT least(coalesce(cardinality(p.due_on), 0), n.first_planned - 1) AS rows
) AS kept
WHERE l.customer_id = ANY(CAST(:customer_id AS bigint[]))
"""  # noqa: S608 - only names of our own columns are put in
)


async def add_plans(session: AsyncSession, made: Iterable[tuple[Position, Sequence[PlanVersion]]]) -> None:
    """Writes new versions of plans. The billed instalments are copied from the previous version; the rest is new."""
    # A version is made of the one before it, so a loan's second new plan is written after its first.
    waiting = [(position, list(plans)) for position, plans in made if plans]
    while waiting:
        rows = [_plan_row(position, plans.pop(0)) for position, plans in waiting]
        columns = zip(*rows, strict=True)
        await _ADD_PLANS.list(session, **{name: list(column) for name, column in zip(_PLAN, columns, strict=True)})
        waiting = [(position, plans) for position, plans in waiting if plans]


def _plan_row(position: Position, made: PlanVersion) -> tuple[Any, ...]:
    plan = made.plan
    return (
        position.customer_id,
        position.loan_id,
        made.version,
        made.made_on,
        made.reason.value,
        made.first_planned,
        made.after_payment_id,
        made.emi_paise,
        *(
            "{" + ",".join(map(str, column)) + "}"
            for column in (plan.due_on, plan.principal_paise, plan.interest_paise)
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A version of a plan, when it was made, and why."""

    version: int
    made_on: date
    reason: str


async def get_schedule(session: AsyncSession, key: LoanKey) -> StoredSchedule:
    """The current version of a loan's plan. Raises LoanNotFound."""
    same_loan = (Schedule.customer_id == key.customer_id) & (Schedule.loan_id == Loan.id)
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
    """The plans of a loan that replays have made."""
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
