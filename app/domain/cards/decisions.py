"""Decisions about a card account: a new state together with the rows that lead to it.

An account is first caught up to the business date. A fact then happens to it at once, or, where it undoes something or
counts from a day before the latest event, the account is lived again with it. Source: docs/cards.md.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.charges import ChargeChange, Tranche, posted_changes, tranches
from app.domain.cards.engine.facts import UNDOING, Fact
from app.domain.cards.engine.happenings import live_through
from app.domain.cards.engine.ledger import CardTransfer
from app.domain.cards.engine.life import IssuedStatement, Life, Posting
from app.domain.cards.engine.replay import History, Opening, open_state, replay
from app.domain.cards.rules import CardRules
from app.domain.products.products import RepaymentTerms


@dataclass(slots=True, kw_only=True)
class Decided:
    """A state, and everything that was decided since it was read. `undone` says how much of a fact no longer counts."""

    state: State
    facts: list[Fact] = field(default_factory=list)
    undone: dict[int, int] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    transfers: list[CardTransfer] = field(default_factory=list)
    changes: list[ChargeChange] = field(default_factory=list)
    statements: list[IssuedStatement] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.facts or self.postings or self.transfers or self.statements)

    def add(self, life: Life) -> None:
        """Adds what a life has led to."""
        self.state = life.state
        self.postings += life.postings
        self.transfers += life.transfers
        self.statements += life.statements
        self.changes += posted_changes(life.charges)


def open_account(opening: Opening) -> Decided:
    """A new account. Raises StatementDayInvalid."""
    return Decided(state=open_state(opening))


def catch_up(
    decided: Decided, *, rules: CardRules, repayment: RepaymentTerms, today: date, booked_on: date | None = None
) -> None:
    """Lives the days up to today: judgements and late fees of today and before, statements of the days before today.

    `booked_on` is the business date of the transfers, if it is later: a run of an earlier date books when it writes.
    """
    life = Life(state=decided.state, rules=rules, repayment=repayment, booked_on=booked_on or today)
    live_through(life, on=today)
    decided.add(life)


def needs_history(state: State, fact: Fact) -> bool:
    """Whether the account must be lived again for a fact."""
    return fact.kind in UNDOING or fact.gives_back or fact.happens_on < state.last_event_on


def decide(
    decided: Decided,
    fact: Fact,
    *,
    rules: CardRules,
    repayment: RepaymentTerms,
    today: date,
    booked_on: date | None = None,
    history: History | None = None,
) -> None:
    """Lets a fact happen to an account that is caught up. `history` is needed where `needs_history` says so: what is
    stored, to which the rows of this decision are added here."""
    if not needs_history(decided.state, fact):
        life = Life(state=decided.state, rules=rules, repayment=repayment, booked_on=booked_on or today)
        life.state.last_number = max(life.state.last_number, fact.number)
        life.put(fact.happens_on, fact.number, fact)
        live_through(life, on=today)
        decided.add(life)
        decided.facts.append(fact)
        return
    assert history is not None, "the past of the account is needed"
    before = with_decided(history, decided)
    if fact.kind in UNDOING and fact.of is not None:
        decided.undone[fact.of] = decided.undone.get(fact.of, 0) + fact.amount_paise
    if fact.settles is not None:
        known = (*history.facts, *decided.facts)
        decided.undone[fact.settles] = next(one.amount_paise for one in known if one.number == fact.settles)
    decided.facts.append(fact)
    replayed = replay(decided.state, before, with_decided(history, decided), rules=rules, event=fact)
    decided.state = replayed.state
    decided.postings += replayed.postings
    decided.transfers += replayed.transfers
    decided.changes += replayed.changes


def with_decided(history: History, decided: Decided) -> History:
    """A stored history with the rows of a decision that is not stored yet."""
    facts = [
        replace(fact, undone_paise=fact.undone_paise + decided.undone.get(fact.number, 0))
        for fact in (*history.facts, *decided.facts)
    ]
    return replace(
        history,
        facts=facts,
        charges=tranches([*rows_of(history), *decided.changes]),
        shown={**history.shown, **{one.number: one.asked for one in decided.statements}},
    )


def rows_of(history: History) -> list[ChargeChange]:
    """The tranches of a history as rows."""
    return [
        ChargeChange(key, one.posted_on, one.number, one.is_found, one.paise, one.tax_paise)
        for key, posted in history.charges.items()
        for one in map(Tranche._make, posted)
    ]
