"""What was agreed: a loan as it is shown to whoever asks about the customer, whoever lent the money.

A contract names amount, rate, tenure and instalment, and the dates on which instalments fall. It says nothing about
balances: a loan that another lender made has none in our books, and is shown in the same list.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanContract:
    """One loan as agreed; `due_on` are the dates of all its instalments in the plan in force. Money in paise."""

    loan_id: int
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    due_on: tuple[date, ...]
    closed_on: date | None

    def repayments_left(self, *, on: date) -> int:
        """How many instalments fall after a day; none of a loan that is closed. Source: domain.md, section 11."""
        return 0 if self.closed_on is not None else sum(due_on > on for due_on in self.due_on)
