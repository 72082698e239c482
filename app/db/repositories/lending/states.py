"""The columns of a loan's row and of its bills that change, and their values for a position."""

from typing import Any

import orjson

from app.domain.lending.agreements import Alterations, alterations_document
from app.domain.lending.positions import Position

#: What is left of a bill: its columns that change, with their types.
BILL_STATE_COLUMNS = {
    "unpaid_charges_paise": "bigint",
    "unpaid_interest_paise": "bigint",
    "unpaid_principal_paise": "bigint",
    "returned_paise": "bigint",
    "closed_on": "date",
    "settled_on": "date",
}
#: The columns of a loan row that change, with their types, in the order in which `state_of` gives them.
STATE_COLUMNS = {
    "status": "text",
    "closed_on": "date",
    "schedule_version": "int",
    "next_cycle": "smallint",
    "cycle_began_on": "date",
    "next_billing_on": "date",
    "next_event_on": "date",
    "due_event_on": "date",
    "last_event_on": "date",
    "principal_paise": "bigint",
    "interest_paise": "bigint",
    "charges_paise": "bigint",
    "advance_paise": "bigint",
    "unbilled_interest_paise": "bigint",
    "last_transfer": "int",
    "advance_payment_ids": "bigint[]",
    "advance_part_paise": "bigint[]",
    "movement_dates": "date[]",
    "movement_paise": "bigint[]",
    "unbilled_charges_paise": "bigint",
    "late_counted_on": "date",
    "late_principal_days": "bigint",
    "late_amount_days": "bigint",
    "alterations": "jsonb",
}


#: The columns whose values are not attributes of a position as they are.
_MADE = frozenset(name for name, kind in STATE_COLUMNS.items() if kind.endswith("[]")) | {"status", "alterations"}


def state_of(position: Position) -> dict[str, Any]:
    """The columns of a loan's row that change: its current cycle, and the cache of its ledger."""
    state: dict[str, Any] = {name: getattr(position, name) for name in STATE_COLUMNS if name not in _MADE}
    return state | {
        "status": position.status.value,
        "advance_payment_ids": [payment_id for payment_id, _ in position.advances],
        "advance_part_paise": [part for _, part in position.advances],
        "movement_dates": [movement.value_date for movement in position.movements],
        "movement_paise": [movement.delta_paise for movement in position.movements],
        "alterations": alterations_text(position.alterations),
    }


def alterations_text(altered: Alterations | None) -> str | None:
    """The alterations as their column keeps them."""
    return None if altered is None else orjson.dumps(alterations_document(altered)).decode()
