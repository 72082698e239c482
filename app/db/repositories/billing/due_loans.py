"""Thousands of positions at once: what a billing run reads, and how it writes where the loans stand then.

A run does the same simple things to every loan, so what it costs is what is done for each value: rows are read and
written by the driver itself, in PostgreSQL's binary format. The new state of the loans is copied into a temporary
table, from which one statement moves those that nobody else has written since.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.lending.positions import POSITIONS, Stored
from app.db.statements import Statement
from app.domain.lending.positions import Position

# Billing one cycle on its day needs the instalment to bill and the date of the next. A loan that is behind, whose bill
# may be issued and closed by the same run, or one whose plan may change because a bill is open, needs the whole plan.
_USUAL_PLAN = "CASE WHEN b.states IS NOT NULL OR l.next_billing_on < :through THEN 10000 ELSE 1 END"
# The bounds are said of each table that is joined: the planner does not carry them over, and would read all of it for
# every range. So it is below.
_DUE = Statement(
    POSITIONS.format(further=_USUAL_PLAN)
    + """
WHERE l.customer_id BETWEEN :from_customer_id AND :to_customer_id
  AND s.customer_id BETWEEN :from_customer_id AND :to_customer_id
  AND l.status = 'active' AND l.next_event_on <= :through
"""
)

_KEY = {"customer_id": "bigint", "id": "bigint", "version": "int"}
_STATE = {
    "status": "text",
    "closed_on": "date",
    "schedule_version": "int",
    "next_cycle": "smallint",
    "cycle_began_on": "date",
    "next_billing_on": "date",
    "next_event_on": "date",
    "last_event_on": "date",
    "principal_paise": "bigint",
    "interest_paise": "bigint",
    "charges_paise": "bigint",
    "advance_paise": "bigint",
    "unbilled_interest_paise": "bigint",
    "last_transfer": "int",
    "advance_payment_ids": "bigint[]",
    "advance_part_paise": "bigint[]",
    "movement_dates": "date[]",
    "movement_paise": "bigint[]",
}
_COLUMNS = list(_KEY | _STATE)
# Only names of our own columns are put in. The table lives as long as the connection, its rows as long as the
# transaction.
_STAGE = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS moved_loans ("
    + ", ".join(f"{name} {kind}" for name, kind in (_KEY | _STATE).items())
    + ") ON COMMIT DELETE ROWS"
)
_MOVE = text(
    f"""
WITH moved AS (
    UPDATE loans AS l SET version = l.version + 1, {", ".join(f"{name} = n.{name}" for name in _STATE)}
    FROM moved_loans AS n
    WHERE l.customer_id = n.customer_id AND l.id = n.id AND l.version = n.version
      AND l.customer_id BETWEEN :first AND :last
    RETURNING l.customer_id, l.id
), unparked AS (
    DELETE FROM parked_loans AS p USING moved AS m WHERE p.customer_id = m.customer_id AND p.loan_id = m.id
)
SELECT customer_id, id FROM moved
"""  # noqa: S608
)


async def list_due_loans(
    session: AsyncSession, *, from_customer_id: int, to_customer_id: int, through: date
) -> list[Stored]:
    """The loans of a range of customers (both ends included) that a run for a business date has something to do on."""
    rows = await _DUE.list(session, from_customer_id=from_customer_id, to_customer_id=to_customer_id, through=through)
    return [Stored(ProductKey(row[4], row[5]), row) for row in rows]


async def make_room(session: AsyncSession) -> None:
    """Makes the temporary table, where this connection has none yet. Begin with it: a transaction's first statement is
    SQLAlchemy's, and what is read after it comes from the driver itself."""
    await session.execute(_STAGE)


async def update_loans(session: AsyncSession, positions: Sequence[Position]) -> set[LoanKey]:
    """Writes where loans stand, each only if nobody wrote it since it was read; answers the ones that were written.

    `make_room` comes first. What was parked of them can be billed after all.
    """
    # What an earlier call of this transaction has staged has an older version by now, and moves nothing.
    await copy_rows(session, "moved_loans", columns=_COLUMNS, records=[_record(position) for position in positions])
    customers = [position.customer_id for position in positions]
    bounds = {"first": min(customers, default=0), "last": max(customers, default=0)}
    return {LoanKey(*row) for row in await session.execute(_MOVE, bounds)}


def _record(position: Position) -> tuple[object, ...]:
    advances, movements = position.advances, position.movements
    return (
        position.customer_id,
        position.loan_id,
        position.version,
        position.status,
        position.closed_on,
        position.schedule_version,
        position.next_cycle,
        position.cycle_began_on,
        position.next_billing_on,
        position.next_event_on,
        position.last_event_on,
        position.principal_paise,
        position.interest_paise,
        position.charges_paise,
        position.advance_paise,
        position.unbilled_interest_paise,
        position.last_transfer,
        [payment_id for payment_id, _ in advances] if advances else (),
        [part for _, part in advances] if advances else (),
        [movement.value_date for movement in movements] if movements else (),
        [movement.delta_paise for movement in movements] if movements else (),
    )
