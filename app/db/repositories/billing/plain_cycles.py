"""Reads the loans of a run whose cycle may be plain, and writes the bills of plain cycles.

Nearly all loans of a run are such. So only the columns that such a cycle depends on are read, and one statement writes
what follows from its bill: the rows of the bill and of the transfer, and what changes on the loan. Its figures come by
COPY, in a temporary table. It stays correct if another transaction has changed a loan meanwhile: then the version is
another one, and nothing is written for that loan.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.repositories.unit_of_work import check_books_open
from app.db.statements import Statement
from app.domain.billing.plain_cycles import PlainBill, PlainLoan
from app.domain.lending.ledger import Account, Kind

#: The day before 1 January of the year 1: dates less this one are the numbers of `date.toordinal`.
_DAY_ZERO = "DATE '0001-12-31 BC'"
# What makes a loan plain is explained at `PlainLoan`. The columns are its fields, in their order. The planner expects
# the columns of an array or a row to be independent, so there is no condition more than needed. The bounds are repeated
# for each table, because the planner does not infer them.
_PLAIN = Statement(
    f"""
SELECT l.product_code, l.product_version, l.annual_rate_percent::text, l.customer_id, l.id, l.version, l.next_cycle,
       l.cycle_began_on - {_DAY_ZERO}, l.next_billing_on - {_DAY_ZERO}, s.due_on[l.next_cycle + 1] - {_DAY_ZERO},
       l.principal_paise, s.principal_paise[l.next_cycle], s.interest_paise[l.next_cycle],
       nullif(l.movement_dates, '{{}}'), nullif(l.movement_paise, '{{}}')
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.customer_id BETWEEN :from_customer_id AND :to_customer_id
                   AND s.loan_id = l.id AND s.version = l.schedule_version
WHERE l.customer_id BETWEEN :from_customer_id AND :to_customer_id
  AND l.status = 'active' AND l.next_event_on <= :through
  AND l.advance_paise = 0 AND l.unbilled_interest_paise = 0 AND l.unbilled_charges_paise = 0
  AND l.late_principal_days = 0 AND l.late_amount_days = 0 AND l.agreement IS NULL AND l.alterations IS NULL
  AND NOT EXISTS (
      SELECT FROM bills AS b
      WHERE b.customer_id = l.customer_id AND b.customer_id BETWEEN :from_customer_id AND :to_customer_id
        AND b.loan_id = l.id AND b.settled_on IS NULL
  )
"""  # noqa: S608 - no value is put in
)
_COLUMNS = {
    "customer_id": "bigint",
    "id": "bigint",
    "version": "int",
    "cycle": "int",
    "from_on": "int",
    "billed_on": "int",
    "due_on": "int",
    "next_billing_on": "int",
    "next_event_on": "int",
    "interest_paise": "bigint",
    "principal_due_paise": "bigint",
    "minimum_due_paise": "bigint",
    "counts_late_days": "boolean",
}
# Only names of our own columns are put in. The table exists until the connection closes, and its rows until the
# transaction ends.
_STAGE = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS plain_bills ("
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    + ") ON COMMIT DELETE ROWS"
)
# SQLAlchemy runs it, which makes what a table refuses an error of the session: then the range is written one by one.
_WRITE = text(
    f"""
WITH moved AS (
    UPDATE loans AS l SET
        version = l.version + 1, next_cycle = n.cycle + 1, cycle_began_on = {_DAY_ZERO} + n.billed_on,
        next_billing_on = {_DAY_ZERO} + n.next_billing_on, next_event_on = {_DAY_ZERO} + n.next_event_on,
        last_event_on = {_DAY_ZERO} + n.billed_on, interest_paise = l.interest_paise + n.interest_paise,
        last_transfer = l.last_transfer + 1, movement_dates = '{{}}', movement_paise = '{{}}',
        late_counted_on = CASE WHEN n.counts_late_days THEN {_DAY_ZERO} + n.billed_on ELSE l.late_counted_on END
    FROM plain_bills AS n
    WHERE l.customer_id = n.customer_id AND l.id = n.id AND l.version = n.version
      AND l.customer_id BETWEEN :first AND :last
    RETURNING l.customer_id, l.id, n.cycle, {_DAY_ZERO} + n.from_on AS from_on, l.cycle_began_on AS billed_on,
              {_DAY_ZERO} + n.due_on AS due_on, l.principal_paise, n.interest_paise, n.principal_due_paise,
              n.minimum_due_paise, l.schedule_version, l.last_transfer
), unparked AS (
    DELETE FROM parked_loans AS p USING moved AS m WHERE p.customer_id = m.customer_id AND p.loan_id = m.id
), issued AS (
    INSERT INTO bills (
        customer_id, loan_id, cycle, from_on, billed_on, due_on, booked_on, opening_principal_paise,
        interest_paise, principal_due_paise, past_due_paise, total_due_paise, minimum_due_paise,
        schedule_version, charges_paise, run_id,
        unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise, returned_paise
    )
    SELECT customer_id, id, cycle, from_on, billed_on, due_on, CAST(:booked_on AS date), principal_paise,
           interest_paise, principal_due_paise, 0, interest_paise + principal_due_paise, minimum_due_paise,
           schedule_version, 0, CAST(:run_id AS bigint),
           0, interest_paise, principal_due_paise, 0
    FROM moved
), posted AS (
    INSERT INTO transfers (
        customer_id, loan_id, number, group_number, kind, debit, credit, amount_paise, component, value_date, booked_on,
        cycle
    )
    SELECT customer_id, id, last_transfer, last_transfer, '{Kind.INTEREST}', '{Account.INTEREST}',
           '{Account.INTEREST_INCOME}', interest_paise, '{Account.INTEREST}', billed_on, CAST(:booked_on AS date), cycle
    FROM moved
)
SELECT count(*) AS count, CASE WHEN count(*) < CAST(:staged AS int) THEN array_agg(id) END AS ids FROM moved
"""  # noqa: S608
)


async def list_plain_loans(
    session: AsyncSession, *, from_customer_id: int, to_customer_id: int, through: date
) -> Sequence[PlainLoan]:
    """The loans of a range of customers (both ends included) that are due and whose cycle may be plain."""
    # Rows of the driver, whose columns are the fields of the tuple: making tuples of them takes as long as reading.
    return await _PLAIN.list(session, from_customer_id=from_customer_id, to_customer_id=to_customer_id, through=through)


async def make_room(session: AsyncSession) -> None:
    """Makes the temporary table, if this connection has none yet. Call it before any other function of this module:
    SQLAlchemy must run the first statement of a transaction."""
    await session.execute(_STAGE)


async def write_plain_bills(
    session: AsyncSession, bills: Sequence[PlainBill], *, booked_on: date, run_id: int
) -> Sequence[PlainBill]:
    """Writes the bills of plain cycles with their transfers and what they change of their loans, except for loans that
    were changed since they were read. Returns the bills that were written. Their loans are no longer parked.

    Raises PeriodClosed.
    """
    if not bills:
        return bills
    await copy_rows(session, "plain_bills", columns=list(_COLUMNS), records=bills)
    customers = [bill.customer_id for bill in bills]
    bounds = {"first": min(customers), "last": max(customers), "staged": len(bills)}
    found = await session.execute(_WRITE, {"booked_on": booked_on, "run_id": run_id, **bounds})
    count, ids = found.one()
    await check_books_open(session, {booked_on})
    if count == len(bills):
        return bills
    written = set(ids or ())
    return [bill for bill in bills if bill.loan_id in written]
