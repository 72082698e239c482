"""Loans in the database: positions in, decisions out.

One statement reads all that a decision needs (contract, balances, the plan from the next cycle on, open bills), and a
few write what it decided. Payments and billing runs share them: a list of one loan or of thousands. The loan row is
written by comparing its version, so that a decision made on an old position never lands on a newer one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row, func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Loan, PublicId, Schedule, Transfer
from app.db.models.loans import loan_numbers
from app.domain.errors import NotFound
from app.domain.interest import Movement
from app.domain.ledger import Account, Kind
from app.domain.ledger import Transfer as Posted
from app.domain.positions import BillState, Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.products import RepaymentTerms
from app.domain.replay import Replanned


class LoanNotFound(NotFound):
    """There is no such loan, or it is another customer's."""

    code = "loan_not_found"


class LoanKey(NamedTuple):
    """A loan's place: its customer and its number."""

    customer_id: int
    loan_id: int


class ProductKey(NamedTuple):
    """A version of a product."""

    code: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What an active loan weighs in a decision: principal outstanding and the planned instalment, in paise."""

    product_code: str
    principal_paise: int
    emi_paise: int


async def find_loan_key(session: AsyncSession, loan_id: int, *, year: int | None = None) -> LoanKey | None:
    """The place of a loan by its public number and, where the id says it, the year in which it was made."""
    statement = (
        select(PublicId.customer_id, Loan.disbursed_on)
        .join(Loan, (Loan.customer_id == PublicId.customer_id) & (Loan.id == PublicId.number))
        .where(PublicId.kind == "loan", PublicId.number == loan_id)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None or year not in (None, row.disbursed_on.year):
        return None
    return LoanKey(row.customer_id, loan_id)


async def next_loan_number(session: AsyncSession) -> int:
    """A new loan number, read before the insert."""
    return int((await session.execute(select(loan_numbers.next_value()))).scalar_one())


async def lock_loan(session: AsyncSession, key: LoanKey) -> None:
    """Makes this transaction the loan's only writer. First of all: what is read before may be old."""
    statement = (
        select(Loan.version)
        .where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id)
        .with_for_update(key_share=True)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LoanNotFound("there is no such loan", field="loan_id")


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
_ONE = text(_POSITIONS.format(further=_WHOLE_PLAN) + "WHERE l.customer_id = :customer_id AND l.id = :loan_id")
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
    row: Row[Any]


async def get_stored_loan(session: AsyncSession, key: LoanKey) -> Stored:
    """All of one loan. Lock it first where something is to be decided. Raises LoanNotFound."""
    row = (await session.execute(_ONE, {"customer_id": key.customer_id, "loan_id": key.loan_id})).one_or_none()
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return Stored(ProductKey(row.product_code, row.product_version), row)


async def list_due_loans(
    session: AsyncSession, *, from_customer_id: int, to_customer_id: int, through: date
) -> list[Stored]:
    """The loans of a range of customers (both ends included) that a run for a business date has something to do on."""
    span = {"from_customer_id": from_customer_id, "to_customer_id": to_customer_id, "through": through}
    return [Stored(ProductKey(row.product_code, row.product_version), row) for row in await session.execute(_DUE, span)]


def position_of(row: Row[Any], terms: RepaymentTerms) -> Position:
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


async def add_loan(
    session: AsyncSession,
    decision: Decision,
    *,
    product: ProductKey,
    application_id: int | None,
    purpose: str | None,
    now: datetime,
    actor: str,
) -> None:
    """Writes a new loan: its row, its public number, its first plan and its first transfers."""
    position = decision.position
    await session.execute(
        insert(PublicId).values(kind="loan", number=position.loan_id, customer_id=position.customer_id)
    )
    await session.execute(
        insert(Loan).values(
            customer_id=position.customer_id,
            id=position.loan_id,
            product_code=product.code,
            product_version=product.version,
            application_id=application_id,
            purpose=purpose,
            disbursed_paise=position.disbursed_paise,
            annual_rate_percent=position.annual_rate_percent,
            instalments=position.instalments,
            disbursed_on=position.disbursed_on,
            version=position.version,
            created_at=now,
            actor=actor,
            **_state_of(position),
        )
    )
    await add_plans(session, position, decision.plans)
    await add_transfers(session, position, decision)


def _state_of(position: Position) -> dict[str, Any]:
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
    "UPDATE loans AS l SET version = l.version + 1, "
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
        for name, value in _state_of(position).items():
            columns[name].append(_array_text(value) if name in _UPDATED_LISTS else value)
    return {LoanKey(*row) for row in await session.execute(_UPDATE, columns)}


def _array_text(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


_ADD_PLAN = text(
    """
INSERT INTO schedules (customer_id, loan_id, version, made_on, reason, first_planned, after_payment_id,
                       emi_paise, due_on, principal_paise, interest_paise)
SELECT n.customer_id, n.loan_id, n.version, :made_on, :reason, n.first_planned, :after_payment_id, :emi_paise,
       coalesce(p.due_on[: n.first_planned - 1], '{}') || CAST(:due_on AS date[]),
       coalesce(p.principal_paise[: n.first_planned - 1], '{}') || CAST(:principal_paise AS bigint[]),
       coalesce(p.interest_paise[: n.first_planned - 1], '{}') || CAST(:interest_paise AS bigint[])
FROM (SELECT CAST(:customer_id AS bigint) AS customer_id, CAST(:loan_id AS bigint) AS loan_id,
             CAST(:version AS int) AS version, CAST(:first_planned AS int) AS first_planned) AS n
LEFT JOIN schedules AS p
    ON p.customer_id = n.customer_id AND p.loan_id = n.loan_id AND p.version = n.version - 1
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


TRANSFER_COLUMNS = [column.name for column in Transfer.__table__.columns]


async def add_transfers(session: AsyncSession, position: Position, decision: Decision) -> None:
    """Posts the transfers of one decision."""
    if decision.transfers:
        rows = [
            dict(zip(TRANSFER_COLUMNS, (position.customer_id, position.loan_id, *transfer), strict=True))
            for transfer in decision.transfers
        ]
        await session.execute(insert(Transfer), rows)


async def list_active_exposures(session: AsyncSession, customer_id: int) -> list[Exposure]:
    """What a customer's active loans weigh, for the limit and the instalment cap."""
    rows = await session.execute(
        text(
            """
SELECT l.product_code, l.principal_paise, s.emi_paise
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
WHERE l.customer_id = :customer_id AND l.status = 'active'
ORDER BY l.id
"""
        ),
        {"customer_id": customer_id},
    )
    return [
        Exposure(product_code=row.product_code, principal_paise=row.principal_paise, emi_paise=row.emi_paise)
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanSummary:
    """A loan in a list."""

    loan_id: int
    product_code: str
    status: str
    disbursed_on: date
    disbursed_paise: int
    annual_rate_percent: Decimal
    principal_paise: int
    next_billing_on: date | None


async def list_loans(session: AsyncSession, customer_id: int, *, after: int, limit: int) -> list[LoanSummary]:
    """A page of a customer's loans, in order of their numbers."""
    columns = (
        Loan.id.label("loan_id"),
        Loan.product_code,
        Loan.status,
        Loan.disbursed_on,
        Loan.disbursed_paise,
        Loan.annual_rate_percent,
        Loan.principal_paise,
        Loan.next_billing_on,
    )
    statement = select(*columns).where(Loan.customer_id == customer_id, Loan.id > after).order_by(Loan.id).limit(limit)
    return [LoanSummary(**row._mapping) for row in await session.execute(statement)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A version of a plan, whole."""

    version: int
    made_on: date
    reason: str
    emi_paise: int
    due_on: list[date]
    principal_paise: list[int]
    interest_paise: list[int]
    disbursed_on: date


async def get_schedule(session: AsyncSession, key: LoanKey) -> StoredSchedule:
    """The version in force. Raises LoanNotFound."""
    same_loan = (Schedule.customer_id == Loan.customer_id) & (Schedule.loan_id == Loan.id)
    statement = (
        select(
            Schedule.version,
            Schedule.made_on,
            Schedule.reason,
            Schedule.emi_paise,
            Schedule.due_on,
            Schedule.principal_paise,
            Schedule.interest_paise,
            Loan.disbursed_on,
        )
        .join(Loan, same_loan & (Schedule.version == Loan.schedule_version))
        .where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return StoredSchedule(**row._mapping)


async def list_transfers(session: AsyncSession, key: LoanKey, *, after: int, limit: int) -> Sequence[Transfer]:
    """A page of a loan's ledger, in the order in which it was posted."""
    statement = (
        select(Transfer)
        .where(Transfer.customer_id == key.customer_id, Transfer.loan_id == key.loan_id, Transfer.number > after)
        .order_by(Transfer.number)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def list_all_transfers(session: AsyncSession, key: LoanKey) -> list[Posted]:
    """The whole ledger of a loan, as the domain knows it."""
    columns = [column for column in Transfer.__table__.columns if column.name not in ("customer_id", "loan_id")]
    statement = (
        select(*columns)
        .where(Transfer.customer_id == key.customer_id, Transfer.loan_id == key.loan_id)
        .order_by(Transfer.number)
    )
    return [
        Posted(
            row.number,
            row.group_number,
            Kind(row.kind),
            Account(row.debit),
            Account(row.credit),
            row.amount_paise,
            Account(row.component),
            row.value_date,
            row.booked_on,
            row.cycle,
            row.payment_id,
            row.reverses,
        )
        for row in await session.execute(statement)
    ]


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


async def list_loan_keys(session: AsyncSession, *, after: LoanKey, limit: int) -> list[LoanKey]:
    """A page of all loans, in the order of their places."""
    statement = (
        select(Loan.customer_id, Loan.id)
        .where(tuple_(Loan.customer_id, Loan.id) > tuple_(after.customer_id, after.loan_id))
        .order_by(Loan.customer_id, Loan.id)
        .limit(limit)
    )
    return [LoanKey(row.customer_id, row.id) for row in await session.execute(statement)]


async def count_loans(session: AsyncSession) -> int:
    """How many loans there are."""
    return int((await session.execute(select(func.count()).select_from(Loan))).scalar_one())
