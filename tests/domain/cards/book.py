"""A card account kept in memory, as the service keeps one in the database: for tests of the domain."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.cards.decisions import Decided, catch_up, decide, needs_history, open_account, with_decided
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.charges import Finding, tranches
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.fees import cash_fee_paise
from app.domain.cards.engine.items import fold
from app.domain.cards.engine.ledger import CardAccount
from app.domain.cards.engine.life import IssuedStatement, Posting
from app.domain.cards.engine.replay import History, Opening, books, live_again
from app.domain.cards.rules import CardRules, rules_of
from app.domain.products.card_terms import CardTerms, FeeKind, LateFeeBand
from app.domain.products.seeded import REVOLVING_CARD
from app.domain.rulebook.kinds import LenderKind

assert REVOLVING_CARD.card is not None
SEEDED: CardTerms = REVOLVING_CARD.card


PRESENT_RULES = rules_of(LenderKind.NBFC_MIDDLE, on=date(2026, 1, 1))


class Book:
    """One account. Amounts are in paise; days are dates or ISO text."""

    def __init__(
        self,
        opened_on: str = "2026-01-16",
        *,
        terms: CardTerms = SEEDED,
        limit: int = 1_00_000_00,
        day: int = 15,
        rules: CardRules = PRESENT_RULES,
    ) -> None:
        self.opening = Opening(
            opened_on=date.fromisoformat(opened_on),
            limit_paise=limit,
            statement_day=day,
            terms=terms,
            repayment=REVOLVING_CARD.repayment,
        )
        self.rules = rules
        self.today = self.opening.opened_on
        self.decided = open_account(self.opening)

    @property
    def state(self) -> State:
        return self.decided.state

    @property
    def statements(self) -> list[IssuedStatement]:
        return self.decided.statements

    @property
    def postings(self) -> list[Posting]:
        return self.decided.postings

    def to(self, day: str | date) -> "Book":
        """Moves the business date."""
        self.today = date.fromisoformat(day) if isinstance(day, str) else day
        catch_up(self.decided, rules=self.rules, repayment=self.opening.repayment, today=self.today)
        return self

    def statement(self, on: str) -> IssuedStatement:
        """The statement of a day, which is issued when the day is over."""
        self.to(max(self.today, date.fromisoformat(on) + timedelta(days=1)))
        return next(one for one in self.statements if one.on == date.fromisoformat(on))

    def post(self, kind: FactKind, amount: int = 0, on: str | date | None = None, **more: Any) -> int:
        """Lets a fact happen. `on` moves the business date, unless `value_on` is given too."""
        if on is not None:
            self.to(on)
        value_on = more.pop("value_on", self.today)
        fact = Fact(
            number=self.state.last_number + 1,
            kind=kind,
            amount_paise=amount,
            value_on=date.fromisoformat(value_on) if isinstance(value_on, str) else value_on,
            posted_on=self.today,
            **more,
        )
        return self.happen(fact)

    def happen(self, fact: Fact) -> int:
        """Lets a fact happen that has its number."""
        history = self.stored() if needs_history(self.state, fact) else None
        decide(
            self.decided,
            fact,
            rules=self.rules,
            repayment=self.opening.repayment,
            today=self.today,
            history=history,
        )
        return fact.number

    def stored(self) -> History:
        """Nothing is stored: everything is in the decision."""
        return History(opening=self.opening, facts=(), charges={}, shown={})

    def purchase(self, amount: int, on: str | date, **more: Any) -> int:
        return self.post(FactKind.PURCHASE, amount, on, **more)

    def pay(self, amount: int, on: str | date | None = None, **more: Any) -> int:
        return self.post(FactKind.PAYMENT, amount, on, **more)

    def cash(self, amount: int, on: str | date) -> int:
        number = self.post(FactKind.CASH_ADVANCE, amount, on)
        terms = self.state.terms_on(self.today)
        fee = cash_fee_paise(terms, paise=amount)
        self.post(FactKind.FEE, fee, of=number, fee=FeeKind.CASH)
        return number

    def refund(self, amount: int, on: str | date, of: int | None = None, **more: Any) -> int:
        posted = next((one.posted_on for one in self.decided.facts if one.number == of), None)
        return self.post(FactKind.REFUND, amount, on, of=of, of_posted_on=posted, **more)

    def return_payment(self, number: int, on: str | date | None = None) -> int:
        return self.post(FactKind.RETURNED_PAYMENT, self.fact(number).amount_paise, on, of=number)

    def reverse(self, number: int, on: str | date | None = None) -> int:
        return self.post(FactKind.REVERSAL, self.fact(number).amount_paise, on, of=number)

    def fact(self, number: int) -> Fact:
        return next(one for one in self.decided.facts if one.number == number)

    def history(self) -> History:
        return with_decided(self.stored(), self.decided)

    def posted(self, kind: str, *, on: str) -> int:
        """What the postings of a kind on a day come to."""
        day = date.fromisoformat(on)
        return sum(one.owed_paise for one in self.postings if one.kind == kind and one.posted_on == day)

    def shown_by(self, statement: IssuedStatement) -> list[Posting]:
        """The postings that a statement shows."""
        return [one for one in self.postings if statement.first_posting <= one.number <= statement.last_posting]

    def check(self) -> None:
        """Proves the books: the ledger equals the buckets, the postings sum to what is owed, and living the account
        again gives the same account."""
        ledger: Counter[CardAccount] = Counter()
        for transfer in self.decided.transfers:
            assert transfer.paise > 0, transfer
            ledger[transfer.debit] += transfer.paise
            ledger[transfer.credit] -= transfer.paise
        assert sum(ledger.values()) == 0
        history = self.history()
        expected = books(self.state, history)
        for account in CardAccount:
            assert ledger[account] == expected[account], account
        assert sum(one.owed_paise for one in self.postings) == self.state.owed_paise - self.state.credit_paise
        assert self.state.status is AccountStatus.OPEN or self.state.owed_paise == 0, (
            "an account that ended owes nothing"
        )
        shown = Counter(one.number for statement in self.statements for one in self.shown_by(statement))
        assert max(shown.values(), default=1) == 1, "each posting is on one statement"
        for statement in self.statements:
            moved = sum(one.owed_paise for one in self.shown_by(statement))
            assert statement.opening_paise + moved == statement.closing_paise, statement.on
        numbers = [one.number for one in self.postings]
        assert len(set(numbers)) == len(numbers), "each posting has a number of its own"
        finding = Finding(on=self.today, number=self.state.last_number + 1)
        again = live_again(history, rules=self.rules, finding=finding)
        assert again.charges == {key: list(one) for key, one in history.charges.items()}
        assert comparable(again.state) == comparable(self.state)
        assert tranches(self.decided.changes) == history.charges


def comparable(state: State) -> State:
    """A state without what only numbers and shows."""
    items = sorted(state.items, key=lambda one: (one.bucket, one.from_on, one.number, one.posted_on))
    for item in items:
        item.steps.sort()
        item.held.sort()
    return replace(
        state.copy(),
        bought=[],
        live=items,
        last_number=0,
        closing_paise=0,
        shown_posting=0,
        questions=[],
        moved=False,
        last_event_on=date.min,
        credits=sorted(state.credits, key=lambda one: one.number),
    )


def pack(state: State) -> None:
    """Keeps untouched purchases as rows, as a state that is stored and read again does."""
    bought, touched = fold((), state.items)
    state.live, state.bought = touched, bought


def terms_of(**changed: Any) -> CardTerms:
    """The seeded terms with some changed."""
    return replace(SEEDED, **changed)


__all__ = ["SEEDED", "Book", "Decided", "Decimal", "LateFeeBand", "pack", "terms_of"]
