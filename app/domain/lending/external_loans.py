"""Loans of other lenders, imported from files.

The file gives the amount, the instalment, the number of instalments paid on time, and the end date; nothing else is
known. An external loan has no ledger, is never billed and takes no payment. It counts for scores, for the limit and for
the EMI cap from its approval date through its end date, both included. It counts with its whole amount, because the
outstanding amount is not known. Source: docs/business-rules.md, imports.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.calendar import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalLoan:
    """An imported loan. Money in paise. `loan_id` is our number for it, `external_id` is the other lender's.

    `paid_on_time` counts the instalments that were paid on time; late payments are not in it.
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
        """Whether the loan is active on a day. The approval date and the end date count as active."""
        return self.approved_on <= on <= self.ends_on

    def repayments_left(self, on: date) -> int:
        """The number of due dates after a day. Due dates are monthly from the approval date through the end date."""
        dues = (add_months(self.approved_on, number) for number in range(1, self.tenure + 1))
        return sum(on < due <= self.ends_on for due in dues)
