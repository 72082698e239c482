"""What is to be paid next on a loan, as the wire writes it."""

from datetime import date

from pydantic import Field

from app.api.schemas import Answer, RupeesOut
from app.domain.payments.payments import Due


class NextDue(Answer):
    """What is to be paid next."""

    instalment: int
    amount: RupeesOut
    minimum: RupeesOut = Field(description="What keeps the bill from being overdue; 0 before it is billed")
    due_date: date
    billed: bool


def present_due(due: Due | None) -> NextDue | None:
    """What is to be paid next, as the wire writes it."""
    if due is None:
        return None
    return NextDue(
        instalment=due.instalment,
        amount=due.amount_paise,
        minimum=due.minimum_paise,
        due_date=due.due_on,
        billed=due.billed,
    )
