"""How a card account stands on a day: what is available and due, how late it is, and what closes it.

Days past due at the end of a day are counted from the due date of the oldest statement whose minimum is not paid. An
account is reported past due only once that is so at the end of the third day after the due date; it is non-performing
beyond 90 days. Source: docs/cards.md, standing; Credit and Debit Card Directions 2022.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.happenings import live_through
from app.domain.cards.engine.life import STATEMENT, Life, next_day, posted_paise
from app.domain.cards.engine.minimum_due import oldest_unpaid
from app.domain.cards.rules import CardRules
from app.domain.errors import Conflict, Rejected
from app.domain.money import MAX_PAISE, format_inr
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import RepaymentTerms


class AccountNotOpen(Conflict):
    """The account is closed or charged off, so nothing is posted to it. Look at its status."""

    code = "card_account_not_open"


class StillOwed(Rejected):
    """The account cannot be closed while something is owed, held or disputed. Pay `figures.owed`, and wait for the
    holds and disputes."""

    code = "card_account_still_owed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late an account is at the end of a day."""

    days_past_due: int
    is_reported: bool
    is_non_performing: bool


NOT_LATE: Final = Lateness(days_past_due=0, is_reported=False, is_non_performing=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingQuote:
    """What closes an account on a day. `total_paise` below 0 is a credit balance that is paid out."""

    on: date
    total_paise: int
    owed_paise: int
    interest_paise: int
    tax_paise: int
    plans_paise: int
    close_by: date


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


def closing_quote(
    state: State, *, on: date, rules: CardRules, repayment: RepaymentTerms, close_by: date
) -> ClosingQuote:
    """What closes the account on a day if nothing else happens until then, trailing interest and plans included."""
    check_open(state)
    life = Life(state=state.copy(), rules=rules, repayment=repayment, booked_on=on)
    live_through(life, on=on)
    owed, plans = life.state.owed_paise - life.state.credit_paise, life.state.plan_paise
    disputed = life.state.disputed_paise
    number, derived = life.state.last_number + 1, len(life.postings)
    # More than anybody owes: what is left of it says what was needed.
    pay = Fact(number=number, kind=FactKind.PAYMENT, value_on=on, posted_on=on, amount_paise=MAX_PAISE)
    life.state.last_number += 2
    life.put(on, number, pay)
    life.put(on, number + 1, replace(pay, number=number + 1, kind=FactKind.CLOSING, amount_paise=0))
    live_through(life, on=on)
    posted = posted_paise(life.postings[derived:])
    return ClosingQuote(
        on=on,
        total_paise=MAX_PAISE - life.state.credit_paise + disputed,
        owed_paise=owed,
        interest_paise=posted["interest"] + posted["cash_interest"] + posted["plan_interest"],
        tax_paise=posted["tax"],
        plans_paise=plans,
        close_by=close_by,
    )


def check_closable(state: State, *, held_paise: int, quote: ClosingQuote, terms: CardTerms) -> None:
    """Refuses to close while something is owed, set aside by a dispute, or held, and while a dispute waits for which a
    provisional credit may be taken back. Raises StillOwed."""
    awaits = state.disputed_paise or (state.disputes and terms.provisional_credit)
    if quote.total_paise > 0 or held_paise or awaits:
        raise StillOwed(
            f"{format_inr(max(quote.total_paise, 0))} is owed, {format_inr(held_paise)} is held, and "
            f"{format_inr(state.disputed_paise)} is disputed",
            owed_paise=max(quote.total_paise, 0),
            held_paise=held_paise,
        )
