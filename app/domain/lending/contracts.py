"""What was agreed: a loan as it is shown to whoever asks about the customer, whoever lent the money.

A contract names amount, rate, tenure, instalment, and how many instalments are still to come. It says nothing about
balances: a loan that another lender made has none in our books, and is shown in the same list as ours.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.calendar import Frequency, periods_per_year
from app.domain.lending.external_loans import ExternalLoan
from app.domain.money import RoundingMode, round_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanContract:
    """A loan as agreed, on a day. Money in paise."""

    customer_id: int
    loan_id: int
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    repayments_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LentLoan:
    """A loan of ours as agreed; `due_on` are the dates of all its instalments in the plan in force."""

    customer_id: int
    loan_id: int
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    due_on: tuple[date, ...]
    closed_on: date | None

    def repayments_left(self, on: date) -> int:
        """How many instalments fall after a day; none of a loan that is closed. Source: domain.md, section 11."""
        return 0 if self.closed_on is not None else sum(due_on > on for due_on in self.due_on)


def monthly_paise(instalment_paise: int, *, frequency: Frequency, every: int) -> int:
    """What an instalment that falls due every so many days, weeks, months or years comes to in a month, half up.

    A year is 12 months, 52 weeks or 365 days, as it is for a rate (`periods_per_year`): 1,997.36 a week is 8,655.23 a
    month, and 4,406.04 every 30 days is 4,467.24. Raises DueRuleInvalid for a step below 1.
    """
    periods, step = periods_per_year(frequency, every=every)
    return round_ratio(instalment_paise * periods, 12 * step, mode=RoundingMode.HALF_UP)


def contract_of_ours(loan: LentLoan, *, on: date) -> LoanContract:
    """The contract of a loan that we made."""
    return LoanContract(
        customer_id=loan.customer_id,
        loan_id=loan.loan_id,
        amount_paise=loan.amount_paise,
        annual_rate_percent=loan.annual_rate_percent,
        instalments=loan.instalments,
        emi_paise=loan.emi_paise,
        repayments_left=loan.repayments_left(on),
    )


def contract_of_others(loan: ExternalLoan, *, on: date) -> LoanContract:
    """The contract of a loan that another lender made, as a file told us."""
    return LoanContract(
        customer_id=loan.customer_id,
        loan_id=loan.loan_id,
        amount_paise=loan.amount_paise,
        annual_rate_percent=loan.annual_rate_percent,
        instalments=loan.tenure,
        emi_paise=loan.instalment_paise,
        repayments_left=loan.repayments_left(on),
    )
