"""Lives an account again from its first day, when its past turns out to be different.

A returned payment, a backdated one and a reversal change what earlier statements would have charged. Issued statements
stay. For each cause (the interest of statement 3, the late fee of statement 2) the amount as it now is is compared with
what was posted: `charges` says what becomes of the difference. The differences are summed into one adjustment a kind,
posted today, and the ledger gets the differences between the two layings of the payments. Living an account again with
nothing new gives the same account; reconciliation proves that. Source: docs/cards.md, replay.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.domain.cards.engine.accounts import Asked, State, TermsFrom
from app.domain.cards.engine.charges import Cause, ChargeChange, Charges, Finding, changes
from app.domain.cards.engine.cycles import ONE_DAY, check_statement_day, statement_on_or_after
from app.domain.cards.engine.facts import BOUGHT, DEPENDENT, MONEY_IN, UNDOING, Fact, FactKind, Returned
from app.domain.cards.engine.happenings import live_through
from app.domain.cards.engine.interest import uncharged
from app.domain.cards.engine.ledger import CardAccount, CardTransfer, balance_out, balances_of
from app.domain.cards.engine.life import Life, Posting, net_owed_paise
from app.domain.cards.engine.refunds import ask_about
from app.domain.cards.rules import CardRules
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import RepaymentTerms

#: Above the number of every posting.
_LAST_OF_DAY: Final = 2**31
#: Where the differences of a charge go.
_INCOME = {Cause.LATE_FEE: CardAccount.FEE_INCOME, Cause.FEE: CardAccount.FEE_INCOME}
#: The lender's account of the amount of a fact: debited by money of the holder, credited by what the holder owes.
LENDERS_SIDE: Final = {
    FactKind.PURCHASE: CardAccount.SETTLEMENT_PAYABLE,
    FactKind.CASH_ADVANCE: CardAccount.SETTLEMENT_PAYABLE,
    FactKind.PAYOUT: CardAccount.CASH,
    FactKind.PAYMENT: CardAccount.CASH,
    FactKind.REFUND: CardAccount.SETTLEMENT_PAYABLE,
    FactKind.CREDIT: CardAccount.LOSSES,
    FactKind.DISPUTE_LOST: CardAccount.LOSSES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an account is opened with. `repayment` is how its instalment plans are planned."""

    opened_on: date
    limit_paise: int
    statement_day: int
    terms: CardTerms
    repayment: RepaymentTerms
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of an account's past: its facts, what was charged, and what its statements asked for."""

    opening: Opening
    facts: Sequence[Fact]
    charges: Charges
    shown: Mapping[int, Asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """An account lived again, and what leads from the old one to it."""

    state: State
    postings: Sequence[Posting]
    transfers: Sequence[CardTransfer]
    changes: Sequence[ChargeChange]


def open_state(opening: Opening) -> State:
    """The state of an account on the day on which it opens. Raises StatementDayInvalid."""
    check_statement_day(opening.statement_day)
    first_on = statement_on_or_after(opening.opened_on, day=opening.statement_day)
    return State(
        opened_on=opening.opened_on,
        terms=[TermsFrom(opening.opened_on, opening.terms, opening.version)],
        limit_paise=opening.limit_paise,
        statement_day=opening.statement_day,
        cycle_began_on=opening.opened_on,
        would_end_on=first_on,
        next_statement_on=first_on,
        last_event_on=opening.opened_on,
    )


def live_again(history: History, *, rules: CardRules, finding: Finding) -> Life:
    """The life of an account by what is known now, up to the middle of the day of the finding."""
    life = Life(
        state=open_state(history.opening),
        rules=rules,
        repayment=history.opening.repayment,
        booked_on=finding.on,
        finding=finding,
        known=history.charges,
        shown=history.shown,
    )
    for fact in facts_that_count(history.facts):
        # A closing makes a statement, so it comes after everything else that is posted or valued on its day.
        place = fact.number + (_LAST_OF_DAY if fact.kind is FactKind.CLOSING else 0)
        life.put(fact.happens_on, place, fact)
    live_through(life, on=finding.on)
    assert not life.queue, "every fact and charge has happened"
    return life


def state_at_end(history: History, *, rules: CardRules, on: date) -> State:
    """The state of an account at the end of an earlier day, its statement included, by what is known now of that day
    and of those before it."""
    known = {key: [each for each in one if each.posted_on <= on] for key, one in history.charges.items()}
    facts = [fact for fact in history.facts if fact.happens_on <= on]
    past = replace(history, facts=facts, charges={key: one for key, one in known.items() if one})
    number = max((fact.number for fact in history.facts), default=0) + 1
    return live_again(past, rules=rules, finding=Finding(on=on + ONE_DAY, number=number)).state


def living_differences(state: State, history: History, *, rules: CardRules, today: date) -> list[str]:
    """The names of what is different when the account is lived again with nothing new. Empty: it is proved."""
    life = live_again(history, rules=rules, finding=Finding(on=today, number=state.last_number + 1))
    again = life.state
    found = [name for name, old, new in _compared(state, again, today=today) if old != new]
    if {key: list(one) for key, one in history.charges.items()} != life.charges:
        found.append("charges")
    return found


def _compared(state: State, again: State, *, today: date) -> Iterator[tuple[str, object, object]]:
    for name in (
        "limit_paise",
        "statement_day",
        "would_end_on",
        "next_statement_on",
        "status",
        "statement_number",
        "first_posting_on",
        "revolving",
        "statements",
        "plans",
        "disputes",
        "loss",
    ):
        yield name, getattr(state, name), getattr(again, name)
    yield "items", _items(state, today=today), _items(again, today=today)
    yield "credits", _credits(state), _credits(again)


def _items(state: State, *, today: date) -> Sequence[object]:
    """What is compared of items: how their uncharged days are kept (held, or not counted yet) makes no difference."""
    until = max(today, *(one.accounted_until for one in state.items), state.next_statement_on)
    return sorted(
        (one.bucket, one.from_on, one.number, one.posted_on, one.left_paise, one.billed_by or 0, one.bears_all,
         uncharged(one, until=until), sorted(step for step in one.steps if step.from_on >= until))
        for one in state.items
    )  # fmt: skip


def _credits(state: State) -> Sequence[object]:
    return sorted((one.number, one.value_on, one.paise, one.is_unbilled_only) for one in state.credits)


def facts_that_count(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those that were undone, and without what cannot stay without them. A fee knows what came back
    of its purchase."""
    known = sorted(facts, key=lambda one: one.number)
    returned, gone = _returned(known), set[int]()
    counting = []
    for fact in known:
        depends = fact.kind in DEPENDENT and fact.of in gone
        if fact.is_undone or depends:
            gone.add(fact.number)
        elif fact.kind is FactKind.FEE and fact.of in returned:
            counting.append(replace(fact, returned=returned[fact.of]))
        elif fact.kind not in UNDOING:
            counting.append(fact)
    return counting


def _returned(facts: Sequence[Fact]) -> dict[int, Returned]:
    """What came back of purchases and cash advances of which anything did, by their numbers."""
    refunded: Counter[int] = Counter()
    for fact in facts:
        if fact.kind is FactKind.REFUND and fact.of is not None:
            refunded[fact.of] += fact.counts_paise
    return {
        fact.number: Returned(fact.amount_paise, fact.undone_paise, refunded[fact.number])
        for fact in facts
        if fact.kind in BOUGHT and (fact.undone_paise or refunded[fact.number])
    }


def replay(before: State, known: History, history: History, *, rules: CardRules, event: Fact) -> Replayed:
    """Lives the account again with `event` in its history, and posts what is different. `known` is the history without
    it, and `before` the state of that, caught up to the day of the event."""
    finding = Finding(on=event.posted_on, number=event.number)
    life = live_again(history, rules=rules, finding=finding)
    now = life.state
    now.last_number = max(before.last_number, event.number)
    now.closing_paise = before.closing_paise
    now.shown_posting = before.shown_posting
    _ask(life, event, came_back_paise=now.credit_paise - before.credit_paise)
    now.questions = before.questions + [one for one in now.questions if one.number == event.number]
    now.moved = True
    changed = changes(history.charges, life.charges)
    postings = _postings(before, now, event, changed, number=now.last_number)
    now.last_number = max(posting.number for posting in postings)
    return Replayed(
        state=now,
        postings=postings,
        transfers=_transfers(books(before, known), books(now, replace(history, charges=life.charges)), event),
        changes=changed,
    )


def _ask(life: Life, event: Fact, *, came_back_paise: int) -> None:
    """The holder is asked about a reversal of what is paid for as about a refund, which was asked about when it was
    lived."""
    if event.kind is FactKind.REVERSAL:
        ask_about(life, event, min(came_back_paise, event.amount_paise))


def _kind(change: ChargeChange) -> str:
    match change.key.cause:
        case Cause.LATE_FEE:
            return "late_fee"
        case Cause.FEE:
            return "fee"
        case _:
            return "interest"


def _postings(before: State, now: State, event: Fact, changed: Sequence[ChargeChange], *, number: int) -> list[Posting]:
    """The event itself, and one adjustment a kind."""
    sums: Counter[str] = Counter()
    for change in changed:
        sums[_kind(change)] += change.paise
        sums["tax"] += change.tax_paise
    # What is charged off is owed no more, so another loss is an adjustment too.
    sums["charge_off"] = _lost(before) - _lost(now)
    moved = net_owed_paise(now) - net_owed_paise(before) - sum(sums.values())
    postings = [Posting(event.number, event.kind.value, moved, event.value_on, event.posted_on, event.of)]
    for kind in ("interest", "fee", "late_fee", "tax", "charge_off"):
        if sums[kind]:
            number += 1
            name = f"{kind}_adjustment"
            postings.append(Posting(number, name, sums[kind], event.posted_on, event.posted_on, event.number))
    return postings


def _lost(state: State) -> int:
    return 0 if state.loss is None else state.loss.paise


def books(state: State, history: History) -> Counter[CardAccount]:
    """Every account of the books as a state and its history have them: debits less credits."""
    found: Counter[CardAccount] = Counter(balances_of(state))
    for key, posted in history.charges.items():
        found[_INCOME.get(key.cause, CardAccount.INTEREST_INCOME)] -= sum(one.paise for one in posted)
        found[CardAccount.GST_PAYABLE] -= sum(one.tax_paise for one in posted)
    counting = facts_that_count(history.facts)
    disputes = {fact.number for fact in counting if fact.kind is FactKind.DISPUTE}
    for fact in counting:
        account = LENDERS_SIDE.get(fact.kind)
        # A decision about a dispute that is gone with its purchase does nothing.
        if account and (fact.kind is not FactKind.DISPUTE_LOST or fact.of in disputes):
            found[account] += fact.counts_paise if fact.kind in MONEY_IN else -fact.counts_paise
    if state.loss is not None:
        found[CardAccount.LOSSES] += state.loss.paise
        found[CardAccount.RECOVERY_INCOME] -= state.loss.recovered_paise
    return found


def _transfers(before: Counter[CardAccount], now: Counter[CardAccount], event: Fact) -> list[CardTransfer]:
    """The transfers that bring the ledger to the account as it was lived again."""
    deltas = Counter(now)
    deltas.subtract(before)
    return balance_out(deltas, posting=event.number, on=event.posted_on, is_laying=True)
