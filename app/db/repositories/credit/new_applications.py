"""New applications, written by one statement for as many as there are, alone or with all that follows from them."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.arrays import to_arrays, unnest_arrays, unnest_beside_customers
from app.db.repositories.audit import INSERT_ACTS, Act, act_columns
from app.db.repositories.credit.applications import DOCUMENTS, NAMES, StoredApplication
from app.db.repositories.events.log import INSERT_EVENTS, Moment, event_columns
from app.db.repositories.idempotency import INSERT_ANSWERS, GivenAnswer, answer_columns
from app.db.statements import Statement
from app.domain.events.happened import Event

#: The columns of an application, with the types in which arrays of them travel.
_TYPES = {
    "customer_id": "bigint", "id": "bigint", "product_code": "text", "product_version": "int",
    "amount_paise": "bigint", "instalments": "smallint", "requested_rate_percent": "numeric",
    "annual_rate_percent": "numeric", "purpose": "text", "agreement": "jsonb", "fingerprint": "bytea",
    "status": "text", "reasons": "jsonb", "score_id": "bigint", "loan_id": "bigint", "account_id": "bigint",
    "applied_on": "date", "expires_on": "date", "decided_on": "date", "created_at": "timestamptz", "actor": "text",
    "top_up": "jsonb",
}  # fmt: skip
assert list(_TYPES) == NAMES, "each column of an application is written"
_WRITE = f"""
WITH numbered AS (
    INSERT INTO public_ids (kind, number, customer_id)
    SELECT 'application', n.id, n.customer_id
    FROM {unnest_arrays("application", {"id": "bigint", "customer_id": "bigint"})}
), added AS (
    INSERT INTO applications ({", ".join(NAMES)})
    SELECT c.customer_id, {", ".join(f"n.{name}" for name in NAMES[1:])}
    FROM {unnest_beside_customers("application", _TYPES, of="application_customer_id")}
    RETURNING id
)"""  # noqa: S608 - only names of our own columns are put in
_COUNT = "\nSELECT count(*) AS added FROM added"
_ADD = Statement(_WRITE + _COUNT)
_DECIDED = f""", told AS (
    {INSERT_EVENTS}
), recorded AS (
    {INSERT_ACTS}
), answered AS (
    {INSERT_ANSWERS}
)"""
_ADD_DECIDED = Statement(_WRITE + _DECIDED + _COUNT)


async def add_application(session: AsyncSession, application: StoredApplication) -> None:
    """Writes an application and its public number."""
    await _ADD.find(session, **to_arrays("application", NAMES, [_row(application)]))


async def add_decided(
    session: AsyncSession,
    applications: Sequence[StoredApplication],
    *,
    events: Sequence[Event],
    moment: Moment,
    acts: Sequence[Act],
    answers: Sequence[GivenAnswer],
) -> None:
    """Writes applications of a group and their public numbers, with what other programs are told, the audit trail, and
    what the callers were answered."""
    await _ADD_DECIDED.find(
        session,
        **to_arrays("application", NAMES, map(_row, applications)),
        **event_columns(events, moment),
        **act_columns(acts),
        **answer_columns(answers),
    )


def _row(application: StoredApplication) -> list[Any]:
    values = {name: getattr(application, name) for name in NAMES}
    texts = {name: orjson.dumps(values[name]).decode() for name in DOCUMENTS if values[name] is not None}
    return list((values | texts).values())
