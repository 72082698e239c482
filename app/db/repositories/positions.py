"""Positions in the database: one statement reads all that a decision needs, one writes where loans stand now.

What is read is the contract, the balances, the plan from the next cycle on and the open bills. Payments and billing
runs share both statements: a list of one loan or of thousands. The loan row is written by comparing its version, so
that a decision made on an old position never lands on a newer one.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.loans import LoanKey, LoanNotFound, ProductKey
from app.db.session import Record
from app.db.statements import Statement
from app.domain.interest import Movement
from app.domain.positions import BillState, LoanStatus, Plan, Position
from app.domain.products import RepaymentTerms

# The lateral join is one probe of a partial index a loan, and finds nothing for a loan that is paid up.
_POSITIONS = """
SELECT l.customer_id, l.id, l.version, l.status, l.product_code, l.product_version, l.annual_rate_percent,
       l.instalments, l.disbursed_paise, l.disbursed_on, l.closed_on, l.schedule_version, s.emi_paise, l.next_cycle,
       l.cycle_began_on, l.next_billing_on, l.last_event_on, l.principal_paise, l.interest_paise, l.charges_paise,
       l.advance_paise, l.unbilled_interest_paise, l.last_transfer, l.advance_payment_ids, l.advance_part_paise,
       l.movement_dates, l.movement_paise,
       s.due_on[l.next_cycle : l.next_cycle + {further}] AS plan_due_on,
       s.principal_paise[l.next_cycle : l.next_cycle + {further}] AS plan_principal,
       s.interest_paise[l.next_cycle : l.next_cycle + {further}] AS plan_interest,
       b.states
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
LEFT JOIN LATERAL (
    SELECT array_agg(ROW(bill.cycle, bill.due_on, bill.minimum_due_paise - bill.past_due_paise,
                         bill.interest_paise + bill.principal_due_paise, bill.unpaid_charges_paise,
                         bill.unpaid_interest_paise, bill.unpaid_principal_paise, bill.returned_paise, bill.closed_on)
                     ORDER BY bill.cycle) AS states
    FROM bills AS bill
    WHERE bill.customer_id = l.customer_id AND bill.loan_id = l.id AND bill.settled_on IS NULL
) AS b ON true
"""

# More instalments than any plan has: the whole rest of it.
_WHOLE_PLAN = "10000"
# Billing one cycle needs the instalment to bill and the date of the next; a loan further behind, or one whose plan may
# change because a bill is open, needs the whole plan.
_USUAL_PLAN = """CASE WHEN b.states IS NOT NULL OR s.due_on[l.next_cycle + 1] <= :through THEN 10000 ELSE 1 END"""
_WHOLE = _POSITIONS.format(further=_WHOLE_PLAN)
_ONE = Statement(_WHOLE + "WHERE l.customer_id = :customer_id AND l.id = :loan_id")
# Where the lock had to be waited for, the rest of the row is from before the wait: the version that was locked says so.
_LOCKED = Statement(
    _WHOLE.replace("\nFROM loans AS l\n", ", locked.version AS locked_version\nFROM loans AS l\n")
    + """JOIN loans AS locked ON locked.customer_id = l.customer_id AND locked.id = l.id
WHERE l.customer_id = :customer_id AND l.id = :loan_id
FOR NO KEY UPDATE OF locked
"""
)
_BY_NUMBER = Statement(
    _WHOLE
    + """JOIN public_ids AS i ON i.customer_id = l.customer_id AND i.number = l.id
WHERE i.kind = 'loan' AND i.number = :loan_id
"""
)
_DUE = text(
    _POSITIONS.format(further=_USUAL_PLAN)
    + """
WHERE l.customer_id BETWEEN :from_customer_id AND :to_customer_id
  AND l.status = 'active' AND l.next_event_on <= :through
"""
)


class Stored(NamedTuple):
    """A loan as read: the product version that has its terms, and the rest of its position."""

    product: ProductKey
    row: Record


async def get_stored_loan(session: AsyncSession, key: LoanKey) -> Stored:
    """All of one loan, to be looked at. Raises LoanNotFound."""
    return _stored(await _ONE.find(session, customer_id=key.customer_id, loan_id=key.loan_id))


async def lock_stored_loan(session: AsyncSession, key: LoanKey) -> Stored:
    """All of one loan, and this transaction is its only writer from here on. Raises LoanNotFound."""
    row = await _LOCKED.find(session, customer_id=key.customer_id, loan_id=key.loan_id)
    if row is not None and row.locked_version != row.version:
        return await get_stored_loan(session, key)
    return _stored(row)


async def find_stored_loan(session: AsyncSession, number: int) -> Stored | None:
    """All of one loan by its public number, to be looked at."""
    row = await _BY_NUMBER.find(session, loan_id=number)
    return None if row is None else _stored(row)


def _stored(row: Record | None) -> Stored:
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return Stored(ProductKey(row.product_code, row.product_version), row)


async def list_due_loans(
    session: AsyncSession, *, from_customer_id: int, to_customer_id: int, through: date
) -> list[Stored]:
    """The loans of a range of customers (both ends included) that a run for a business date has something to do on."""
    span = {"from_customer_id": from_customer_id, "to_customer_id": to_customer_id, "through": through}
    return [Stored(ProductKey(row.product_code, row.product_version), row) for row in await session.execute(_DUE, span)]


def position_of(row: Record, terms: RepaymentTerms) -> Position:
    """The position that a row tells of, under the terms of its product version."""
    states = row.states
    return Position(
        row.customer_id,
        row.id,
        row.version,
        LoanStatus(row.status),
        terms,
        row.annual_rate_percent,
        row.instalments,
        row.disbursed_paise,
        row.disbursed_on,
        row.closed_on,
        row.schedule_version,
        row.emi_paise,
        row.next_cycle,
        row.cycle_began_on,
        row.next_billing_on,
        row.last_event_on,
        row.principal_paise,
        row.interest_paise,
        row.charges_paise,
        row.advance_paise,
        row.unbilled_interest_paise,
        row.last_transfer,
        Plan(row.plan_due_on, row.plan_principal, row.plan_interest),
        list(zip(row.advance_payment_ids, row.advance_part_paise, strict=True)),
        [
            Movement(value_date=day, delta_paise=delta)
            for day, delta in zip(row.movement_dates, row.movement_paise, strict=True)
        ],
        [BillState(*state) for state in states] if states else [],
    )


def state_of(position: Position) -> dict[str, Any]:
    """The columns of a loan row that change: where its cycles stand, and the cache of its ledger."""
    return {
        "status": position.status.value,
        "closed_on": position.closed_on,
        "schedule_version": position.schedule_version,
        "next_cycle": position.next_cycle,
        "cycle_began_on": position.cycle_began_on,
        "next_billing_on": position.next_billing_on,
        "next_event_on": position.next_event_on,
        "last_event_on": position.last_event_on,
        "principal_paise": position.principal_paise,
        "interest_paise": position.interest_paise,
        "charges_paise": position.charges_paise,
        "advance_paise": position.advance_paise,
        "unbilled_interest_paise": position.unbilled_interest_paise,
        "advance_payment_ids": [payment_id for payment_id, _ in position.advances],
        "advance_part_paise": [part for _, part in position.advances],
        "movement_dates": [movement.value_date for movement in position.movements],
        "movement_paise": [movement.delta_paise for movement in position.movements],
        "last_transfer": position.last_transfer,
    }


_UPDATED = {
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
}
# An array of arrays of different lengths does not exist, so these travel as text.
_UPDATED_LISTS = {
    "advance_payment_ids": "bigint[]",
    "advance_part_paise": "bigint[]",
    "movement_dates": "date[]",
    "movement_paise": "bigint[]",
}
_COLUMNS = {"customer_id": "bigint", "id": "bigint", "version": "int", **_UPDATED}
_UPDATE = text(
    "UPDATE loans AS l SET version = l.version + 1, "  # noqa: S608 - only names of our own columns are put in
    + ", ".join(f"{name} = n.{name}" for name in _UPDATED)
    + ", "
    + ", ".join(f"{name} = CAST(n.{name} AS {kind})" for name, kind in _UPDATED_LISTS.items())
    + " FROM unnest("
    + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())
    + ", "
    + ", ".join(f"CAST(:{name} AS text[])" for name in _UPDATED_LISTS)
    + ") AS n("
    + ", ".join([*_COLUMNS, *_UPDATED_LISTS])
    + ") WHERE l.customer_id = n.customer_id AND l.id = n.id AND l.version = n.version RETURNING l.customer_id, l.id"
)


async def update_loans(session: AsyncSession, positions: Sequence[Position]) -> set[LoanKey]:
    """Writes where loans stand, each only if nobody wrote it since it was read; answers the ones that were written."""
    columns: dict[str, list[Any]] = {name: [] for name in (*_COLUMNS, *_UPDATED_LISTS)}
    for position in positions:
        columns["customer_id"].append(position.customer_id)
        columns["id"].append(position.loan_id)
        columns["version"].append(position.version)
        for name, value in state_of(position).items():
            columns[name].append(_array_text(value) if name in _UPDATED_LISTS else value)
    return {LoanKey(*row) for row in await session.execute(_UPDATE, columns)}


def _array_text(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
