"""Makes a book of many loans: the domain makes a few, and the database copies them.

Loan n belongs to customer n. All were made on one day. Every second one has had four prepayments since.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from app.db.copying import copy_rows
from app.db.models import Bill, Customer, Loan, LoanOrigin, Payment, PublicId, Schedule, Transfer
from app.db.models.base import Base
from app.db.repositories.lending.ledger import TRANSFER_COLUMNS
from app.db.repositories.lending.states import state_of
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.positions import Decision, PlanReason, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payments import PaymentOrder, TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bench.decisions import BEGAN, make_position

#: Different amounts, so that not all rows are equal.
AMOUNTS_PAISE = range(41_000_00, 51_000_00, 1_000_00)
PREPAID_AFTER_DAYS = (5, 10, 15, 20)
PREPAID_PAISE = 1_000_00
#: The loans that the domain makes: of each amount one without and one with prepayments.
PATTERNS = 2 * len(AMOUNTS_PAISE)


async def load_loans(uow_factory: UnitOfWorkFactory, *, count: int, already: int = 0) -> None:
    """Adds loans to a book that has `already` of them, until it has `count`."""
    if not already:
        async with uow_factory.open(SYSTEM) as uow:
            # COPY needs a transaction, which the first statement begins.
            await uow.business_date()
            await copy_loans(
                uow, [(CREDIT_CARD_LOAN, _pattern(number)) for number in range(1, min(PATTERNS, count) + 1)]
            )
    async with uow_factory.open(SYSTEM) as uow:
        await replicate_loans(uow, first=max(already, PATTERNS) + 1, last=count, patterns=PATTERNS)


async def replicate_loans(uow: UnitOfWork, *, first: int, last: int, patterns: int) -> None:
    """Copies all rows of the first loans, one after the other, for the loans with the numbers `first` to `last`."""
    await uow.session.execute(text("SET LOCAL statement_timeout = 0"))
    for model in (Customer, PublicId, Loan, LoanOrigin, Schedule, Bill, Payment, Transfer):
        await uow.session.execute(text(_replicate(model)), {"first": first, "last": last, "patterns": patterns})


def _replicate(model: type[Base]) -> str:
    """The SQL that copies the pattern rows for other numbers. The number of a payment is unique within a customer."""
    names = [column.name for column in model.__table__.columns]
    own = (
        {"customer_id", "loan_id"} | ({"id"} if model is Loan else set()) | ({"number"} if model is PublicId else set())
    )
    only = "AND t.kind = 'loan'" if model is PublicId else ""
    # Only names of our own tables and columns are put in.
    return f"""
        INSERT INTO {model.__tablename__} ({", ".join(names)})
        SELECT {", ".join("n" if name in own else f"t.{name}" for name in names)}
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
        JOIN {model.__tablename__} AS t ON t.customer_id = (n - 1) % :patterns + 1 {only} ORDER BY n"""  # noqa: S608


def make_loan(number: int, product: Product, *, amount_paise: int, rate: str) -> Decision:
    """A loan on its first day, of the customer of the same number."""
    position = make_position(product, amount_paise=amount_paise, rate=rate, instalments=12)
    position.customer_id = position.loan_id = number
    journal = Journal(last_number=0, booked_on=BEGAN)
    principal, cash = Account.PRINCIPAL, Account.CASH
    journal.post(Kind.DISBURSAL, principal, cash, position.disbursed_paise, principal, BEGAN)
    return Decision(position, journal.transfers, {}, ())


def _pattern(number: int) -> Decision:
    """A loan on its first day, or after its prepayments."""
    amount = AMOUNTS_PAISE[(number - 1) // 2]
    decision = make_loan(number, CREDIT_CARD_LOAN, amount_paise=amount, rate="10.5")
    if number % 2:
        return decision
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
        decision = decision.then(decide_payment(decision.position, order).decision)
    assert len(decision.position.movements) == len(PREPAID_AFTER_DAYS)
    return decision


async def copy_loans(uow: UnitOfWork, made: Sequence[tuple[Product, Decision]]) -> None:
    """Writes loans that the domain has made, with their customers."""
    stamp = {"created_at": uow.now, "actor": "system"}
    positions = [one.position for _, one in made]
    customers = [
        {"customer_id": one.customer_id, "state": "customer", "name": "Asha Rao", **stamp} for one in positions
    ]
    numbers = [
        {"kind": "loan", "number": one.loan_id, "customer_id": one.customer_id, "year": BEGAN.year} for one in positions
    ]
    for model, rows in (
        (Customer, customers),
        (PublicId, numbers),
        (Loan, [_loan(product, one.position) | stamp for product, one in made]),
        (LoanOrigin, [_origin(product, one.position) for product, one in made]),
        (Schedule, [_schedule(one) for one in positions]),
    ):
        await _copy_dicts(uow, model.__tablename__, rows)
    transfers = [(one.position.customer_id, one.position.loan_id, *row) for _, one in made for row in one.transfers]
    await copy_rows(uow.session, "transfers", columns=TRANSFER_COLUMNS, records=transfers)


async def _copy_dicts(uow: UnitOfWork, table: str, rows: Sequence[dict[str, Any]]) -> None:
    await copy_rows(uow.session, table, columns=list(rows[0]), records=[tuple(row.values()) for row in rows])


def _loan(product: Product, one: Position) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "id": one.loan_id,
        "product_code": product.code,
        "product_version": product.version,
        "disbursed_paise": one.disbursed_paise,
        "annual_rate_percent": one.annual_rate_percent,
        "instalments": one.instalments,
        "disbursed_on": one.disbursed_on,
        "version": one.version,
        **state_of(one),
    }


def _origin(product: Product, one: Position) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "loan_id": one.loan_id,
        "product_code": product.code,
        "disbursed_on": one.disbursed_on,
    }


def _schedule(one: Position) -> dict[str, Any]:
    """The current version of the plan. No benchmark needs the earlier ones."""
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
