"""An account lives: facts happen to it, and days pass.

Inside a day come first what waiting statements are judged by (paid in full or not, late or not), then what is posted or
valued that day in order of its number, and last the statement. So a purchase posted and a payment valued on the
statement day are in that statement. The same code lives an account forward, ahead on a copy, and again from its first
day (`replay`). Source: docs/cards.md, order inside a day.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple

from app.domain.cards.engine.accounts import AccountStatus, Asked, OpenStatement, State
from app.domain.cards.engine.charges import Cause, ChargeKey, Charges, Finding, Tranche, amounts_now, tax_of_part
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.facts import Fact
from app.domain.cards.engine.fees import late_fee_paise
from app.domain.cards.engine.interest import GroupInterest, end_revolving, forget_days, open_revolving
from app.domain.cards.engine.items import Item
from app.domain.cards.engine.laying import Laying, drop_settled, use_credit
from app.domain.cards.engine.ledger import ACCOUNT_OF, INCOME_OF, CardAccount, CardTransfer
from app.domain.cards.rules import CardRules
from app.domain.products.card_terms import CardBucket, FeeKind
from app.domain.products.products import RepaymentTerms

#: The order inside a day.
JUDGE: Final = 0
HAPPEN: Final = 1
STATEMENT: Final = 2


class Posting(NamedTuple):
    """What moved the balance, as a statement shows it. `owed_paise` is by how much more is owed (less: negative)."""

    number: int
    kind: str
    owed_paise: int
    value_on: date
    posted_on: date
    of: int | None = None


class IssuedStatement(NamedTuple):
    """A statement as it is issued; it never changes. A closing balance below 0 is a credit balance."""

    number: int
    from_on: date
    on: date
    due_on: date
    opening_paise: int
    closing_paise: int
    asked: Asked
    balances: Mapping[CardBucket, int]
    interest: tuple[GroupInterest, ...]
    plan_paise: int
    disputed_paise: int
    interest_free: bool
    first_posting: int
    last_posting: int


@dataclass(slots=True, kw_only=True)
class Life:
    """A state, and what comes of living it. With a `finding` the account is lived again: then `known` are the charges
    that were posted and `shown` what its statements asked for, and nothing is journalled."""

    state: State
    rules: CardRules
    repayment: RepaymentTerms
    #: The business date on which everything is booked.
    booked_on: date
    finding: Finding | None = None
    known: Charges = field(default_factory=dict)
    shown: Mapping[int, Asked] = field(default_factory=dict)
    charges: dict[ChargeKey, list[Tranche]] = field(default_factory=dict)
    transfers: list[CardTransfer] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    statements: list[IssuedStatement] = field(default_factory=list)
    queue: list[tuple[date, int, int, Fact | tuple[ChargeKey, Tranche]]] = field(default_factory=list)
    queued: int = 0

    def next_number(self) -> int:
        """The number of the next posting."""
        self.state.last_number += 1
        return self.state.last_number

    def put(self, on: date, number: int, what: Fact | tuple[ChargeKey, Tranche]) -> None:
        """Puts something into the order of days and numbers, to happen when its turn comes."""
        self.queued += 1
        heappush(self.queue, (on, number, self.queued, what))

    def take(self) -> Fact | tuple[ChargeKey, Tranche]:
        """What comes next of the queue."""
        return heappop(self.queue)[3]

    def transfer(self, posting: int, debit: CardAccount, credit: CardAccount, paise: int, *, value_on: date) -> None:
        """Posts a transfer, of today."""
        if paise and self.finding is None:
            self.transfers.append(CardTransfer(posting, debit, credit, paise, value_on, self.booked_on))

    def transfer_laid(self, posting: int, laying: Laying, *, debit: CardAccount, value_on: date) -> None:
        """Posts where money went. What came out of the credit balance is a negative credit in a laying."""
        for bucket, paise in laying.paise.items():
            self.transfer(posting, debit, ACCOUNT_OF[bucket], paise, value_on=value_on)
        if laying.credit_paise > 0:
            self.transfer(posting, debit, CardAccount.CREDIT_BALANCE, laying.credit_paise, value_on=value_on)


def next_day(state: State, *, late_after_days: int) -> tuple[date, int] | None:
    """The next day on which an account does something by itself, and when inside that day."""
    if state.status is not AccountStatus.OPEN:
        return None
    coming = (state.next_statement_on, STATEMENT)
    if not state.statements:
        return coming
    days = [coming]
    for statement in state.statements:
        if statement.paid_in_full is None:
            days.append((statement.due_on + ONE_DAY, JUDGE))
        elif not statement.late_judged:
            days.append((statement.due_on + timedelta(days=late_after_days + 1), JUDGE))
    return min(days)


def judge(life: Life, *, on: date) -> None:
    """Judges the statements whose time has come: paid in full at the end of the due date; late some days after."""
    state = life.state
    state.last_event_on = max(state.last_event_on, on)
    for statement in state.statements:
        if statement.paid_in_full is None and statement.due_on < on:
            cleared_on = statement.cleared_on
            statement.paid_in_full = cleared_on is not None and cleared_on <= statement.due_on
            settle_judgement(state, statement)
            if not statement.paid_in_full:
                open_revolving(state, from_on=statement.first_posting_on)
        late_on = statement.due_on + timedelta(days=life.rules.late_after_days + 1)
        if not statement.late_judged and late_on <= on:
            statement.late_judged = True
            if statement.minimum_unpaid_paise:
                fee = late_fee_paise(state.terms_on(on).late_fees, unpaid_paise=statement.total_unpaid_paise)
                charge(life, ChargeKey(Cause.LATE_FEE, statement.number), fee, on=on, fee=FeeKind.LATE)
    last = state.statements[-1].number if state.statements else 0
    state.statements = [
        one
        for one in state.statements
        if one.number == last or one.paid_in_full is None or not one.late_judged or one.minimum_unpaid_paise
    ]


def settle_judgement(state: State, statement: OpenStatement) -> None:
    """What the judgement of a statement does to its items: their held days are forgotten, or will be charged."""
    until = statement.on + timedelta(days=state.shift)
    for item in state.items:
        if item.billed_by == statement.number:
            item.bears_all = not statement.paid_in_full
            if statement.paid_in_full:
                forget_days(state, item, until=until)
    if statement.paid_in_full:
        assert statement.cleared_on is not None, "what is paid in full was cleared"
        end_revolving(state, cleared_on=statement.cleared_on)
    drop_settled(state)


def add_debit(life: Life, bucket: CardBucket, paise: int, *, number: int, from_on: date, posted_on: date) -> Item:
    """Adds a debt, and pays it from the credit balance, from the later of both dates."""
    state = life.state
    item = Item(number, bucket, from_on, posted_on, paise, accounted_until=from_on)
    state.live.append(item)
    state.moved = True
    if state.first_posting_on is None or from_on < state.first_posting_on:
        state.first_posting_on = from_on
    if state.credits:
        laying = use_credit(state, on=max(from_on, posted_on), items=[item])
        for used, part in laying.paise.items():
            life.transfer(number, CardAccount.CREDIT_BALANCE, ACCOUNT_OF[used], part, value_on=from_on)
    return item


def charge(life: Life, key: ChargeKey, paise: int, *, on: date, fee: FeeKind | None = None, number: int = 0) -> None:
    """Charges an amount for a cause. In a life lived again, what was not posted on the day counts from when it was, or
    from when it is found. Whether a kind of fee bears tax is a term of the day of its cause; the rate is that of the
    day of the posting."""
    is_taxed = fee is None or fee not in life.state.terms_on(on).untaxed_fees

    def taxed(before: int, part: int, posted_on: date) -> int:
        return tax_of_part(before, part, percent=life.rules.gst_percent(posted_on)) if is_taxed else 0

    if life.finding is None:
        if paise:
            number = number or life.next_number()
            post_charge(life, key, Tranche(on, number, paise, taxed(0, paise, on), False))
        return
    posted = life.known.get(key, ())
    kept, more = amounts_now(posted, paise)
    before = 0
    for tranche, part in zip(posted, kept, strict=True):
        if part:
            tax = taxed(before, part, tranche.posted_on)
            before += part
            now = Tranche(tranche.posted_on, tranche.number, part, tax, tranche.is_found)
            if now.is_found:
                life.put(now.posted_on, now.number, (key, now))
            else:
                post_charge(life, key, now)
    if more:
        found = life.finding
        life.put(
            found.on, found.number, (key, Tranche(found.on, found.number, more, taxed(before, more, found.on), True))
        )


def post_charge(life: Life, key: ChargeKey, tranche: Tranche) -> None:
    """Posts a charge and its tax, each as a debt and a posting of its own."""
    life.charges.setdefault(key, []).append(tranche)
    bucket = CardBucket.FEES if key.cause in (Cause.LATE_FEE, Cause.FEE) else CardBucket.INTEREST
    on, number = tranche.posted_on, tranche.number
    for part_of, paise in ((bucket, tranche.paise), (CardBucket.TAX, tranche.tax_paise)):
        if not paise:
            continue
        life.transfer(number, ACCOUNT_OF[part_of], INCOME_OF[part_of], paise, value_on=on)
        add_debit(life, part_of, paise, number=number, from_on=on, posted_on=on)
        if life.finding is None and (key.cause is not Cause.FEE or part_of is CardBucket.TAX):
            kind = "tax" if part_of is CardBucket.TAX else key.cause.value
            own = number if part_of is bucket else life.next_number()
            life.postings.append(Posting(own, kind, paise, on, on, key.of or None))


def net_owed_paise(state: State) -> int:
    """What the holder owes beyond their credit balance, in the buckets."""
    return state.owed_paise - state.credit_paise


def posted_paise(postings: list[Posting]) -> Counter[str]:
    """What postings come to by kind."""
    found: Counter[str] = Counter()
    for posting in postings:
        found[posting.kind] += posting.owed_paise
    return found
