"""The agreed terms of a loan, whichever lender made it.

A contract holds the amount, the rate, the tenure, the instalment and the number of instalments left. It holds no
balances: our books have none for a loan of another lender, and both kinds are shown in one list.
Source: source systems 3 and 4 of docs/sources.md.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.calendar import Frequency, periods_per_year
from app.domain.lending.external_loans import ExternalLoan
from app.domain.money import RoundingMode, round_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanContract:
    """The agreed terms of a loan, with the instalments left on a day. Money in paise, the rate in percent a year."""

    customer_id: int
    loan_id: int
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    repayments_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LentLoan:
    """The agreed terms of a loan of ours. `due_on` are the dates of all instalments of the plan in force."""

    customer_id: int
    loan_id: int
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    emi_paise: int
    due_on: tuple[date, ...]
    closed_on: date | None

    def repayments_left(self, on: date) -> int:
        """The number of instalments after a day; 0 when the loan is closed. Source: docs/business-rules.md, imports."""
        return 0 if self.closed_on is not None else sum(due_on > on for due_on in self.due_on)


def monthly_paise(instalment_paise: int, *, frequency: Frequency, every: int) -> int:
    """The monthly amount, in paise, of an instalment that is due every `every` days, weeks, months or years; half up.

    A year is 12 months, 52 weeks or 365 days, as it is for a rate (`periods_per_year`): 1,997.36 a week is 8,655.23 a
    month, and 4,406.04 every 30 days is 4,467.24 a month. Raises DueRuleInvalid for a step below 1.
    """
    periods, step = periods_per_year(frequency, every=every)
    return round_ratio(instalment_paise * periods, 12 * step, mode=RoundingMode.HALF_UP)


def contract_of_ours(loan: LentLoan, *, on: date) -> LoanContract:
    """The contract of a loan of ours, with the instalments left after `on`."""
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
    """The contract of an imported loan of another lender, with the instalments left after `on`."""
    return LoanContract(
        customer_id=loan.customer_id,
        loan_id=loan.loan_id,
        amount_paise=loan.amount_paise,
        annual_rate_percent=loan.annual_rate_percent,
        instalments=loan.tenure,
        emi_paise=loan.instalment_paise,
        repayments_left=loan.repayments_left(on),
    )
