"""Key facts of an offer to a person, and of the loan that was made on it.

The statement is made for an application that is approved: it has the number of the application, is valid for some
working days, and names every charge. What it names is the offer: the amount, the rate, the number of instalments and
the fees. The borrower accepts it, and the loan is made on it; its dates are counted from the day of the disbursal.
Source: RBI/2024-25/18 of 15 April 2024.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.billing.foresight import foresee
from app.domain.errors import Conflict
from app.domain.lending.agreements import Agreement
from app.domain.lending.cooling_off import last_day_to_leave
from app.domain.lending.due_rules import schedule_terms
from app.domain.lending.loans import disburse
from app.domain.offers.quotes import Quote, quote
from app.domain.payments.payments import payoff
from app.domain.products.charge_terms import Fee
from app.domain.products.charges import NamedCharge, named_charges
from app.domain.products.products import RepaymentTerms
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rules import Rule
from app.domain.schedules.terms import ScheduleTerms

#: A loan has few cycles while it may be left.
_MOST_ROWS = 40_000


class KeyFactsNotMade(Conflict):
    """The application has no key facts statement: it is not decided, or it was refused, or it is for a card. Read the
    application."""

    code = "key_facts_not_made"


class ApplicationNotOffered(Conflict):
    """The application does not wait for its key facts to be accepted. Read the application."""

    code = "application_not_offered"


class KeyFactsLapsed(Conflict):
    """The key facts statement is no longer valid, so it cannot be accepted. Apply again."""

    code = "key_facts_lapsed"


class AcceptanceNeeded(Conflict):
    """The product asks that the borrower accepts the key facts first, which this surface cannot do. Apply at
    `POST /api/v1/loans/apply`."""

    code = "key_facts_acceptance_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTerms:
    """What is offered: the contract in its four figures, its fees, and the day on which it is computed."""

    repayment: RepaymentTerms
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    fees: tuple[Fee, ...]
    disbursed_on: date
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferKeyFacts:
    """The key facts of an offer: its schedule and figures, its other charges, and how it can be left.

    `lent_before_paise` is what was left of a loan when more was lent on it; 0 for a new loan.
    """

    terms: ScheduleTerms
    quote: Quote
    contingent: tuple[NamedCharge, ...]
    leave_until: date
    leave_for_paise: int
    benchmark: str | None
    lent_before_paise: int = 0


def key_facts_of(offered: OfferedTerms) -> OfferKeyFacts:
    """The key facts of an offer. Raises FeesInvalid, what `build_schedule` raises, and what `apr` raises."""
    terms = schedule_terms(
        offered.repayment,
        amount_paise=offered.amount_paise,
        annual_rate_percent=offered.annual_rate_percent,
        instalments=offered.instalments,
        disbursed_on=offered.disbursed_on,
        agreement=offered.agreement,
    )
    until = last_day_to_leave(offered.repayment, disbursed_on=offered.disbursed_on)
    names = {fee.name for fee in offered.fees}
    named = named_charges(offered.repayment, on=offered.disbursed_on)
    return OfferKeyFacts(
        terms=terms,
        quote=quote(terms, fees=offered.fees),
        contingent=tuple(charge for charge in named if charge.name not in names),
        leave_until=until,
        leave_for_paise=_payoff_paise(offered, on=until),
        benchmark=offered.repayment.benchmark,
    )


def _payoff_paise(offered: OfferedTerms, *, on: date) -> int:
    """What closes the loan on a day if nothing was paid before: the very functions that close a living loan."""
    made = disburse(
        offered.repayment,
        customer_id=0,
        loan_id=0,
        amount_paise=offered.amount_paise,
        annual_rate_percent=offered.annual_rate_percent,
        instalments=offered.instalments,
        disbursed_on=offered.disbursed_on,
        fees=offered.fees,
        agreement=offered.agreement,
    ).position
    return payoff(foresee(made, through=on, most_rows=_MOST_ROWS).decision.position, on=on).total_paise


def working_days_valid(due_on: Sequence[date], *, on: date, lender: LenderKind) -> int:
    """For how many working days a statement is valid that is made on a day; 0 before there was such a rule."""
    short_below = RULEBOOK.find_or_none(Rule.KEY_FACTS_SHORT_BELOW_DAYS, on=on, lender=lender)
    is_short = short_below is not None and (due_on[-1] - on).days < short_below.number
    rule = Rule.KEY_FACTS_VALID_WORKING_DAYS_SHORT if is_short else Rule.KEY_FACTS_VALID_WORKING_DAYS
    row = RULEBOOK.find_or_none(rule, on=on, lender=lender)
    return 0 if row is None else row.number
