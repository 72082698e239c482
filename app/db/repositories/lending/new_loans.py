"""A new loan, written by one statement: its row, its public number, its first plan and its disbursal."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.lending.decisions import TRANSFER, to_arrays, unnest_arrays
from app.db.repositories.lending.loans import ProductKey
from app.db.repositories.lending.states import STATE_COLUMNS, state_of
from app.db.repositories.unit_of_work import CLOSED_THROUGH
from app.db.statements import Statement
from app.domain.lending.agreements import agreement_document
from app.domain.lending.closing import check_open
from app.domain.lending.positions import Decision, PlanVersion, Position

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
} | STATE_COLUMNS
_FIRST_PLAN = {
    "version": "int",
    "made_on": "date",
    "reason": "text",
    "first_planned": "smallint",
    "emi_paise": "bigint",
    "due_on": "date[]",
    "principal_paise": "bigint[]",
    "interest_paise": "bigint[]",
}
_WRITE_NEW_LOAN = Statement(
    f"""
WITH numbered AS (
    INSERT INTO public_ids (kind, number, customer_id, year)
    VALUES ('loan', CAST(:loan_id AS bigint), CAST(:loan_customer_id AS bigint), CAST(:year AS smallint))
), made AS (
    INSERT INTO loans ({", ".join(_NEW_LOAN)})
    VALUES ({", ".join(f"CAST(:loan_{name} AS {kind})" for name, kind in _NEW_LOAN.items())})
    RETURNING id
), origin AS (
    INSERT INTO loan_origins (customer_id, loan_id, product_code, disbursed_on)
    VALUES (CAST(:loan_customer_id AS bigint), CAST(:loan_id AS bigint), :loan_product_code, :loan_disbursed_on)
), planned AS (
    INSERT INTO schedules (customer_id, loan_id, {", ".join(_FIRST_PLAN)})
    VALUES (CAST(:loan_customer_id AS bigint), CAST(:loan_id AS bigint),
            {", ".join(f"CAST(:plan_{name} AS {kind})" for name, kind in _FIRST_PLAN.items())})
), posted AS (
    INSERT INTO transfers (customer_id, loan_id, {", ".join(TRANSFER)})
    SELECT c.customer_id, CAST(:loan_id AS bigint), n.* FROM {unnest_arrays("transfer", TRANSFER)}
    JOIN customers AS c ON c.customer_id = CAST(:loan_customer_id AS bigint)
)
SELECT id, {CLOSED_THROUGH} AS closed_through FROM made
"""  # noqa: S608
)


async def write_new_loan(
    session: AsyncSession,
    decision: Decision,
    *,
    product: ProductKey,
    application_id: int | None,
    purpose: str | None,
    now: datetime,
    actor: str,
) -> None:
    """Writes a loan that was just made: its row, its number, its first plan and its disbursal. Raises PeriodClosed."""
    position, (first,) = decision.position, decision.plans
    loan = state_of(position) | {
        "customer_id": position.customer_id,
        "id": position.loan_id,
        "product_code": product.code,
        "product_version": product.version,
        "application_id": application_id,
        "purpose": purpose,
        "disbursed_paise": position.disbursed_paise,
        "annual_rate_percent": position.annual_rate_percent,
        "instalments": position.instalments,
        "disbursed_on": position.disbursed_on,
        "version": position.version,
        "agreement": _agreement_text(position),
        "created_at": now,
        "actor": actor,
    }
    written = await _WRITE_NEW_LOAN.find(
        session,
        year=position.disbursed_on.year,
        **{f"loan_{name}": value for name, value in loan.items()},
        **{f"plan_{name}": value for name, value in _plan_columns(first).items()},
        **to_arrays("transfer", TRANSFER, decision.transfers),
    )
    check_open((one.booked_on for one in decision.transfers), closed_through=written.closed_through)


def _plan_columns(first: PlanVersion) -> dict[str, Any]:
    return {name: list(column) for name, column in first.plan._asdict().items()} | {
        "version": first.version,
        "made_on": first.made_on,
        "reason": first.reason.value,
        "first_planned": first.first_planned,
        "emi_paise": first.emi_paise,
    }


def _agreement_text(position: Position) -> str | None:
    agreement = position.agreement
    return None if agreement is None else orjson.dumps(agreement_document(agreement)).decode()
