"""What the law fixes for card accounts. A product may not differ from it: the numbers come from the rulebook."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.domain.rulebook.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRules:
    """The rules that a decision about a card account is made under. `gst` holds (first day, percent), oldest first."""

    gst: tuple[tuple[date, Decimal], ...]
    #: A statement is late, and reported past due, when its minimum is unpaid at the end of so many days after the due
    #: date.
    late_after_days: int
    #: Beyond so many days past due an account is non-performing.
    non_performing_after_days: int
    #: Working days in which an account is closed, and what the holder gets for each day of delay.
    closing_working_days: int
    closing_delay_paise_a_day: int
    # The directions name these four without a number that could be verified: they are the lender's own.
    #: A refund of a paid purchase above the lower of these two is not kept as credit without asking.
    refund_question_percent: Decimal = Decimal(1)
    refund_question_paise: int = 5_000_00
    #: Days in which the holder may say what becomes of such a refund.
    refund_answer_days: int = 7
    #: Working days in which a credit balance is paid to the bank account of a holder who asks for it.
    payout_working_days: int = 3

    def gst_percent(self, on: date) -> Decimal:
        """The rate of GST for a posting of a day."""
        return next((percent for from_on, percent in reversed(self.gst) if from_on <= on), Decimal(0))


@lru_cache(maxsize=64)
def rules_of(lender: LenderKind, *, on: date) -> CardRules:
    """The rules for a kind of lender on a day. Raises RuleNotInForce for a day before the card directions."""

    def number(rule: Rule) -> int:
        return RULEBOOK.find(rule, on=on, lender=lender, product=ProductKind.CARD).number

    taxes = RULEBOOK.rows_of(Rule.CARD_GST_PERCENT, lender=lender, product=ProductKind.CARD)
    return CardRules(
        gst=tuple((row.from_on, row.percent) for row in taxes),
        late_after_days=number(Rule.CARD_LATE_AFTER_DAYS),
        non_performing_after_days=number(Rule.NPA_AFTER_DAYS),
        closing_working_days=number(Rule.CARD_CLOSE_WITHIN_WORKING_DAYS),
        closing_delay_paise_a_day=number(Rule.CARD_CLOSE_PENALTY_PAISE),
    )
