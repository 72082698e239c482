"""The state of a card account: what is owed and since when, what was billed, and which statements wait for judgement.

The state is a working copy, as a loan's position is. It follows from the facts of the account (`facts`) alone, so it
can always be lived again. What is owed are items (`items`).
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from app.domain.cards.engine.items import Bought, Item
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms
from app.domain.schedules.terms import Instalment

BUCKET_OF: Final = attrgetter("bucket")
NUMBER_OF: Final = attrgetter("number")
_PURCHASES: Final = CardBucket.PURCHASES


class AccountStatus(StrEnum):
    """Whether the account lives."""

    OPEN = "open"
    CLOSED = "closed"
    CHARGED_OFF = "charged_off"


class MinimumParts(NamedTuple):
    """What a minimum due was made of. `spent_paise` is purchases and cash, of which a share is due. `covering_paise` is
    what `minimum_covers_next` asks for at least."""

    tax_paise: int = 0
    fees_paise: int = 0
    interest_paise: int = 0
    instalments_paise: int = 0
    spent_paise: int = 0
    over_limit_paise: int = 0
    share_paise: int = 0
    past_due_paise: int = 0
    covering_paise: int = 0


class Asked(NamedTuple):
    """The total and the minimum that a statement asks for."""

    total_paise: int
    minimum_paise: int
    parts: MinimumParts


@dataclass(slots=True)
class OpenStatement:
    """A statement whose minimum is not paid, or that is not judged yet.

    `shown` is what its holder read and `known` what it would say by what is known now; they differ after a replay. Both
    are worked out again when a purchase is converted or disputed. `credited_paise` are the payments and refunds after
    its date. `paid_in_full` is None until the end of the due date.
    """

    number: int
    on: date
    due_on: date
    first_posting_on: date
    shown: Asked
    known: Asked
    credited_paise: int = 0
    cleared_on: date | None = None
    paid_in_full: bool | None = None
    late_judged: bool = False

    @property
    def minimum_unpaid_paise(self) -> int:
        """What is unpaid of the minimum: the lower of shown and known, less what was credited since."""
        return max(0, min(self.shown.minimum_paise, self.known.minimum_paise) - self.credited_paise)

    @property
    def total_unpaid_paise(self) -> int:
        """What is unpaid of the total, in the same way."""
        return max(0, min(self.shown.total_paise, self.known.total_paise) - self.credited_paise)


@dataclass(slots=True)
class Plan:
    """A purchase that is paid in instalments: the rows that no statement has billed. `purchase` is its number."""

    number: int
    purchase: int
    annual_rate_percent: Decimal
    emi_paise: int
    rows: list[Instalment]

    @property
    def principal_paise(self) -> int:
        """The principal that is not billed."""
        return sum(row.principal_paise for row in self.rows)

    def copy(self) -> "Plan":
        return replace(self, rows=self.rows[:])


@dataclass(slots=True)
class Dispute:
    """An amount that is set aside while a dispute is decided. `number` is that of the fact that opened it."""

    number: int
    purchase: int
    paise: int
    billed_by: int | None


@dataclass(slots=True)
class Credit:
    """Money of the holder that no debt has used. `is_unbilled_only`: of a refund that must not settle a bill yet."""

    number: int
    value_on: date
    paise: int
    is_unbilled_only: bool = False


@dataclass(slots=True)
class RefundQuestion:
    """A refund of a paid purchase: the holder is asked, and without an answer it is paid to the bank account."""

    number: int
    paise: int
    asked_on: date
    answer_by: date


@dataclass(slots=True)
class Loss:
    """What was charged off, and what was received for it since: never more than it."""

    paise: int
    recovered_paise: int = 0

    @property
    def left_paise(self) -> int:
        """What was not recovered."""
        return self.paise - self.recovered_paise


class TermsFrom(NamedTuple):
    """Terms that are in force from a day on, and the version of the product that has them."""

    from_on: date
    terms: CardTerms
    version: int = 1


@dataclass(slots=True, kw_only=True)
class State:
    """The state of an account at one moment of a day."""

    opened_on: date
    terms: list[TermsFrom]
    limit_paise: int
    statement_day: int
    cycle_began_on: date
    #: The date on which the open cycle would have ended if nobody had moved its statement day.
    would_end_on: date
    next_statement_on: date
    status: AccountStatus = AccountStatus.OPEN
    always_statement: bool = False
    day_moves: int = 0
    #: What is valued before this day needs a replay.
    last_event_on: date
    last_number: int = 0
    #: Purchases to which nothing has happened yet, and all other items. Both together are `items`.
    bought: list[Bought] = field(default_factory=list)
    live: list[Item] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    questions: list[RefundQuestion] = field(default_factory=list)
    statements: list[OpenStatement] = field(default_factory=list)
    #: Days on which the account was revolving: [from, to), the last one open (None) while it revolves.
    revolving: list[tuple[date, date | None]] = field(default_factory=list)
    statement_number: int = 0
    closing_paise: int = 0
    #: The last posting that a statement has shown.
    shown_posting: int = 0
    first_posting_on: date | None = None
    moved: bool = False
    #: Of an account that is charged off.
    loss: Loss | None = None

    @property
    def items(self) -> list[Item]:
        """Every item. Whoever asks may change them, so purchases that were kept as rows are made items."""
        if self.bought:
            self.live = sorted([*(item for one in self.bought for item in one.items()), *self.live], key=NUMBER_OF)
            self.bought = []
        return self.live

    @items.setter
    def items(self, items: list[Item]) -> None:
        self.live, self.bought = items, []

    @property
    def shift(self) -> int:
        """0 when days are plain; 1 when they are inclusive. An account keeps the way of counting it was opened with."""
        return 1 if self.terms[0].terms.days is CardDays.INCLUSIVE else 0

    @property
    def terms_now(self) -> CardTerms:
        """The terms in force on the day that is lived."""
        return self.terms_on(self.last_event_on)

    def terms_on(self, on: date) -> CardTerms:
        """The terms in force on a day. Later ones may have been told already."""
        if len(self.terms) == 1:
            return self.terms[0].terms
        return next((known.terms for known in reversed(self.terms) if known.from_on <= on), self.terms[0].terms)

    def from_day(self, value_on: date) -> date:
        """The day from which a payment of a value date lowers what it pays."""
        return value_on + timedelta(days=1) if self.shift else value_on

    def balances(self) -> dict[CardBucket, int]:
        """What is owed by bucket, in paise, without buckets in which nothing is owed."""
        found: dict[CardBucket, int] = {}
        if self.bought:
            found[_PURCHASES] = sum([one.paise for one in self.bought])
        # Items of a bucket mostly follow each other, and to look a bucket up takes longer than to add.
        for bucket, items in groupby(self.live, key=BUCKET_OF) if self.live else ():
            if paise := sum([item.left_paise for item in items]):
                found[bucket] = found.get(bucket, 0) + paise
        return found

    @property
    def owed_paise(self) -> int:
        """Everything in the buckets."""
        return sum(item.left_paise for item in self.live) + sum(one.paise for one in self.bought)

    @property
    def credit_paise(self) -> int:
        """What the issuer owes the holder."""
        return sum(credit.paise for credit in self.credits) if self.credits else 0

    @property
    def plan_paise(self) -> int:
        """Plan principal that is not billed."""
        return sum(plan.principal_paise for plan in self.plans) if self.plans else 0

    @property
    def disputed_paise(self) -> int:
        """What is set aside by disputes."""
        return sum(dispute.paise for dispute in self.disputes) if self.disputes else 0

    @property
    def used_paise(self) -> int:
        """How much of the limit is used, without holds; negative when the holder has credit."""
        return self.owed_paise + self.plan_paise + self.disputed_paise - self.credit_paise

    @property
    def is_revolving(self) -> bool:
        """Whether a new purchase would bear interest from its date."""
        return bool(self.revolving) and self.revolving[-1][1] is None

    def find_item(self, number: int, *, bucket: CardBucket | None = None) -> Item | None:
        """The item of a posting."""
        return next((item for item in self.items if item.number == number and bucket in (None, item.bucket)), None)

    def billed_left_paise(self) -> int:
        """What is left of everything that a statement billed."""
        return sum(item.left_paise for item in self.items if item.billed_by is not None)

    def copy(self) -> "State":
        """A copy that shares nothing that changes."""
        return replace(
            self,
            terms=self.terms[:],
            bought=[one.copy() for one in self.bought],
            live=[item.copy() for item in self.live],
            credits=[replace(credit) for credit in self.credits],
            plans=[plan.copy() for plan in self.plans],
            disputes=[replace(dispute) for dispute in self.disputes],
            questions=self.questions[:],
            statements=[replace(statement) for statement in self.statements],
            revolving=self.revolving[:],
            loss=None if self.loss is None else replace(self.loss),
        )
