"""What the law fixes for card accounts, with the values in force. A product may not differ from it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRules:
    """The rules that a decision about a card account is made under. `gst` holds (first day, percent), oldest first."""

    gst: tuple[tuple[date, Decimal], ...] = ((date(2017, 7, 1), Decimal(18)),)
    #: A statement is late, and reported past due, when its minimum is unpaid at the end of so many days after it is
    #: due.
    late_after_days: int = 3
    #: Beyond so many days past due an account is non-performing.
    non_performing_after_days: int = 90
    #: A refund of a paid purchase above the lower of these two is not kept as credit without asking.
    refund_question_percent: Decimal = Decimal(1)
    refund_question_paise: int = 5_000_00
    #: Days in which the holder may say what becomes of such a refund.
    refund_answer_days: int = 7
    #: Working days in which a credit balance is paid out when it is asked for.
    payout_working_days: int = 3
    #: Working days in which an account is closed.
    closing_working_days: int = 7
    #: What the holder gets for each day of delay in closing.
    closing_delay_paise_a_day: int = 500_00

    def gst_percent(self, on: date) -> Decimal:
        """The rate of GST for a posting of a day."""
        return next((percent for from_on, percent in reversed(self.gst) if from_on <= on), Decimal(0))


PRESENT_RULES = CardRules()
