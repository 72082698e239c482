"""What was decided about one locked loan, written: where the loan stands now, and every row that leads there.

A payment is the commonest write of a lender, and what it costs are round trips. So all that one decision always
touches (the loan, what is left of its bills, the transfers, the payment) is one statement. New bills and plans are
written beside it by their own repositories: a payment seldom has any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.lending.positions import state_of
from app.db.statements import Statement
from app.domain.lending.ledger import Transfer
from app.domain.lending.positions import BillState, Decision
from app.domain.payments.payments import PaymentOrder

_STATE = {
    "cycle": "smallint",
    "unpaid_charges_paise": "bigint",
    "unpaid_interest_paise": "bigint",
    "unpaid_principal_paise": "bigint",
    "returned_paise": "bigint",
    "closed_on": "date",
    "settled_on": "date",
}
_TRANSFER = {
    "number": "int",
    "group_number": "int",
    "kind": "text",
    "debit": "text",
    "credit": "text",
    "amount_paise": "bigint",
    "component": "text",
    "value_date": "date",
    "booked_on": "date",
    "cycle": "smallint",
    "payment_id": "bigint",
    "reverses": "int",
}
_LOAN = (
    "status", "closed_on", "schedule_version", "next_cycle", "cycle_began_on", "next_billing_on", "next_event_on",
    "last_event_on", "principal_paise", "interest_paise", "charges_paise", "advance_paise", "unbilled_interest_paise",
    "last_transfer", "advance_payment_ids", "advance_part_paise", "movement_dates", "movement_paise",
)  # fmt: skip
_PAYMENT = (
    "amount_paise", "value_date", "booked_on", "method", "reference", "instalment", "treated_as", "received_at", "actor"
)  # fmt: skip


def _unnest(prefix: str, columns: dict[str, str]) -> str:
    arrays = ", ".join(f"CAST(:{prefix}_{name} AS {kind}[])" for name, kind in columns.items())
    return f"unnest({arrays}) AS n({', '.join(columns)})"


# Only names of our own columns are put in. Everything is there or nothing is: the caller holds the loan's lock, and
# sees by the answer whether the loan was still the one that was decided on.
_WRITE = f"""
WITH moved AS (
    UPDATE loans SET version = version + 1, {", ".join(f"{name} = :loan_{name}" for name in _LOAN)}
    WHERE customer_id = :customer_id AND id = :loan_id AND version = :version
    RETURNING id
), left_of_bills AS (
    UPDATE bills AS b SET {", ".join(f"{name} = n.{name}" for name in _STATE if name != "cycle")}
    FROM {_unnest("state", _STATE)}
    WHERE b.customer_id = :customer_id AND b.loan_id = :loan_id AND b.cycle = n.cycle
), posted AS (
    INSERT INTO transfers (customer_id, loan_id, {", ".join(_TRANSFER)})
    SELECT :customer_id, :loan_id, n.* FROM {_unnest("transfer", _TRANSFER)}
)"""  # noqa: S608
_PAID = f""", paid AS (
    INSERT INTO payments (customer_id, loan_id, id, {", ".join(_PAYMENT)})
    VALUES (:customer_id, :loan_id, :payment_id, {", ".join(f":payment_{name}" for name in _PAYMENT)})
)"""  # noqa: S608
_MOVED = " SELECT count(*) AS moved FROM moved"
_WRITE_DECISION = Statement(_WRITE + _MOVED)
_WRITE_PAYMENT = Statement(_WRITE + _PAID + _MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPayment:
    """A payment to be written with the decision that took it."""

    order: PaymentOrder
    method: str | None
    received_at: datetime
    actor: str


async def write_decision(
    session: AsyncSession, decision: Decision, *, changed: Sequence[BillState], payment: TakenPayment | None = None
) -> bool:
    """Writes a decision without its new bills and plans; `changed` is what is left of the bills that were there before.

    False where somebody wrote the loan since it was read: then nothing of this may stay.
    """
    position = decision.position
    values: dict[str, Any] = {
        "customer_id": position.customer_id,
        "loan_id": position.loan_id,
        "version": position.version,
        **{f"loan_{name}": value for name, value in state_of(position).items()},
        **{f"state_{name}": [getattr(state, name) for state in changed] for name in _STATE},
        **_columns(decision.transfers),
    }
    statement = _WRITE_DECISION
    if payment is not None:
        statement, values = _WRITE_PAYMENT, values | _payment_values(payment)
    return bool((await statement.find(session, **values)).moved)


def _columns(transfers: Sequence[Transfer]) -> dict[str, list[Any]]:
    columns = zip(*transfers, strict=True) if transfers else ((),) * len(_TRANSFER)
    return {f"transfer_{name}": list(column) for name, column in zip(_TRANSFER, columns, strict=True)}


def _payment_values(payment: TakenPayment) -> dict[str, Any]:
    order = payment.order
    return {
        "payment_id": order.payment_id,
        "payment_amount_paise": order.amount_paise,
        "payment_value_date": order.value_date,
        "payment_booked_on": order.booked_on,
        "payment_method": payment.method,
        "payment_reference": order.reference,
        "payment_instalment": order.instalment,
        "payment_treated_as": order.treat_as.value,
        "payment_received_at": payment.received_at,
        "payment_actor": payment.actor,
    }
