"""Random lives of a card account: what its holder and the networks do, drawn by hypothesis and played on a `Book`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.calendar import add_months
from app.domain.cards.authorisations import (
    Ask,
    Hold,
    HoldStatus,
    Line,
    SpendKind,
    capture,
    decline,
    first_hold,
    release,
)
from app.domain.cards.cards import Card, CardStatus
from app.domain.cards.changes import (
    close,
    convert,
    decide_dispute,
    dispute,
    foreclose,
    move_statement_day,
    want_statements,
)
from app.domain.cards.decisions import needs_history
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.cycles import CycleTooLong, next_statement_on
from app.domain.cards.engine.facts import UNDOING, Fact, FactKind
from app.domain.cards.engine.life import net_owed_paise
from app.domain.cards.quotes import ClosingQuote, check_closable, closing_quote, foreclosure_quote
from app.domain.cards.requests import BEFORE, Posted, pay_out, pay_out_unanswered, refund, spend, undo
from app.domain.money import share_paise
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms, FeeKind, InterestRounded
from tests.domain.cards.book import PRESENT_RULES, SEEDED, Book, pack
from tests.domain.cards.naive import Naive

START = date(2026, 1, 16)
#: Also on a last day of a month, and before a leap day.
DAYS_OPENED = [START, date(2026, 1, 31), date(2027, 11, 30), date(2028, 2, 29)]
OPENED = st.sampled_from(DAYS_OPENED)
DAY = timedelta(days=1)

ACTIONS = [
    "spend", "spend", "spend_late", "cash", "pay", "pay_minimum", "pay_all", "refund", "refund_unknown", "bounce",
    "put_back", "backdate", "reverse", "reverse_part", "dispute", "lose", "win", "convert", "foreclose", "spend_abroad",
    "credit", "pay_out", "keep", "move_day", "always", "limit", "new_terms", "refund_late", "charge_off", "close",
    "authorise", "capture", "let_go", "wait",
]  # fmt: skip
#: The card that asks: it refuses nothing by itself.
CARD = Card(
    customer_id=1,
    loan_id=None,
    token="card_x",
    last_four="0000",
    status=CardStatus.ACTIVE,
    issued_on=START,
    expires_on=date.max,
    blocked_on=None,
    blocked_by=None,
)
#: What makes the account live again, or ends it.
LATE = (
    "bounce", "put_back", "backdate", "reverse", "reverse_part", "win", "spend_abroad", "refund_late", "charge_off",
    "close",
)  # fmt: skip
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
    "refund_late",
    "pay_out",
)
#: What still happens to an account that is closed: a payment is refused.
AFTER_CLOSING = (*(one for one in AFTER_THE_END if one not in ("pay", "put_back", "backdate")), "win", "lose")
STILL = {AccountStatus.CLOSED: AFTER_CLOSING, AccountStatus.CHARGED_OFF: AFTER_THE_END}


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


#: The terms in which a life may differ, with what each may be.
TERMS: dict[str, list[Any]] = {
    "days": list(CardDays),
    "interest_rounded": list(InterestRounded),
    "minimum_percent": [Decimal(1), Decimal(5), Decimal("7.5"), Decimal(10)],
    "minimum_floor_paise": [0, 200_00, 1_000_00],
    "minimum_unit_paise": [1, 100, 10_00],
    "due_after_days": list(range(14, 25)),
    "cash_monthly_rate_percent": [None, Decimal("2.5")],
    "minimum_covers_next": [False, True],
    "minimum_shares_interest": [False, True],
    "interest_bears_interest": [False, True],
    "minimum_rounds_share": [False, True],
    "foreign_fee_percent": [Decimal("3.5")],
    "returned_payment_fee_paise": [0, 450_00],
    "conversion_fee_percent": [Decimal(0), Decimal("1.5")],
    "foreclosure_fee_percent": [Decimal(0), Decimal(3)],
    "untaxed_fees": [(), (FeeKind.LATE,), (FeeKind.CASH, FeeKind.CONVERSION)],
    "provisional_credit": [False, True],
}


def products() -> st.SearchStrategy[CardTerms]:
    """Terms with every option."""
    return st.builds(
        lambda **changed: replace(SEEDED, **changed),
        payment_order=st.just(tuple(CardBucket)) | st.permutations(list(CardBucket)).map(tuple),
        **{name: st.sampled_from(values) for name, values in TERMS.items()},
    )


class Player:
    """Plays steps on a book, and, where it is given one, on the naive account too."""

    def __init__(
        self, terms: CardTerms, *, day: int = 15, naive: bool = False, limit: int = 50_000_00, opened: date = START
    ) -> None:
        self.opened = opened
        # The rate of the tax changes during the life.
        gst = [(date(2017, 7, 1), Decimal(18)), (opened + 75 * DAY, Decimal(28))]
        rules = replace(PRESENT_RULES, gst=tuple(gst))
        self.book = Book(opened.isoformat(), terms=terms, day=day, limit=limit, rules=rules)
        repayment = self.book.opening.repayment
        self.naive = Naive(terms, repayment, opened=opened, limit=limit, day=day, gst=gst) if naive else None
        self.purchases: list[int] = []
        self.advances: list[int] = []
        self.payments: list[int] = []
        self.bounced: list[int] = []
        self.disputes: list[int] = []
        self.holds: list[Hold] = []
        self.abroad: set[int] = set()
        self.day = day

    def play(self, plan: list[Step]) -> "Player":
        for step in plan:
            self.to(self.book.today + step.days * DAY)
            still = STILL.get(self.book.state.status)
            if still is not None and step.action not in still:
                continue
            getattr(self, step.action)(step)
            pack(self.book.state)
        return self

    def finish(self) -> "Player":
        """Lives on until two more statements are issued."""
        self.to(self.book.today + 70 * DAY)
        return self

    def to(self, day: date) -> None:
        """Moves the business date. Refunds without an answer are paid out in time, and holds expire."""
        book = self.book
        while over := [one.answer_by + DAY for one in book.state.questions if one.answer_by < day]:
            book.to(max(book.today, min(over)))
            if book.state.status is not AccountStatus.OPEN:
                break
            self.do(pay_out_unanswered(book.state, today=book.today))
        book.to(day)
        self.holds = [
            release(hold, status=HoldStatus.EXPIRED)
            if hold.status is HoldStatus.OPEN and hold.expires_at.date() <= day
            else hold
            for hold in self.holds
        ]

    def do(self, facts: list[Fact]) -> int:
        """Lets the facts of a request happen in order, and answers the number of the first."""
        first = before = 0
        for fact in facts:
            numbered = replace(
                fact, number=self.book.state.last_number + 1, of=before if fact.of == BEFORE else fact.of
            )
            before = self.learn(numbered) if needs_history(self.book.state, numbered) else self.book.happen(numbered)
            first = first or before
        return first

    def posted(self, number: int) -> Posted:
        """What a request knows of a posting."""
        one = next(one for one in self.book.history().facts if one.number == number)
        return Posted(
            number=number,
            kind=one.kind,
            amount_paise=one.amount_paise,
            undone_paise=one.undone_paise,
            value_on=one.value_on,
            posted_on=one.posted_on,
        )

    def refunded(self, number: int) -> int:
        """What merchants have refunded of a purchase."""
        facts = self.book.decided.facts
        return sum(one.amount_paise for one in facts if one.kind is FactKind.REFUND and one.of == number)

    # --- what may happen ---

    def surprise(self, kind: FactKind, amount: int = 0, **more: Any) -> int:
        """A fact that may change the past."""
        today = self.book.today
        more = {"value_on": today, **more}
        return self.learn(
            Fact(number=self.book.state.last_number + 1, kind=kind, amount_paise=amount, posted_on=today, **more)
        )

    def learn(self, event: Fact) -> int:
        """A fact that may change the past: the naive account learns it too."""
        if self.naive is not None:
            self.naive.live(list(self.book.history().facts), self.book.today, None)
        changes_past = event.kind in UNDOING or event.value_on < event.posted_on or event.gives_back
        self.book.happen(event)
        if self.naive is not None:
            self.naive.live(list(self.book.history().facts), self.book.today, event.number if changes_past else None)
        return event.number

    def wait(self, step: Step) -> None:
        """Nothing."""

    def spend(self, step: Step) -> None:
        self.purchases.append(self.book.post(FactKind.PURCHASE, step.paise))

    def spend_late(self, step: Step) -> None:
        """A purchase that is posted some days after its date."""
        on = max(self.opened, self.book.today - min(step.back, 12) * DAY)
        self.purchases.append(self.book.post(FactKind.PURCHASE, step.paise, value_on=on))

    def cash(self, step: Step) -> None:
        self.advances.append(self.book.cash(step.paise, self.book.today))

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

    def refund_late(self, step: Step) -> None:
        """A refund of a purchase or of an advance that counts from an earlier day."""
        if taken := [*self.purchases, *self.advances]:
            known = self.posted(taken[step.choice % len(taken)])
            self.do(
                refund(
                    self.book.state,
                    known,
                    has_purchases=True,
                    has_mark_up=known.number in self.abroad,
                    paise=min(step.paise, known.amount_paise),
                    value_on=max(self.opened, self.book.today - step.back * DAY),
                    today=self.book.today,
                )
            )

    def refund_unknown(self, step: Step) -> None:
        if self.purchases:
            self.book.refund(step.paise, self.book.today)

    def bounce(self, step: Step) -> None:
        standing = [one for one in self.payments if self.posted(one).counts_paise]
        if standing:
            number = standing[step.choice % len(standing)]
            book = self.book
            self.do(
                undo(
                    book.state,
                    self.posted(number),
                    paise=None,
                    refunded_paise=0,
                    terms=book.state.terms_on(book.today),
                    today=book.today,
                )
            )
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
        return self.posted(number).counts_paise - self.refunded(number)

    def reverse_part(self, step: Step) -> None:
        """What is left of a purchase, or of an advance, after its refunds is reversed in part."""
        if taken := [*self.purchases, *self.advances]:
            of = taken[step.choice % len(taken)]
            if (left := self.left_of(of)) > 1:
                self.surprise(FactKind.REVERSAL, min(step.paise, left - 1), of=of)

    def spend_abroad(self, step: Step) -> None:
        """A purchase in a foreign currency, with its mark-up."""
        number = self.book.post(FactKind.PURCHASE, step.paise)
        fee = share_paise(step.paise, Decimal("3.5"))
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
        state, today = self.book.state, self.book.today
        if state.plans:
            number = state.plans[step.choice % len(state.plans)].number
            book, owed, charged = self.book, net_owed_paise(state), state.plan_paise
            quote = foreclosure_quote(state, number, on=today, rules=book.rules, repayment=book.opening.repayment)
            self.do(foreclose(state, number, terms=state.terms_on(today), today=today))
            assert (net_owed_paise(book.state) - owed, charged - book.state.plan_paise) == (
                quote.total_paise,
                quote.principal_paise,
            )

    def keep(self, step: Step) -> None:
        """The holder keeps refunds as credit."""
        self.book.state.questions = []

    def always(self, step: Step) -> None:
        self.do(want_statements(self.book.state, always=step.choice > 2, today=self.book.today))

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
        least = (CardBucket.CASH, *(one for one in CardBucket if one is not CardBucket.CASH))
        changed: dict[str, Any] = {
            "monthly_rate_percent": Decimal(step.choice) / 2 + 1,
            "minimum_percent": Decimal(5 + step.choice),
        }
        if step.back % 2:
            # Another product: everything but the way of counting days may change.
            changed |= {
                "due_after_days": 14 + step.back % 11,
                "payment_order": least if step.back % 3 else tuple(CardBucket),
                "interest_rounded": list(InterestRounded)[step.choice % 2],
                "minimum_rounds_share": step.back % 5 == 0,
                "minimum_shares_interest": step.back % 4 == 1,
                "cash_monthly_rate_percent": Decimal(3) if step.choice % 2 else None,
                "untaxed_fees": (FeeKind.LATE, FeeKind.CASH) if step.choice % 3 else (),
                "late_fees": SEEDED.late_fees[step.choice % 2 :],
                "returned_payment_fee_paise": 300_00,
            }
        terms = replace(state.terms[-1].terms, **changed)
        if state.terms[-1].from_on < last_on + DAY:
            self.book.post(FactKind.TERMS, value_on=last_on + DAY, terms=terms, version=len(state.terms) + 1)

    def charge_off(self, step: Step) -> None:
        if self.book.state.used_paise > 0 and step.choice == 0:
            self.book.post(FactKind.CHARGE_OFF)

    def close(self, step: Step) -> None:
        """What the quote says is paid, or a credit balance is paid out, and the account is closed."""
        book = self.book
        quote = self.quote()
        terms = book.state.terms_on(book.today)
        if step.choice > 1 or book.state.disputed_paise or (book.state.disputes and terms.provisional_credit):
            return
        self.let_go(step)
        if quote.total_paise > 0:
            self.payments.append(book.pay(quote.total_paise))
            assert self.quote().total_paise == 0
        elif quote.total_paise < 0:
            self.do(pay_out(book.state, paise=-quote.total_paise, on_word_paise=0, today=book.today))
        check_closable(book.state, held_paise=0, quote=self.quote(), terms=terms)
        self.do(close(book.state, today=book.today))
        state = book.state
        assert (state.status, state.owed_paise, state.credit_paise, state.plans) == (AccountStatus.CLOSED, 0, 0, [])

    def quote(self) -> ClosingQuote:
        """What closes the account today."""
        book, today = self.book, self.book.today
        return closing_quote(book.state, on=today, rules=book.rules, repayment=book.opening.repayment, close_by=today)

    def dispute(self, step: Step) -> None:
        """A purchase or an advance is disputed, as a whole or in part."""
        book, state = self.book, self.book.state
        if taken := [*self.purchases, *self.advances]:
            known = self.posted(taken[step.choice % len(taken)])
            if known.counts_paise and all(one.purchase != known.number for one in state.disputes):
                part = None if step.back % 2 else min(step.paise, known.counts_paise)
                facts = dispute(state, known, paise=part, terms=state.terms_on(book.today), today=book.today)
                self.disputes.append(self.do(facts))

    def lose(self, step: Step) -> None:
        self.decide(for_holder=False)

    def win(self, step: Step) -> None:
        """A dispute that the holder wins is a reversal."""
        self.decide(for_holder=True)

    def decide(self, *, for_holder: bool) -> None:
        state = self.book.state
        waiting = [one for one in self.disputes if any(each.number == one for each in state.disputes)]
        if not waiting:
            return
        number = waiting[-1]
        self.disputes.remove(number)
        of = self.book.fact(number).of
        assert of is not None
        facts = self.book.history().facts
        self.do(
            decide_dispute(
                state,
                self.posted(number),
                self.posted(of),
                for_holder=for_holder,
                credited_paise=sum(
                    one.counts_paise for one in facts if one.of == number and one.kind is FactKind.CREDIT
                ),
                refunded_paise=self.refunded(of),
                today=self.book.today,
            )
        )

    def line(self) -> Line:
        """How the account stands for an authorisation."""
        state = self.book.state
        return Line(
            status=state.status,
            is_blocked=False,
            limit_paise=state.limit_paise,
            used_paise=state.used_paise,
            held_paise=sum(hold.held_paise for hold in self.holds),
            cash_used_paise=state.balances().get(CardBucket.CASH, 0),
            cash_held_paise=sum(hold.held_paise for hold in self.holds if hold.kind is SpendKind.CASH),
            consented_over_limit=False,
        )

    def authorise(self, step: Step) -> None:
        """A promise to a merchant. None is approved beyond what is available, or beyond the cash limit."""
        book, before = self.book, self.line()
        terms = book.state.terms_on(book.today)
        now = datetime.combine(book.today, time(12))
        ask = Ask(
            reference=str(len(self.holds)),
            amount_paise=step.paise,
            kind=SpendKind.CASH if step.choice == 0 else SpendKind.PURCHASE,
            transacted_at=now,
            merchant_name="a merchant",
            category_code="5411",
            country="IN",
        )
        code = decline(ask, before, CARD, terms, spent_today_paise=0, on=book.today)
        self.holds.append(first_hold(ask, code, terms=terms, now=now))
        after = self.line()
        assert (code is None) == (before.available_paise - after.available_paise == step.paise)
        if code is None:
            assert after.available_paise >= 0
            assert ask.kind is SpendKind.PURCHASE or after.cash_available_paise(terms) >= 0

    def capture(self, step: Step) -> None:
        """A clearing of a hold, which may have expired: the part of the hold that it uses is not held any more."""
        book = self.book
        places = [
            place
            for place, hold in enumerate(self.holds)
            if hold.status in (HoldStatus.OPEN, HoldStatus.EXPIRED) and hold.captured_paise < hold.amount_paise
        ]
        if not places:
            return
        place = places[step.choice % len(places)]
        hold, before = self.holds[place], self.line()
        terms = book.state.terms_on(book.today)
        paise = min(step.paise, hold.amount_paise - hold.captured_paise)
        after = capture(hold, paise=paise, is_final=step.back % 2 == 0, terms=terms)
        is_cash = hold.kind is SpendKind.CASH
        facts = spend(
            book.state,
            terms,
            paise=paise,
            is_cash=is_cash,
            currency="INR",
            value_on=book.today,
            today=book.today,
        )
        number, self.holds[place] = self.do(facts), after
        (self.advances if is_cash else self.purchases).append(number)
        fees = sum(one.amount_paise for one in facts[1:])
        let_go = hold.held_paise - after.held_paise
        assert before.available_paise - self.line().available_paise >= paise + fees - let_go

    def let_go(self, step: Step) -> None:
        """The network reverses the holds that are open."""
        self.holds = [
            release(hold, status=HoldStatus.REVERSED) if hold.status is HoldStatus.OPEN else hold for hold in self.holds
        ]

    def convert(self, step: Step) -> None:
        if self.purchases:
            of = self.purchases[step.choice % len(self.purchases)]
            state, today = self.book.state, self.book.today
            item = state.find_item(of, bucket=CardBucket.PURCHASES)
            if item is not None and item.left_paise >= 1_000_00:
                terms = replace(state.terms_on(today), plan_annual_rate_percent=Decimal(15), plan_minimum_paise=0)
                self.do(
                    convert(
                        state,
                        self.posted(of),
                        terms=terms,
                        annual_rate_percent=None,
                        instalments=3 + step.choice,
                        today=today,
                    )
                )
