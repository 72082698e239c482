"""What was decided about locked loans, written: where each loan stands now, and every row that leads there.

A payment is the commonest write of a lender, and what it costs are round trips. So all that decisions always touch (the
loans, what is left of their bills, the transfers; with payments also these, their numbers, their audit events and the
answers to their callers) is one statement, for one loan or for many. New bills and plans are written beside it by their
own repositories: a payment seldom has any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.audit import Trace
from app.db.repositories.idempotency import GivenAnswer
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.lending.positions import BILL_STATE_COLUMNS, STATE_COLUMNS, state_of
from app.db.statements import Statement
from app.domain.lending.positions import BillState, Decision
from app.domain.payments.payments import PaymentOrder

_KEY = {"customer_id": "bigint", "loan_id": "bigint"}
_STATE = {"cycle": "smallint"} | BILL_STATE_COLUMNS
TRANSFER = {
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
_PAYMENT = {
    "id": "bigint",
    "amount_paise": "bigint",
    "value_date": "date",
    "booked_on": "date",
    "method": "text",
    "reference": "text",
    "instalment": "smallint",
    "treated_as": "text",
    "received_at": "timestamptz",
    "actor": "text",
    "request_id": "text",
    "client_address": "text",
}
_ANSWER = {
    "caller": "text",
    "route": "text",
    "key": "text",
    "body_hash": "bytea",
    "created_at": "timestamptz",
    "status_code": "smallint",
    "answer": "jsonb",
}


def unnest_arrays(prefix: str, columns: dict[str, str]) -> str:
    """SQL that makes rows of one array for each column. A list within a row travels as text, because the driver takes
    only rectangular arrays."""
    arrays = ", ".join(
        f"CAST(:{prefix}_{name} AS {'text' if kind.endswith('[]') else kind}[])" for name, kind in columns.items()
    )
    return f"unnest({arrays}) AS n({', '.join(columns)})"


def _assigned(columns: dict[str, str]) -> str:
    return ", ".join(
        f"{name} = " + (f"CAST(n.{name} AS {kind})" if kind.endswith("[]") else f"n.{name}")
        for name, kind in columns.items()
    )


# Only names of our own columns are put in. Everything is there or nothing is: the caller holds the loans' locks, and
# sees by the answer whether each was still the one that was decided on.
_WRITE = f"""
WITH moved AS (
    UPDATE loans AS l SET version = l.version + 1, {
    ", ".join(
        f"{name} = " + (f"CAST(n.{name} AS {kind})" if kind.endswith("[]") else f"n.{name}")
        for name, kind in STATE_COLUMNS.items()
    )
}
    FROM {unnest_arrays("loan", _KEY | {"version": "int"} | STATE_COLUMNS)}
    WHERE l.customer_id = n.customer_id AND l.id = n.loan_id AND l.version = n.version
    RETURNING l.id
), left_of_bills AS (
    UPDATE bills AS b SET {_assigned(BILL_STATE_COLUMNS)}
    FROM {unnest_arrays("state", _KEY | _STATE)}
    WHERE b.customer_id = n.customer_id AND b.loan_id = n.loan_id AND b.cycle = n.cycle
), posted AS (
    INSERT INTO transfers (customer_id, loan_id, {", ".join(TRANSFER)})
    SELECT n.* FROM {unnest_arrays("transfer", _KEY | TRANSFER)}
)"""  # noqa: S608
_STORED_PAYMENT = ", ".join(name for name in _PAYMENT if name not in ("request_id", "client_address"))
_PAID = f""", taken AS MATERIALIZED (
    SELECT n.* FROM {unnest_arrays("payment", _KEY | _PAYMENT)}
), paid AS (
    INSERT INTO payments (customer_id, loan_id, {_STORED_PAYMENT})
    SELECT customer_id, loan_id, {_STORED_PAYMENT} FROM taken
), numbered AS (
    INSERT INTO public_ids (kind, number, customer_id) SELECT 'payment', id, customer_id FROM taken
), recorded AS (
    INSERT INTO audit_events
        (at, actor, action, object_kind, object_id, customer_id, request_id, client_address, details)
    SELECT received_at, actor, 'payment_taken', 'payment', CAST(id AS text), customer_id, request_id, client_address,
           jsonb_build_object('loan_id', loan_id, 'amount_paise', amount_paise)
    FROM taken ORDER BY id
), answered AS (
    INSERT INTO idempotency_keys ({", ".join(_ANSWER)}) SELECT n.* FROM {unnest_arrays("answer", _ANSWER)}
)"""  # noqa: S608
_MOVED = " SELECT count(*) AS moved FROM moved"
_WRITE_DECISIONS = Statement(_WRITE + _MOVED)
_WRITE_PAYMENTS = Statement(_WRITE + _PAID + _MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPayment:
    """A payment to be written with the decision that took it, and what the audit trail says of it."""

    loan: LoanKey
    order: PaymentOrder
    method: str | None
    trace: Trace


@dataclass(frozen=True, slots=True)
class DecidedLoan:
    """What was decided about a loan; `changed` is what is left of the bills that were there before."""

    decision: Decision
    changed: Sequence[BillState]

    @property
    def key(self) -> LoanKey:
        """Which loan it is."""
        return LoanKey(self.decision.position.customer_id, self.decision.position.loan_id)


async def write_decisions(
    session: AsyncSession,
    loans: Sequence[DecidedLoan],
    *,
    payments: Sequence[TakenPayment] = (),
    answers: Sequence[GivenAnswer] = (),
) -> bool:
    """Writes decisions without their new bills and plans, the payments that they took, and what was answered.

    False where somebody wrote one of the loans since it was read: then nothing of this may stay.
    """
    values = {
        **to_arrays("loan", _KEY | {"version": "int"} | STATE_COLUMNS, map(_loan_row, loans)),
        **to_arrays("state", _KEY | _STATE, (_state_row(loan.key, state) for loan in loans for state in loan.changed)),
        **to_arrays(
            "transfer", _KEY | TRANSFER, ((*loan.key, *moved) for loan in loans for moved in loan.decision.transfers)
        ),
    }
    statement = _WRITE_DECISIONS
    if payments:
        statement = _WRITE_PAYMENTS
        values |= to_arrays("payment", _KEY | _PAYMENT, map(_payment_row, payments))
        values |= to_arrays("answer", _ANSWER, map(_answer_row, answers))
    return bool((await statement.find(session, **values)).moved == len(loans))


def to_arrays(prefix: str, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The rows as one array for each column, by the names that `unnest_arrays` uses."""
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True)
    found = {f"{prefix}_{name}": list(column) for name, column in zip(names, columns, strict=False)}
    return found or {f"{prefix}_{name}": [] for name in names}


def _loan_row(loan: DecidedLoan) -> list[Any]:
    position = loan.decision.position
    state = state_of(position)
    return [
        *loan.key,
        position.version,
        *(
            "{" + ",".join(map(str, state[name])) + "}" if kind.endswith("[]") else state[name]
            for name, kind in STATE_COLUMNS.items()
        ),
    ]


def _state_row(key: LoanKey, state: BillState) -> list[Any]:
    return [*key, *(getattr(state, name) for name in _STATE)]


def _payment_row(payment: TakenPayment) -> list[Any]:
    order, trace = payment.order, payment.trace
    return [
        *payment.loan,
        order.payment_id,
        order.amount_paise,
        order.value_date,
        order.booked_on,
        payment.method,
        order.reference,
        order.instalment,
        order.treat_as.value,
        trace["at"],
        trace["actor"],
        trace["request_id"],
        trace["client_address"],
    ]


def _answer_row(given: GivenAnswer) -> list[Any]:
    return [
        *given.key, given.body_hash, given.at, given.status_code,
        orjson.dumps(given.answer).decode(),
    ]  # fmt: skip
