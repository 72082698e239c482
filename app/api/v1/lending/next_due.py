"""The next amount to pay on a loan, as several answers show it."""

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas import Answer, RupeesOut, in_rupees
from app.domain.payments.payments import Due


class NextDue(Answer):
    """The next amount to pay. `billed` says whether its bill is issued already."""

    instalment: int
    amount: RupeesOut
    minimum: RupeesOut = Field(
        description="The smallest payment that keeps the bill from being overdue, in rupees; 0 before it is billed"
    )
    due_date: date
    billed: bool


def present_due(due: Due | None) -> NextDue | None:
    """The next amount to pay as an answer; None if nothing is due."""
    if due is None:
        return None
    return NextDue(
        instalment=due.instalment,
        amount=due.amount_paise,
        minimum=due.minimum_paise,
        due_date=due.due_on,
        billed=due.billed,
    )


def written_due(due: Due) -> dict[str, Any]:
    """A `NextDue` as plain values."""
    return {
        "instalment": due.instalment,
        "amount": in_rupees(due.amount_paise),
        "minimum": in_rupees(due.minimum_paise),
        "due_date": due.due_on,
        "billed": due.billed,
    }
