"""Loans of other lenders: what they say about a customer on a day.

A file told us of them, and all we have is what it said: the amount, the instalment, how many were paid on time, and
when the loan ends. They have no ledger, are never billed, and take no payment here. They count for a score, for the
limit and for the instalment cap from the day of their approval through their end date, that day included, with their
whole amount, because nobody told us what is left of it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.calendar import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalLoan:
    """An imported loan, as it was told. `loan_id` is our number for it, `external_id` the other lender's.

    `paid_on_time` counts instalments that were paid on time, which is not the number of those paid.
    """

    customer_id: int
    loan_id: int
    external_id: str
    amount_paise: int
    tenure: int
    annual_rate_percent: Decimal
    instalment_paise: int
    paid_on_time: int
    approved_on: date
    ends_on: date

    def is_active(self, on: date) -> bool:
        """Whether the loan runs on a day; its last day is one of them."""
        return self.approved_on <= on <= self.ends_on

    def repayments_left(self, on: date) -> int:
        """How many due dates lie after a day: monthly ones from the approval on, none behind the end date."""
        dues = (add_months(self.approved_on, number) for number in range(1, self.tenure + 1))
        return sum(on < due <= self.ends_on for due in dues)
