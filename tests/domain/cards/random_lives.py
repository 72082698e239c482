"""Random lives of a card account: what its holder and the networks do, drawn by hypothesis and played on a `Book`."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.cards.engine.facts import FactKind
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms, InterestRounded
from tests.domain.cards.book import SEEDED, Book, pack
from tests.domain.cards.naive import Naive

START = date(2026, 1, 16)
DAY = timedelta(days=1)

ACTIONS = [
    "spend", "spend", "spend_late", "cash", "pay", "pay_minimum", "pay_all", "refund", "refund_unknown", "bounce",
    "put_back", "backdate", "reverse", "dispute", "lose", "win", "convert", "wait",
]  # fmt: skip
IN_TIME = [one for one in ACTIONS if one not in ("bounce", "put_back", "backdate", "reverse", "win")]


@dataclass(frozen=True)
class Step:
    """One action, some days after the one before. `choice` picks among purchases or payments."""

    action: str
    days: int
    paise: int
    choice: int
    back: int


def steps(actions: list[str], *, least: int = 1, most: int = 14) -> st.SearchStrategy[list[Step]]:
    step = st.builds(
        Step,
        action=st.sampled_from(actions),
        days=st.integers(0, 25),
        paise=st.integers(1, 20_000_00),
        choice=st.integers(0, 5),
        back=st.integers(0, 50),
    )
    return st.lists(step, min_size=least, max_size=most)


def products() -> st.SearchStrategy[CardTerms]:
    """Terms with every option."""
    orders = st.permutations(list(CardBucket)).map(tuple)
    return st.builds(
        lambda **changed: replace(SEEDED, **changed),
        days=st.sampled_from(CardDays),
        interest_rounded=st.sampled_from(InterestRounded),
        minimum_percent=st.sampled_from([Decimal(1), Decimal(5), Decimal("7.5"), Decimal(10)]),
        minimum_floor_paise=st.sampled_from([0, 200_00, 1_000_00]),
        minimum_unit_paise=st.sampled_from([1, 100, 10_00]),
        due_after_days=st.integers(14, 24),
        payment_order=st.just(tuple(CardBucket)) | orders,
        cash_monthly_rate_percent=st.sampled_from([None, Decimal("2.5")]),
    )


class Player:
    """Plays steps on a book, and, where it is given one, on the naive account too."""

    def __init__(self, terms: CardTerms, *, day: int = 15, naive: bool = False, limit: int = 50_000_00) -> None:
        self.book = Book(START.isoformat(), terms=terms, day=day, limit=limit)
        self.naive = Naive(terms, self.book.opening.repayment, opened=START, limit=limit, day=day) if naive else None
        self.purchases: list[int] = []
        self.payments: list[int] = []
        self.bounced: list[int] = []
        self.disputes: list[int] = []

    def play(self, plan: list[Step]) -> "Player":
        for step in plan:
            self.book.to(self.book.today + step.days * DAY)
            getattr(self, step.action)(step)
            pack(self.book.state)
        return self

    def finish(self) -> "Player":
        """Lives on until two more statements are issued."""
        self.book.to(self.book.today + 70 * DAY)
        return self

    # --- what may happen ---

    def surprise(self, kind: FactKind, amount: int = 0, **more: Any) -> int:
        """A fact that may change the past: the naive account learns it too."""
        if self.naive is not None:
            self.naive.live(list(self.book.history().facts), self.book.today, None)
        number = self.book.state.last_number + 1
        done = self.book.post(kind, amount, **more)
        assert done == number
        if self.naive is not None:
            event = self.book.fact(done)
            changes_past = kind in (FactKind.RETURNED_PAYMENT, FactKind.REVERSAL) or event.value_on < event.posted_on
            self.naive.live(list(self.book.history().facts), self.book.today, done if changes_past else None)
        return done

    def wait(self, step: Step) -> None:
        """Nothing."""

    def spend(self, step: Step) -> None:
        self.purchases.append(self.book.post(FactKind.PURCHASE, step.paise))

    def spend_late(self, step: Step) -> None:
        """A purchase that is posted some days after its date."""
        on = max(START, self.book.today - min(step.back, 12) * DAY)
        self.purchases.append(self.book.post(FactKind.PURCHASE, step.paise, value_on=on))

    def cash(self, step: Step) -> None:
        self.book.cash(step.paise, self.book.today)

    def pay(self, step: Step) -> None:
        self.payments.append(self.book.pay(step.paise))

    def pay_minimum(self, step: Step) -> None:
        if unpaid := max((one.minimum_unpaid_paise for one in self.book.state.statements), default=0):
            self.payments.append(self.book.pay(unpaid))

    def pay_all(self, step: Step) -> None:
        if owed := self.book.state.owed_paise:
            self.payments.append(self.book.pay(owed))

    def refund(self, step: Step) -> None:
        if self.purchases:
            of = self.purchases[step.choice % len(self.purchases)]
            self.book.refund(min(step.paise, self.book.fact(of).amount_paise), self.book.today, of=of)

    def refund_unknown(self, step: Step) -> None:
        if self.purchases:
            self.book.refund(step.paise, self.book.today)

    def bounce(self, step: Step) -> None:
        standing = [one for one in self.payments if one not in self.bounced]
        if standing:
            number = standing[step.choice % len(standing)]
            self.surprise(FactKind.RETURNED_PAYMENT, self.book.fact(number).amount_paise, of=number)
            self.bounced.append(number)

    def put_back(self, step: Step) -> None:
        """A payment that was returned is honoured after all, from its first value date."""
        if self.bounced:
            fact = self.book.fact(self.bounced.pop())
            self.payments.append(self.surprise(FactKind.PAYMENT, fact.amount_paise, value_on=fact.value_on))

    def backdate(self, step: Step) -> None:
        on = max(START, self.book.today - step.back * DAY)
        self.payments.append(self.surprise(FactKind.PAYMENT, step.paise, value_on=on))

    def reverse(self, step: Step) -> None:
        if self.purchases:
            number = self.purchases.pop(step.choice % len(self.purchases))
            self.surprise(FactKind.REVERSAL, self.book.fact(number).amount_paise, of=number)

    def dispute(self, step: Step) -> None:
        if self.purchases:
            of = self.purchases[step.choice % len(self.purchases)]
            self.disputes.append(self.book.post(FactKind.DISPUTE, self.book.fact(of).amount_paise, of=of))

    def lose(self, step: Step) -> None:
        if self.disputes:
            self.book.post(FactKind.DISPUTE_LOST, of=self.disputes.pop())

    def win(self, step: Step) -> None:
        """A dispute that the holder wins is a reversal."""
        if self.disputes:
            of = self.book.fact(self.disputes.pop()).of
            if of in self.purchases:
                self.purchases.remove(of)
                self.surprise(FactKind.REVERSAL, self.book.fact(of).amount_paise, of=of)

    def convert(self, step: Step) -> None:
        if self.purchases:
            of = self.purchases[step.choice % len(self.purchases)]
            item = self.book.state.find_item(of)
            if item is not None and item.left_paise >= 1_000_00:
                self.book.post(
                    FactKind.CONVERSION,
                    item.left_paise,
                    of=of,
                    annual_rate_percent=Decimal(15),
                    instalments=3 + step.choice,
                )
                # A refund of a converted purchase is another story: it has tests of its own.
                self.purchases.remove(of)
