"""A book of many loans: a few are made by the domain, the others are their copies, made by the database.

Loan n belongs to customer n. All were made on one day; every second one was prepaid four times since.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from app.db.copying import copy_rows
from app.db.models import Customer, Loan, PublicId, Schedule, Transfer
from app.db.models.base import Base
from app.db.repositories.lending.ledger import TRANSFER_COLUMNS
from app.db.repositories.lending.positions import state_of
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import Decision, PlanReason, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payments import PaymentOrder, TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bench.decisions import BEGAN, make_position

#: So that not every row is the same.
AMOUNTS_PAISE = range(41_000_00, 51_000_00, 1_000_00)
PREPAID_AFTER_DAYS = (5, 10, 15, 20)
PREPAID_PAISE = 1_000_00
#: The loans that the domain makes: of each amount one that rests and one that was prepaid.
PATTERNS = 2 * len(AMOUNTS_PAISE)


async def load_loans(uow_factory: UnitOfWorkFactory, *, count: int, already: int = 0) -> None:
    """Brings the book from `already` loans to `count`."""
    if not already:
        async with uow_factory.open(SYSTEM) as uow:
            # The first statement begins the transaction that COPY then belongs to.
            await uow.business_date()
            await _copy(uow, [_lived(number) for number in range(1, min(PATTERNS, count) + 1)])
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(text("SET LOCAL statement_timeout = 0"))
        for model in (Customer, PublicId, Loan, Schedule, Transfer):
            await uow.session.execute(
                text(_replicate(model)), {"first": max(already, PATTERNS) + 1, "last": count, "patterns": PATTERNS}
            )


def _replicate(model: type[Base]) -> str:
    """Rows of the patterns again for other numbers."""
    names = [column.name for column in model.__table__.columns]
    own = (
        {"customer_id", "loan_id"} | ({"id"} if model is Loan else set()) | ({"number"} if model is PublicId else set())
    )
    # Only names of our own tables and columns are put in.
    return f"""
        INSERT INTO {model.__tablename__} ({", ".join(names)})
        SELECT {", ".join("n" if name in own else f"t.{name}" for name in names)}
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
        JOIN {model.__tablename__} AS t ON t.customer_id = (n - 1) % :patterns + 1 ORDER BY n"""  # noqa: S608


def _lived(number: int) -> Decision:
    """A loan on its first day, or after its prepayments."""
    amount = AMOUNTS_PAISE[(number - 1) // 2]
    position = make_position(CREDIT_CARD_LOAN, amount_paise=amount, rate="10.5", instalments=12)
    position.customer_id = position.loan_id = number
    journal = Journal(last_number=0, booked_on=BEGAN)
    principal, cash = Account.PRINCIPAL, Account.CASH
    journal.post(Kind.DISBURSAL, principal, cash, position.disbursed_paise, principal, BEGAN)
    lived = Decision(position, journal.transfers, {}, ())
    if number % 2:
        return lived
    for payment_id, days in enumerate(PREPAID_AFTER_DAYS, start=1):
        on = BEGAN + timedelta(days=days)
        order = PaymentOrder(
            payment_id=payment_id,
            amount_paise=PREPAID_PAISE,
            value_date=on,
            booked_on=on,
            treat_as=TreatAs.PREPAYMENT,
            reference="benchmark",
        )
        lived = lived.then(decide_payment(lived.position, order).decision)
    assert len(lived.position.movements) == len(PREPAID_AFTER_DAYS)
    return lived


async def _copy(uow: UnitOfWork, made: Sequence[Decision]) -> None:
    stamp = {"created_at": uow.now, "actor": "system"}
    positions = [one.position for one in made]
    customers = [
        {"customer_id": one.customer_id, "state": "customer", "name": "Asha Rao", **stamp} for one in positions
    ]
    numbers = [{"kind": "loan", "number": one.loan_id, "customer_id": one.customer_id} for one in positions]
    for model, rows in (
        (Customer, customers),
        (PublicId, numbers),
        (Loan, [_loan(one) | stamp for one in positions]),
        (Schedule, [_schedule(one) for one in positions]),
    ):
        await _copy_dicts(uow, model.__tablename__, rows)
    transfers = [(one.position.customer_id, one.position.loan_id, *row) for one in made for row in one.transfers]
    await copy_rows(uow.session, "transfers", columns=TRANSFER_COLUMNS, records=transfers)


async def _copy_dicts(uow: UnitOfWork, table: str, rows: Sequence[dict[str, Any]]) -> None:
    await copy_rows(uow.session, table, columns=list(rows[0]), records=[tuple(row.values()) for row in rows])


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
    """The version in force; the earlier ones play no part in any measurement."""
    return {
        "customer_id": one.customer_id,
        "loan_id": one.loan_id,
        "version": one.schedule_version,
        "made_on": one.last_event_on,
        "reason": PlanReason.DISBURSAL.value,
        "first_planned": 1,
        "emi_paise": one.emi_paise,
        "due_on": list(one.plan.due_on),
        "principal_paise": list(one.plan.principal_paise),
        "interest_paise": list(one.plan.interest_paise),
    }
