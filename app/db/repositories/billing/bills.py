"""Bills, and the cache of what is unpaid of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import Bill as BillRow
from app.db.repositories.lending.states import BILL_STATE_COLUMNS
from app.db.statements import Statement
from app.domain.billing.cycles import Bill
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.positions import BillState, Position

BILL_COLUMNS = [column.name for column in BillRow.__table__.columns]
#: The columns: the loan's key, the bill as it was issued, the run that issued it, and the cache of what is unpaid.
_BILL_ENDS = 2 + len(Bill._fields)
_KEY_COLUMNS = {"customer_id": "bigint", "loan_id": "bigint", "cycle": "smallint"}
_UPDATE_STATES = text(
    "UPDATE bills AS b SET "  # noqa: S608 - only names of our own columns are put in
    + ", ".join(f"{name} = n.{name}" for name in BILL_STATE_COLUMNS)
    + " FROM unnest("
    + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in (_KEY_COLUMNS | BILL_STATE_COLUMNS).items())
    + ") AS n("
    + ", ".join(_KEY_COLUMNS | BILL_STATE_COLUMNS)
    + ") WHERE b.customer_id = n.customer_id AND b.loan_id = n.loan_id AND b.cycle = n.cycle"
)


def bill_records(
    position: Position, bills: Sequence[Bill], states: dict[int, BillState], *, run_id: int | None
) -> list[tuple[Any, ...]]:
    """New bills as rows of the table. `states` holds what is unpaid of each after the advance was used."""
    return [
        (position.customer_id, position.loan_id, *bill, run_id, *_state_values(states[bill.cycle])) for bill in bills
    ]


def _state_values(state: BillState) -> tuple[Any, ...]:
    return (
        state.unpaid_charges_paise,
        state.unpaid_interest_paise,
        state.unpaid_principal_paise,
        state.returned_paise,
        state.closed_on,
        state.settled_on,
    )


async def add_bills(session: AsyncSession, records: Sequence[tuple[Any, ...]]) -> None:
    """Writes a few new bills."""
    if records:
        await session.execute(insert(BillRow), [dict(zip(BILL_COLUMNS, row, strict=True)) for row in records])


async def copy_bills(session: AsyncSession, records: Sequence[tuple[Any, ...]]) -> None:
    """Writes many new bills."""
    await copy_rows(session, "bills", columns=BILL_COLUMNS, records=records)


async def update_bill_states(session: AsyncSession, changed: Iterable[tuple[Position, BillState]]) -> None:
    """Writes what is unpaid of bills that were issued before."""
    rows = [(position.customer_id, position.loan_id, state.cycle, *_state_values(state)) for position, state in changed]
    if rows:
        columns = zip(_KEY_COLUMNS | BILL_STATE_COLUMNS, zip(*rows, strict=True), strict=True)
        await session.execute(_UPDATE_STATES, {name: list(values) for name, values in columns})


_OF_LOAN = Statement(
    f"SELECT {', '.join(BILL_COLUMNS)} FROM bills "  # noqa: S608 - only names of our own columns are put in
    "WHERE customer_id = :customer_id AND loan_id = :loan_id ORDER BY cycle"
)


async def list_bills(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[IssuedBill]:
    """All bills of a loan, the oldest first, each with what is unpaid of it."""
    rows = await _OF_LOAN.list(session, customer_id=customer_id, loan_id=loan_id)
    return list(map(issued_bill, rows))


async def list_issued(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[Bill]:
    """All bills of a loan as they were issued."""
    return [issued.bill for issued in await list_bills(session, customer_id=customer_id, loan_id=loan_id)]


async def list_states(session: AsyncSession, *, customer_id: int, loan_id: int) -> list[BillState]:
    """What is unpaid of each bill of a loan."""
    return [issued.left for issued in await list_bills(session, customer_id=customer_id, loan_id=loan_id)]


def issued_bill(row: Sequence[Any]) -> IssuedBill:
    """A bill from a row of `BILL_COLUMNS`."""
    bill = Bill(*row[2:_BILL_ENDS])
    demanded = bill.own_minimum_paise, bill.interest_paise + bill.principal_due_paise
    return IssuedBill(bill, BillState(bill.cycle, bill.due_on, *demanded, *row[_BILL_ENDS + 1 :]))
