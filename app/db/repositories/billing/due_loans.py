"""Reads and writes thousands of positions at once, for billing runs.

A run does simple things to many loans, so most of its time goes into reading and writing values. The driver does this
directly, in PostgreSQL's binary format. The new positions are copied into a temporary table. From there one statement
updates the loans, except those that another transaction has written meanwhile.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.lending.positions import POSITIONS, Stored
from app.db.repositories.lending.states import STATE_COLUMNS, alterations_text
from app.db.statements import Statement
from app.domain.lending.positions import Position

# To bill one cycle on its day, the run needs the instalment to bill and the date of the next one. It needs the whole
# plan of a loan that is behind (the run may issue a bill and close it too), that has an open bill (its plan may change)
# or that was altered (a bill in a moratorium may wait for the first instalment after it).
_USUAL_PLAN = """CASE WHEN b.states IS NOT NULL OR l.next_billing_on < :through OR l.alterations IS NOT NULL
            THEN 10000 ELSE 1 END"""
# The bounds are repeated for each joined table, here and below. PostgreSQL's planner does not infer them, and would
# read the whole table for every range.
_DUE = Statement(
    POSITIONS.format(further=_USUAL_PLAN, of="BETWEEN :from_customer_id AND :to_customer_id")
    + """
WHERE l.customer_id BETWEEN :from_customer_id AND :to_customer_id
  AND l.status = 'active' AND l.next_event_on <= :through
"""
)

_KEY = {"customer_id": "bigint", "id": "bigint", "version": "int"}
_COLUMNS = list(_KEY | STATE_COLUMNS)
# Only names of our own columns are put in. The table exists until the connection closes, and its rows until the
# transaction ends.
_STAGE = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS moved_loans ("
    + ", ".join(f"{name} {kind}" for name, kind in (_KEY | STATE_COLUMNS).items())
    + ") ON COMMIT DELETE ROWS"
)
# Lists are nearly always empty after a cycle, and the driver encodes a NULL in a fraction of the time of an empty list.
_NEW_STATE = ", ".join(
    f"{name} = coalesce(n.{name}, '{{}}')" if kind.endswith("[]") else f"{name} = n.{name}"
    for name, kind in STATE_COLUMNS.items()
)
_MOVE = text(
    f"""
WITH moved AS (
    UPDATE loans AS l SET version = l.version + 1, {_NEW_STATE}
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
    """The loans of a range of customers (both ends included) that have an event on or before `through`."""
    rows = await _DUE.list(session, from_customer_id=from_customer_id, to_customer_id=to_customer_id, through=through)
    return [Stored(ProductKey(row[4], row[5]), row) for row in rows]


async def make_room(session: AsyncSession) -> None:
    """Makes the temporary table, if this connection has none yet.

    Call it first: SQLAlchemy must run the first statement of a transaction, and later ones use the driver directly.
    """
    await session.execute(_STAGE)


async def update_loans(session: AsyncSession, positions: Sequence[Position]) -> set[LoanKey]:
    """Writes positions, except of loans that were changed since they were read. Returns the loans that were written.

    Call `make_room` first. The written loans are no longer parked.
    """
    # Rows that an earlier call of this transaction has staged have an older version, so they change nothing.
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
        position.due_event_on,
        position.last_event_on,
        position.principal_paise,
        position.interest_paise,
        position.charges_paise,
        position.advance_paise,
        position.unbilled_interest_paise,
        position.last_transfer,
        [payment_id for payment_id, _ in advances] if advances else None,
        [part for _, part in advances] if advances else None,
        [movement.value_date for movement in movements] if movements else None,
        [movement.delta_paise for movement in movements] if movements else None,
        position.unbilled_charges_paise,
        position.late_counted_on,
        position.late_principal_days,
        position.late_amount_days,
        alterations_text(position.alterations),
    )
