"""New loans, written by one statement: their rows, public numbers, first plans and disbursals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.arrays import to_arrays, unnest_arrays, unnest_beside_customers
from app.db.repositories.lending.decisions import TRANSFER
from app.db.repositories.lending.loans import ProductKey
from app.db.repositories.lending.states import STATE_COLUMNS, state_of
from app.db.repositories.unit_of_work import CLOSED_THROUGH
from app.db.statements import Statement
from app.domain.lending.agreements import agreement_document
from app.domain.lending.closing import check_open
from app.domain.lending.positions import Decision, Position

#: What is an array within a row. A loan that was just made has no advances and no movements.
_EMPTY = [name for name, kind in STATE_COLUMNS.items() if kind.endswith("[]")]
_NEW_LOAN = {
    "customer_id": "bigint",
    "id": "bigint",
    "product_code": "text",
    "product_version": "int",
    "application_id": "bigint",
    "purpose": "text",
    "disbursed_paise": "bigint",
    "annual_rate_percent": "numeric",
    "instalments": "smallint",
    "disbursed_on": "date",
    "version": "int",
    "agreement": "jsonb",
    "created_at": "timestamptz",
    "actor": "text",
} | {name: kind for name, kind in STATE_COLUMNS.items() if name not in _EMPTY}
_ORIGIN = {name: _NEW_LOAN[name] for name in ("customer_id", "id", "product_code", "disbursed_on")}
_FIRST_PLAN = {
    "version": "int",
    "made_on": "date",
    "reason": "text",
    "first_planned": "smallint",
    "emi_paise": "bigint",
}
_INSTALMENTS = {"due_on": "date", "principal_paise": "bigint", "interest_paise": "bigint"}
_KEY = {"customer_id": "bigint", "loan_id": "bigint"}
#: Where the instalments of a plan begin and end: the driver takes only rectangular arrays, so those of all plans come
#: as one.
_ENDS = {"skipped": "int", "last": "int"}
#: The array of the numbers of the customers.
_OF = "loan_customer_id"
_PLANNED = ", ".join(f"(CAST(:plan_{name} AS {kind}[]))[n.skipped + 1 : n.last]" for name, kind in _INSTALMENTS.items())


def _names(columns: dict[str, str]) -> str:
    return ", ".join(f"n.{name}" for name in columns if name != "customer_id")


_WRITE_NEW_LOANS = Statement(
    f"""
WITH numbered AS (
    INSERT INTO public_ids (kind, number, customer_id, year)
    SELECT 'loan', n.id, n.customer_id, n.year
    FROM {unnest_arrays("loan", {"id": "bigint", "customer_id": "bigint", "year": "smallint"})}
), made AS (
    INSERT INTO loans ({", ".join([*_NEW_LOAN, *_EMPTY])})
    SELECT c.customer_id, {_names(_NEW_LOAN)}, {", ".join("'{}'" for _ in _EMPTY)}
    FROM {unnest_beside_customers("loan", _NEW_LOAN, of=_OF)}
    RETURNING id
), origin AS (
    INSERT INTO loan_origins (customer_id, loan_id, product_code, disbursed_on)
    SELECT c.customer_id, {_names(_ORIGIN)} FROM {unnest_beside_customers("loan", _ORIGIN, of=_OF)}
), planned AS (
    INSERT INTO schedules (customer_id, loan_id, {", ".join([*_FIRST_PLAN, *_INSTALMENTS])})
    SELECT c.customer_id, n.loan_id, {_names(_FIRST_PLAN)}, {_PLANNED}
    FROM {unnest_beside_customers("plan", _KEY | _FIRST_PLAN | _ENDS, of=_OF)}
), posted AS (
    INSERT INTO transfers (customer_id, loan_id, {", ".join(TRANSFER)})
    SELECT c.customer_id, n.loan_id, {_names(TRANSFER)}
    FROM {unnest_beside_customers("transfer", _KEY | TRANSFER, of=_OF)}
)
SELECT count(*) AS made, {CLOSED_THROUGH} AS closed_through FROM made
"""  # noqa: S608 - only names of our own columns are put in
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLoan:
    """A loan that was just made, to be written. `actor` is who made it."""

    decision: Decision
    product: ProductKey
    application_id: int | None
    purpose: str | None
    actor: str


async def write_new_loans(session: AsyncSession, loans: Sequence[NewLoan], *, now: datetime) -> None:
    """Writes loans that were just made: their rows, numbers, first plans and disbursals. Raises PeriodClosed."""
    values = {
        **to_arrays("loan", [*_NEW_LOAN, "year"], (_loan_row(loan, now) for loan in loans)),
        **_plan_arrays(loans),
        **to_arrays(
            "transfer",
            _KEY | TRANSFER,
            ((*_key(loan), *moved) for loan in loans for moved in loan.decision.transfers),
        ),
    }
    written = await _WRITE_NEW_LOANS.find(session, **values)
    assert written.made == len(loans), "each loan has a customer"
    check_open(values["transfer_booked_on"], closed_through=written.closed_through)


def _key(loan: NewLoan) -> tuple[int, int]:
    return loan.decision.position.customer_id, loan.decision.position.loan_id


def _loan_row(loan: NewLoan, now: datetime) -> list[Any]:
    position = loan.decision.position
    values = state_of(position) | {
        "customer_id": position.customer_id,
        "id": position.loan_id,
        "product_code": loan.product.code,
        "product_version": loan.product.version,
        "application_id": loan.application_id,
        "purpose": loan.purpose,
        "disbursed_paise": position.disbursed_paise,
        "annual_rate_percent": position.annual_rate_percent,
        "instalments": position.instalments,
        "disbursed_on": position.disbursed_on,
        "version": position.version,
        "agreement": _agreement_text(position),
        "created_at": now,
        "actor": loan.actor,
    }
    return [*(values[name] for name in _NEW_LOAN), position.disbursed_on.year]


def _plan_arrays(loans: Sequence[NewLoan]) -> dict[str, list[Any]]:
    """The first plans as arrays. The instalments of all plans are one, beside where those of each begin and end."""
    plans = [first for loan in loans for first in loan.decision.plans[:1]]
    ends = list(accumulate(len(first.plan.due_on) for first in plans))
    rows = (
        [
            *_key(loan), first.version, first.made_on, first.reason.value, first.first_planned, first.emi_paise,
            skipped, last,
        ]
        for loan, first, skipped, last in zip(loans, plans, [0, *ends[:-1]], ends, strict=True)
    )  # fmt: skip
    return to_arrays("plan", _KEY | _FIRST_PLAN | _ENDS, rows) | {
        f"plan_{name}": [value for first in plans for value in getattr(first.plan, name)] for name in _INSTALMENTS
    }


def _agreement_text(position: Position) -> str | None:
    agreement = position.agreement
    return None if agreement is None else orjson.dumps(agreement_document(agreement)).decode()
