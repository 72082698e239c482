"""Many loans at once: customers, loans, plans and disbursals, written by COPY as the application's role."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.db.repositories.billing import copy_rows
from app.db.repositories.ledger import TRANSFER_COLUMNS
from app.db.repositories.positions import state_of
from app.db.session import Session
from app.domain.access import SYSTEM
from app.domain.ledger import Account, Journal, Kind
from app.domain.positions import PlanReason, Position
from app.domain.seeded_products import CREDIT_CARD_LOAN
from app.services.work import Desk, Work
from bench.decisions import make_position

PER_COPY = 5_000
#: So that not every row is the same.
AMOUNTS_PAISE = range(41_000_00, 51_000_00, 1_000_00)


async def load_loans(desk: Desk, *, count: int) -> None:
    """Loans 1 to `count`, one for each of the customers 1 to `count`, all made on the same day."""
    positions = [
        make_position(CREDIT_CARD_LOAN, amount_paise=amount, rate="10.5", instalments=12) for amount in AMOUNTS_PAISE
    ]
    for first in range(1, count + 1, PER_COPY):
        numbers = range(first, min(first + PER_COPY, count + 1))
        made = [replace(positions[n % len(positions)], customer_id=n, loan_id=n) for n in numbers]
        async with desk.open(SYSTEM) as work:
            # The first statement begins the transaction that COPY then belongs to.
            await work.business_date()
            await _copy(work, made)


async def _copy(work: Work, made: Sequence[Position]) -> None:
    stamp = {"created_at": work.now, "actor": "system"}
    customers = [{"customer_id": one.customer_id, "state": "customer", "name": "Asha Rao", **stamp} for one in made]
    numbers = [{"kind": "loan", "number": one.loan_id, "customer_id": one.customer_id} for one in made]
    for table, rows in (
        ("customers", customers),
        ("public_ids", numbers),
        ("loans", [_loan(one) | stamp for one in made]),
        ("schedules", [_schedule(one) for one in made]),
    ):
        await _copy_dicts(work.session, table, rows)
    await copy_rows(work.session, "transfers", columns=TRANSFER_COLUMNS, records=[_disbursal(one) for one in made])


async def _copy_dicts(session: Session, table: str, rows: Sequence[dict[str, Any]]) -> None:
    await copy_rows(session, table, columns=list(rows[0]), records=[tuple(row.values()) for row in rows])


def _loan(one: Position) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "id": one.loan_id,
        "product_code": CREDIT_CARD_LOAN.code,
        "product_version": CREDIT_CARD_LOAN.version,
        "disbursed_paise": one.disbursed_paise,
        "annual_rate_percent": one.annual_rate_percent,
        "instalments": one.instalments,
        "disbursed_on": one.disbursed_on,
        "version": one.version,
        **state_of(one),
    }


def _schedule(one: Position) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "loan_id": one.loan_id,
        "version": one.schedule_version,
        "made_on": one.disbursed_on,
        "reason": PlanReason.DISBURSAL.value,
        "first_planned": 1,
        "emi_paise": one.emi_paise,
        "due_on": list(one.plan.due_on),
        "principal_paise": list(one.plan.principal_paise),
        "interest_paise": list(one.plan.interest_paise),
    }


def _disbursal(one: Position) -> tuple[Any, ...]:
    journal = Journal(last_number=0, booked_on=one.disbursed_on)
    principal, cash = Account.PRINCIPAL, Account.CASH
    journal.post(Kind.DISBURSAL, principal, cash, one.disbursed_paise, principal, one.disbursed_on)
    return (one.customer_id, one.loan_id, *journal.transfers[0])
