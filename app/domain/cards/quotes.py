"""What closes an account, or pays an instalment plan off, on a day: the engine itself, run ahead on a copy.

So a quote is what happens, if nothing else does until then. Source: docs/cards.md, instalments, life.
"""

from dataclasses import dataclass, replace
from datetime import date

from app.domain.cards.changes import find_plan, foreclose
from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.happenings import live_through
from app.domain.cards.engine.life import Life, posted_paise
from app.domain.cards.requests import BEFORE
from app.domain.cards.rules import CardRules
from app.domain.cards.standing import check_open
from app.domain.errors import Rejected
from app.domain.money import MAX_PAISE, format_inr
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import RepaymentTerms


class StillOwed(Rejected):
    """The account cannot be closed while something is owed, held or disputed. Pay `figures.owed`, and wait for the
    holds and disputes."""

    code = "card_account_still_owed"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeclosureQuote:
    """What a plan costs when it is foreclosed on a day, in paise. It is due with the next statement; only the principal
    may bear interest until it is paid."""

    on: date
    principal_paise: int
    interest_paise: int
    fee_paise: int
    tax_paise: int

    @property
    def total_paise(self) -> int:
        return self.principal_paise + self.interest_paise + self.fee_paise + self.tax_paise


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


def foreclosure_quote(
    state: State, number: int, *, on: date, rules: CardRules, repayment: RepaymentTerms
) -> ForeclosureQuote:
    """What a plan costs when it is foreclosed on a day; instalments that are billed until then are not in it. Raises
    AccountNotOpen, PlanNotFound."""
    check_open(state)
    life = Life(state=state.copy(), rules=rules, repayment=repayment, booked_on=on)
    live_through(life, on=on)
    principal, derived = find_plan(life.state, number).principal_paise, len(life.postings)
    before = 0
    for fact in foreclose(life.state, number, terms=life.state.terms_on(on), today=on):
        numbered = replace(fact, number=life.next_number(), of=before if fact.of == BEFORE else fact.of)
        life.put(on, numbered.number, numbered)
        live_through(life, on=on)
        before = numbered.number
    posted = posted_paise(life.postings[derived:])
    return ForeclosureQuote(
        on=on,
        principal_paise=principal,
        interest_paise=posted["plan_interest"],
        fee_paise=posted["fee"],
        tax_paise=posted["tax"],
    )
