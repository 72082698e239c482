"""The facts of a card account: what happened to it from outside, in order.

A fact has a value date (from which it counts for interest) and a posting date (which statement shows it). Interest,
late fees, tax on them and instalments are not facts: they follow from the facts (`life`). A fact that is undone later
(a returned payment, a reversed purchase) stays, with the amount that no longer counts. Source: docs/cards.md, postings.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.products.card_terms import CardTerms, FeeKind


class FactKind(StrEnum):
    """What happened."""

    PURCHASE = "purchase"
    CASH_ADVANCE = "cash_advance"
    FEE = "fee"
    PAYMENT = "payment"
    REFUND = "refund"
    CREDIT = "credit"
    PAYOUT = "payout"
    CONVERSION = "conversion"
    FORECLOSURE = "foreclosure"
    DISPUTE = "dispute"
    DISPUTE_LOST = "dispute_lost"
    CLOSING = "closing"
    CHARGE_OFF = "charge_off"
    LIMIT = "limit"
    STATEMENT_DAY = "statement_day"
    ALWAYS_STATEMENT = "always_statement"
    TERMS = "terms"
    # They undo an earlier fact. Nothing happens on their day: the account is lived again without what they undo.
    RETURNED_PAYMENT = "returned_payment"
    REVERSAL = "reversal"


#: Money of the holder: it counts from its value date. Everything else counts when it is posted.
MONEY_IN: Final = frozenset({FactKind.PAYMENT, FactKind.REFUND, FactKind.CREDIT})
#: What is bought or taken, of which something may come back.
BOUGHT: Final = frozenset({FactKind.PURCHASE, FactKind.CASH_ADVANCE})
UNDOING: Final = frozenset({FactKind.RETURNED_PAYMENT, FactKind.REVERSAL})
#: What cannot stay when the fact that it is `of` is undone as a whole.
DEPENDENT: Final = frozenset(
    {FactKind.FEE, FactKind.CONVERSION, FactKind.FORECLOSURE, FactKind.DISPUTE, FactKind.CREDIT}
)


class Returned(NamedTuple):
    """What came back of a purchase or a cash advance: its amount, how much of it was reversed, and how much
    refunded."""

    amount_paise: int
    reversed_paise: int
    refunded_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact. `number` counts the postings of the account; `of` is the number of the fact that it
    concerns, and `of_posted_on` its posting date.

    `undone_paise` is how much of the amount was undone later. `day` is a new statement day, or 1 or 0 for whether
    statements always come. `limit_paise` is a new limit. `terms` are those of the product's `version`.
    """

    number: int
    kind: FactKind
    value_on: date
    posted_on: date
    amount_paise: int = 0
    of: int | None = None
    of_posted_on: date | None = None
    fee: FeeKind | None = None
    annual_rate_percent: Decimal | None = None
    instalments: int | None = None
    day: int | None = None
    limit_paise: int | None = None
    terms: CardTerms | None = None
    version: int | None = None
    undone_paise: int = 0
    #: The dispute that a reversal settles.
    settles: int | None = None
    #: Whether a part of a mark-up goes with this refund, so that the account must be lived again.
    gives_back: bool = False
    #: Of a fee of a purchase, while the account is lived again: what came back of the purchase.
    returned: Returned | None = None

    @property
    def counts_paise(self) -> int:
        """How much of the amount still counts."""
        return self.amount_paise - self.undone_paise

    @property
    def is_undone(self) -> bool:
        """Whether nothing of it counts any more."""
        return self.amount_paise > 0 and self.counts_paise == 0

    @property
    def happens_on(self) -> date:
        """The day in whose order the account lives it."""
        return self.value_on if self.kind in MONEY_IN else self.posted_on
