"""What would happen: the account is lived ahead on a copy, paying only the minimum, or an amount, on each due date.

It is the engine itself, so it is what happens if nothing is spent. Source: docs/cards.md, what would happen.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.cards.engine.accounts import OpenStatement, State
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.happenings import live_through
from app.domain.cards.engine.life import Life
from app.domain.cards.rules import CardRules
from app.domain.products.products import RepaymentTerms

#: A longer way out of debt is not counted: fifty years of statements.
MOST_STATEMENTS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookMonth:
    """One statement ahead, and what is paid on its due date."""

    on: date
    due_on: date
    total_paise: int
    minimum_paise: int
    paid_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a way of paying comes to. `cleared_on` is None where the debt is never paid."""

    statements: int
    cleared_on: date | None
    interest_paise: int
    fees_paise: int
    tax_paise: int
    paid_paise: int
    months: tuple[OutlookMonth, ...]


def look_ahead(
    state: State, *, pay_paise: int | None, rules: CardRules, repayment: RepaymentTerms, today: date
) -> Outlook:
    """The outlook when nothing is spent and `pay_paise` (None: the minimum) is paid on each due date."""
    life = Life(state=state.copy(), rules=rules, repayment=repayment, booked_on=today)
    months: list[OutlookMonth] = []
    cleared_on: date | None = None
    for _ in range(MOST_STATEMENTS):
        statement = _next_due(life.state, today=today)
        if statement is None:
            if not _is_in_debt(life.state) and not _awaits(life.state):
                cleared_on = months[-1].due_on if months else today
                break
            live_through(life, on=life.state.next_statement_on + ONE_DAY)
            statement = _next_due(life.state, today=today)
            if statement is None:
                continue
        months.append(_pay(life, statement, pay_paise=pay_paise))
        today = statement.due_on + ONE_DAY
        live_through(life, on=today)
    return _outlook(life, months, cleared_on=cleared_on)


def _next_due(state: State, *, today: date) -> OpenStatement | None:
    """The statement that waits for its due date."""
    due = (one for one in state.statements if one.paid_in_full is None and one.due_on >= today)
    return next((one for one in due if one.shown.total_paise), None)


def _is_in_debt(state: State) -> bool:
    return state.owed_paise + state.plan_paise > 0


def _awaits(state: State) -> bool:
    """Whether a day of an item may still be charged."""
    return any(item.held or item.steps for item in state.items)


def _pay(life: Life, statement: OpenStatement, *, pay_paise: int | None) -> OutlookMonth:
    live_through(life, on=statement.due_on)
    owed = max(0, life.state.owed_paise - life.state.credit_paise)
    paise = min(statement.minimum_unpaid_paise if pay_paise is None else pay_paise, owed)
    if paise:
        number = life.next_number()
        fact = Fact(
            number=number,
            kind=FactKind.PAYMENT,
            value_on=statement.due_on,
            posted_on=statement.due_on,
            amount_paise=paise,
        )
        life.put(statement.due_on, number, fact)
        live_through(life, on=statement.due_on)
    return OutlookMonth(
        on=statement.on,
        due_on=statement.due_on,
        total_paise=statement.shown.total_paise,
        minimum_paise=statement.shown.minimum_paise,
        paid_paise=paise,
    )


def _outlook(life: Life, months: list[OutlookMonth], *, cleared_on: date | None) -> Outlook:
    sums = {"interest": 0, "fee": 0, "tax": 0}
    for posting in life.postings:
        kind = {"cash_interest": "interest", "plan_interest": "interest", "late_fee": "fee"}.get(
            posting.kind, posting.kind
        )
        if kind in sums:
            sums[kind] += posting.owed_paise
    return Outlook(
        statements=len(months),
        cleared_on=cleared_on,
        interest_paise=sums["interest"],
        fees_paise=sums["fee"],
        tax_paise=sums["tax"],
        paid_paise=sum(month.paid_paise for month in months),
        months=tuple(months),
    )
