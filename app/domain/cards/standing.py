"""How a card account stands on a day: whether it is open, how late it is, and when a run has something to do.

Days past due at the end of a day are counted from the due date of the oldest statement whose minimum is not paid. An
account is reported past due only once that is so at the end of the third day after the due date; it is non-performing
beyond 90 days. Source: docs/cards.md, standing; Credit and Debit Card Directions 2022.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.life import STATEMENT, next_day
from app.domain.cards.engine.minimum_due import oldest_unpaid
from app.domain.cards.rules import CardRules
from app.domain.errors import Conflict


class AccountNotOpen(Conflict):
    """The account is closed or charged off, so nothing is posted to it. Look at its status."""

    code = "card_account_not_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late an account is at the end of a day."""

    days_past_due: int
    is_reported: bool
    is_non_performing: bool


NOT_LATE: Final = Lateness(days_past_due=0, is_reported=False, is_non_performing=False)


def lateness(state: State, *, on: date, rules: CardRules) -> Lateness:
    """How late an account is at the end of a day."""
    statements = state.statements
    # They are in the order of their due dates. Mostly none has come yet.
    if not statements or statements[0].due_on > on:
        return NOT_LATE
    oldest = oldest_unpaid(statements)
    if oldest is None or oldest.due_on > on:
        return NOT_LATE
    days = (on - oldest.due_on).days + 1
    return Lateness(
        days_past_due=days,
        is_reported=days > rules.late_after_days,
        is_non_performing=days > rules.non_performing_after_days,
    )


def next_run_on(state: State, *, rules: CardRules) -> date | None:
    """The business date whose run has something to do: a statement is issued when its day is over."""
    coming = next_day(state, late_after_days=rules.late_after_days)
    if coming is None:
        return None
    day, part = coming
    asked = [question.answer_by + ONE_DAY for question in state.questions]
    return min([day + ONE_DAY if part == STATEMENT else day, *asked])


def check_open(state: State) -> None:
    """Raises AccountNotOpen."""
    if state.status is not AccountStatus.OPEN:
        raise AccountNotOpen(f"the account is {state.status.value}", field="account_id")
