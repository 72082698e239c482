"""Cooling off: the days after the disbursal in which a borrower may leave a loan.

Who leaves pays the principal and the interest up to the day, and nothing for paying ahead of the plan. The product says
how long; the rulebook says the least. A top-up can be left alone, and so much principal is repaid without a charge.
Source: Digital Lending Directions, 2025.
"""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from app.domain.lending.positions import Position
from app.domain.products.products import RepaymentTerms
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rules import Rule

#: The rule binds every kind of lender alike.
_ANY_LENDER = LenderKind.BANK


@lru_cache(maxsize=1024)
def least_days(on: date) -> int:
    """The least number of days for a loan that is made on a day; 0 before there was such a rule."""
    row = RULEBOOK.find_or_none(Rule.DIGITAL_COOLING_OFF_DAYS, on=on, lender=_ANY_LENDER)
    return 0 if row is None else row.number


def last_day_to_leave(terms: RepaymentTerms, *, disbursed_on: date) -> date:
    """The last day on which a loan may be left; the day of disbursal where it may not."""
    days = max(terms.cooling_off_days or 0, least_days(disbursed_on))
    return date.fromordinal(disbursed_on.toordinal() + days)


def may_leave(position: Position, *, on: date) -> bool:
    """Whether the borrower may still leave the loan on a day."""
    last = last_day_to_leave(position.terms, disbursed_on=position.disbursed_on)
    return position.disbursed_on < last and on <= last


def returnable_paise(position: Position, *, on: date) -> int:
    """The principal that can be repaid without a charge on a day, because it was lent by a top-up just before."""
    altered = position.alterations
    if altered is None or altered.returnable is None or on > altered.returnable.until:
        return 0
    return altered.returnable.paise


def take_back(position: Position, paise: int, *, on: date) -> None:
    """Counts principal that is repaid ahead of the plan as given back, as far as it can be."""
    altered, left = position.alterations, returnable_paise(position, on=on)
    if altered is not None and altered.returnable is not None and left:
        given = altered.returnable._replace(paise=left - min(paise, left))
        position.alterations = replace(altered, returnable=given)
