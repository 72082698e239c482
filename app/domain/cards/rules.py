"""What the law fixes for card accounts. A product may not differ from it: the numbers come from the rulebook."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.domain.rulebook.rules import Rule, RuleRow


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
    #: What comes back of a paid purchase, above the lower of these two, is not kept as credit without asking.
    refund_question_percent: Decimal
    refund_question_paise: int
    #: Days in which the holder may say what becomes of it.
    refund_answer_days: int
    #: Working days in which a credit balance is paid to the bank account of a holder who asks for it.
    payout_working_days: int

    def gst_percent(self, on: date) -> Decimal:
        """The rate of GST for a posting of a day."""
        return next((percent for from_on, percent in reversed(self.gst) if from_on <= on), Decimal(0))


@lru_cache(maxsize=64)
def rules_of(lender: LenderKind, *, on: date) -> CardRules:
    """The rules for a kind of lender on a day. Raises RuleNotInForce for a day before the card directions."""

    def row(rule: Rule) -> RuleRow:
        return RULEBOOK.find(rule, on=on, lender=lender, product=ProductKind.CARD)

    taxes = RULEBOOK.rows_of(Rule.CARD_GST_PERCENT, lender=lender, product=ProductKind.CARD)
    return CardRules(
        gst=tuple((row.from_on, row.percent) for row in taxes),
        late_after_days=row(Rule.CARD_LATE_AFTER_DAYS).number,
        non_performing_after_days=row(Rule.NPA_AFTER_DAYS).number,
        closing_working_days=row(Rule.CARD_CLOSE_WITHIN_WORKING_DAYS).number,
        closing_delay_paise_a_day=row(Rule.CARD_CLOSE_PENALTY_PAISE).number,
        refund_question_percent=row(Rule.CARD_REFUND_CONSENT_PERCENT).percent,
        refund_question_paise=row(Rule.CARD_REFUND_CONSENT_PAISE).number,
        refund_answer_days=row(Rule.CARD_REFUND_ANSWER_DAYS).number,
        payout_working_days=row(Rule.CARD_CREDIT_PAID_WITHIN_WORKING_DAYS).number,
    )
