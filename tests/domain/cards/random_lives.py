"""Random lives of a card account: what its holder and the networks do, drawn by hypothesis and played on a `Book`."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.calendar import add_months
from app.domain.cards.changes import move_statement_day
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.cycles import CycleTooLong, next_statement_on
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.requests import percent_of
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms, FeeKind, InterestRounded
from tests.domain.cards.book import SEEDED, Book, pack
from tests.domain.cards.naive import Naive

START = date(2026, 1, 16)
#: Also on a last day of a month, and before a leap day.
OPENED = st.sampled_from([START, date(2026, 1, 31), date(2027, 11, 30), date(2028, 2, 29)])
DAY = timedelta(days=1)

ACTIONS = [
    "spend", "spend", "spend_late", "cash", "pay", "pay_minimum", "pay_all", "refund", "refund_unknown", "bounce",
    "put_back", "backdate", "reverse", "reverse_part", "dispute", "lose", "win", "convert", "foreclose", "spend_abroad",
    "credit", "pay_out", "move_day", "limit", "new_terms", "charge_off", "wait",
]  # fmt: skip
#: What makes the account live again, or ends it.
LATE = ("bounce", "put_back", "backdate", "reverse", "reverse_part", "win", "spend_abroad", "charge_off")
IN_TIME = [one for one in ACTIONS if one not in LATE]
#: What changes the cycle, the limit or the terms, or gives what is not the holder's to give.
BY_LENDER = ("credit", "pay_out", "move_day", "limit", "new_terms", "foreclose")
QUIET = [one for one in IN_TIME if one not in BY_LENDER]


#: What still happens to an account that is charged off.
AFTER_THE_END = (
    "pay",
    "refund",
    "refund_unknown",
    "bounce",
    "put_back",
    "backdate",
    "reverse",
    "reverse_part",
    "pay_out",
)


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
        minimum_covers_next=st.booleans(),
        minimum_shares_interest=st.booleans(),
        interest_bears_interest=st.booleans(),
        minimum_rounds_share=st.booleans(),
        foreign_fee_percent=st.just(Decimal("3.5")),
    )


class Player:
    """Plays steps on a book, and, where it is given one, on the naive account too."""

    def __init__(
        self, terms: CardTerms, *, day: int = 15, naive: bool = False, limit: int = 50_000_00, opened: date = START
    ) -> None:
        self.opened = opened
        self.book = Book(opened.isoformat(), terms=terms, day=day, limit=limit)
        self.naive = Naive(terms, self.book.opening.repayment, opened=opened, limit=limit, day=day) if naive else None
        self.purchases: list[int] = []
        self.payments: list[int] = []
        self.bounced: list[int] = []
        self.disputes: list[int] = []
        self.abroad: set[int] = set()
        self.day = day

    def play(self, plan: list[Step]) -> "Player":
        for step in plan:
            self.book.to(self.book.today + step.days * DAY)
            if self.book.state.status is AccountStatus.CHARGED_OFF and step.action not in AFTER_THE_END:
                continue
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
            changes_past = changes_past or event.gives_back
            self.naive.live(list(self.book.history().facts), self.book.today, done if changes_past else None)
        return done

    def wait(self, step: Step) -> None:
        """Nothing."""

    def spend(self, step: Step) -> None:
        self.purchases.append(self.book.post(FactKind.PURCHASE, step.paise))

    def spend_late(self, step: Step) -> None:
        """A purchase that is posted some days after its date."""
        on = max(self.opened, self.book.today - min(step.back, 12) * DAY)
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
            fact = self.book.fact(of)
            paise = min(step.paise, fact.amount_paise)
            more: dict[str, Any] = {"of": of, "of_posted_on": fact.posted_on}
            if of in self.abroad:
                self.surprise(FactKind.REFUND, paise, gives_back=True, **more)
            else:
                self.book.post(FactKind.REFUND, paise, **more)

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
        on = max(self.opened, self.book.today - step.back * DAY)
        self.payments.append(self.surprise(FactKind.PAYMENT, step.paise, value_on=on))

    def reverse(self, step: Step) -> None:
        if self.purchases:
            self.reverse_left(self.purchases.pop(step.choice % len(self.purchases)))

    def reverse_left(self, number: int) -> None:
        if (left := self.left_of(number)) > 0:
            self.surprise(FactKind.REVERSAL, left, of=number)

    def left_of(self, number: int) -> int:
        """What was neither reversed nor refunded of a purchase."""
        history = self.book.history().facts
        refunded = sum(one.amount_paise for one in history if one.kind is FactKind.REFUND and one.of == number)
        return next(one.counts_paise for one in history if one.number == number) - refunded

    def reverse_part(self, step: Step) -> None:
        """What is left of a purchase, or of an advance, after its refunds is reversed in part."""
        taken = [*self.purchases, *(one.number for one in self.book.decided.facts if one.kind is FactKind.CASH_ADVANCE)]
        if taken:
            of = taken[step.choice % len(taken)]
            if (left := self.left_of(of)) > 1:
                self.surprise(FactKind.REVERSAL, min(step.paise, left - 1), of=of)

    def spend_abroad(self, step: Step) -> None:
        """A purchase in a foreign currency, with its mark-up."""
        number = self.book.post(FactKind.PURCHASE, step.paise)
        fee = percent_of(step.paise, Decimal("3.5"))
        if fee:
            self.book.post(FactKind.FEE, fee, of=number, fee=FeeKind.FOREIGN)
        self.purchases.append(number)
        self.abroad.add(number)

    def credit(self, step: Step) -> None:
        self.book.post(FactKind.CREDIT, step.paise)

    def pay_out(self, step: Step) -> None:
        if credit := self.book.state.credit_paise:
            self.book.post(FactKind.PAYOUT, min(credit, step.paise))

    def foreclose(self, step: Step) -> None:
        plans = self.book.state.plans
        if plans:
            self.book.post(FactKind.FORECLOSURE, of=plans[step.choice % len(plans)].number)

    def move_day(self, step: Step) -> None:
        day = (1, 5, 14, 15, 28, 31)[step.choice]
        try:
            facts = move_statement_day(self.book.state, day=day, terms=SEEDED, today=self.book.today)
        except CycleTooLong:
            return
        for fact in facts:
            self.book.post(fact.kind, day=fact.day)

    def limit(self, step: Step) -> None:
        self.book.post(FactKind.LIMIT, limit_paise=1_000_00 + step.paise)

    def new_terms(self, step: Step) -> None:
        """Another rate and another share, from the day after a statement, a month later."""
        state = self.book.state
        last_on = state.next_statement_on
        while last_on < add_months(self.book.today, 1):
            last_on = next_statement_on(last_on, day=state.statement_day)
        terms = replace(
            state.terms[-1].terms,
            monthly_rate_percent=Decimal(step.choice) / 2 + 1,
            minimum_percent=Decimal(5 + step.choice),
        )
        if state.terms[-1].from_on < last_on + DAY:
            self.book.post(FactKind.TERMS, value_on=last_on + DAY, terms=terms, version=len(state.terms) + 1)

    def charge_off(self, step: Step) -> None:
        if self.book.state.used_paise > 0 and step.choice == 0:
            self.book.post(FactKind.CHARGE_OFF)

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
                self.reverse_left(of)

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
