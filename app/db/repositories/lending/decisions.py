"""What was decided about locked loans, written: where each loan stands now, and every row that leads there.

A payment is the commonest write of a lender, and what it costs are round trips. So all that decisions always touch (the
loans, what is left of their bills, the transfers, the events for other programs; with payments also these, their
numbers, their audit events and the answers to their callers) is one statement, for one loan or for many. New bills and
plans are written beside it by their own repositories: a payment seldom has any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.arrays import to_arrays, unnest_arrays
from app.db.repositories.audit import Trace
from app.db.repositories.events.log import INSERT_EVENTS, Moment, event_columns
from app.db.repositories.idempotency import INSERT_ANSWERS, GivenAnswer, answer_columns
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.lending.states import BILL_STATE_COLUMNS, STATE_COLUMNS, state_of
from app.db.repositories.unit_of_work import CLOSED_THROUGH
from app.db.statements import Statement
from app.domain.events.happened import Event
from app.domain.lending.closing import check_open
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
#: The columns of a loan that are lists of the same length, and the others with their types.
_LISTS = {
    "advances": ("advance_payment_ids", "advance_part_paise"),
    "movements": ("movement_dates", "movement_paise"),
}
_FLAT = {name: kind for name, kind in STATE_COLUMNS.items() if not kind.endswith("[]")}


def _unnest_loans() -> str:
    """Rows of the loans. Of a list within a row they hold where it begins and ends: the driver takes only rectangular
    arrays, so the lists of all loans come as one (see `_assigned`)."""
    ends = {f"{name}_{end}": "int" for name in _LISTS for end in ("before", "with")}
    return unnest_arrays("loan", _KEY | {"version": "int"} | _FLAT | ends)


def _assigned(prefix: str, columns: dict[str, str]) -> str:
    lists = {column: name for name, together in _LISTS.items() for column in together}
    return ", ".join(
        f"{name} = (CAST(:{prefix}_{name} AS {kind}))[n.{lists[name]}_before + 1 : n.{lists[name]}_with]"
        if name in lists
        else f"{name} = n.{name}"
        for name, kind in columns.items()
    )


_ANY = "ANY(CAST(:loan_customer_id AS bigint[]))"


def _of_loans(prefix: str, columns: dict[str, str]) -> str:
    """Rows from arrays beside the loans that they belong to: on a cluster they are written where their loan is."""
    return f"""{unnest_arrays(prefix, columns)}
    JOIN loans AS l ON l.customer_id = n.customer_id AND l.id = n.loan_id WHERE l.customer_id = {_ANY}"""


# Only names of our own columns are put in. Everything is there or nothing is: the caller holds the loans' locks, and
# sees by the answer whether each was still the one that was decided on. Every table is compared with the customers
# itself: on a cluster that says which server is asked.
_WRITE = f"""
WITH moved AS (
    UPDATE loans AS l SET version = l.version + 1, {_assigned("loan", STATE_COLUMNS)}
    FROM {_unnest_loans()}
    WHERE l.customer_id = {_ANY}
      AND l.customer_id = n.customer_id AND l.id = n.loan_id AND l.version = n.version
    RETURNING l.id
), left_of_bills AS (
    UPDATE bills AS b SET {_assigned("state", BILL_STATE_COLUMNS)}
    FROM {unnest_arrays("state", _KEY | _STATE)}
    WHERE b.customer_id = {_ANY}
      AND b.customer_id = n.customer_id AND b.loan_id = n.loan_id AND b.cycle = n.cycle
), posted AS (
    INSERT INTO transfers (customer_id, loan_id, {", ".join(TRANSFER)})
    SELECT l.customer_id, l.id, {", ".join(f"n.{name}" for name in TRANSFER)}
    FROM {_of_loans("transfer", _KEY | TRANSFER)}
), told AS (
    {INSERT_EVENTS}
)"""  # noqa: S608
_STORED_PAYMENT = [name for name in _PAYMENT if name not in ("request_id", "client_address")]
_PAID = f""", taken AS MATERIALIZED (
    SELECT n.* FROM {unnest_arrays("payment", _KEY | _PAYMENT)}
), paid AS (
    INSERT INTO payments (customer_id, loan_id, {", ".join(_STORED_PAYMENT)})
    SELECT l.customer_id, l.id, {", ".join(f"n.{name}" for name in _STORED_PAYMENT)}
    FROM {_of_loans("payment", _KEY | _PAYMENT)}
), numbered AS (
    INSERT INTO public_ids (kind, number, customer_id) SELECT 'payment', id, customer_id FROM taken
), recorded AS (
    INSERT INTO audit_events
        (at, actor, action, object_kind, object_id, customer_id, request_id, client_address, details)
    SELECT received_at, actor, 'payment_taken', 'payment', CAST(id AS text), customer_id, request_id, client_address,
           jsonb_build_object('loan_id', loan_id, 'amount_paise', amount_paise)
    FROM taken ORDER BY id
), answered AS (
    {INSERT_ANSWERS}
)"""  # noqa: S608
_MOVED = f" SELECT count(*) AS moved, {CLOSED_THROUGH} AS closed_through FROM moved"  # noqa: S608
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
    events: Sequence[Event] = (),
    moment: Moment | None = None,
) -> bool:
    """Writes decisions without their new bills and plans, the payments that they took, what was answered, and the
    events, which happened at `moment`.

    False where somebody wrote one of the loans since it was read: then nothing of this may stay. Raises PeriodClosed.
    """
    values = {
        **_loan_arrays(loans),
        **to_arrays("state", _KEY | _STATE, (_state_row(loan.key, state) for loan in loans for state in loan.changed)),
        **to_arrays(
            "transfer", _KEY | TRANSFER, ((*loan.key, *moved) for loan in loans for moved in loan.decision.transfers)
        ),
        **event_columns(events, moment),
    }
    statement = _WRITE_DECISIONS
    if payments:
        statement = _WRITE_PAYMENTS
        values |= to_arrays("payment", _KEY | _PAYMENT, map(_payment_row, payments))
        values |= answer_columns(answers)
    written = await statement.find(session, **values)
    check_open(values["transfer_booked_on"], closed_through=written.closed_through)
    return bool(written.moved == len(loans))


def _loan_arrays(loans: Sequence[DecidedLoan]) -> dict[str, list[Any]]:
    """The loans as arrays. The lists of all loans are one, beside where that of each loan begins and ends."""
    positions = [loan.decision.position for loan in loans]
    states = [state_of(position) for position in positions]
    arrays: dict[str, list[Any]] = {
        "loan_customer_id": [position.customer_id for position in positions],
        "loan_loan_id": [position.loan_id for position in positions],
        "loan_version": [position.version for position in positions],
    }
    for name in _FLAT:
        arrays[f"loan_{name}"] = [state[name] for state in states]
    for name, columns in _LISTS.items():
        ends = list(accumulate(len(state[columns[0]]) for state in states))
        arrays[f"loan_{name}_before"] = [0, *ends][: len(loans)]
        arrays[f"loan_{name}_with"] = ends
        for column in columns:
            arrays[f"loan_{column}"] = [value for state in states for value in state[column]]
    return arrays


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
