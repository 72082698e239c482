"""What random loans agree on beside their terms: a first due date of their own, days on which nothing is due, and days
in which the loan can be left without a charge."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from app.domain.calendar import Frequency, HolidayRule
from app.domain.lending.agreements import Agreement
from app.domain.products.products import RepaymentTerms

#: Days of the terms after which the first instalment may fall due, at most.
LATEST_FIRST_DUE_DAYS = 80
#: The share of days that are holidays, and for how long they are known.
HOLIDAY_SHARE, HOLIDAY_DAYS = 0.08, 900
#: Due dates are moved only where instalments are so many days apart.
LEAST_DAYS_APART = 7


def draw_agreement(
    rng: Random, terms: RepaymentTerms, *, disbursed_on: date
) -> tuple[RepaymentTerms, Agreement | None]:
    """The terms, in some lives with due dates that are moved, and the agreement of a loan, which most lives lack."""
    first, holidays = None, tuple[date, ...]()
    if rng.random() < 0.25:
        first = disbursed_on + timedelta(days=rng.choice([1, 14, 30, 31, 45, rng.randrange(1, LATEST_FIRST_DUE_DAYS)]))
    if rng.random() < 0.3 and _may_move(terms):
        rule, days_off = rng.choice([HolidayRule.NEXT, HolidayRule.PREVIOUS]), rng.choice([(), (6,), (5, 6)])
        known = range(1, HOLIDAY_DAYS)
        holidays = tuple(disbursed_on + timedelta(days=day) for day in known if rng.random() < HOLIDAY_SHARE)
        terms = replace(terms, holiday_rule=rule, holiday_calendar="IN", days_off=days_off)
    terms = replace(terms, cooling_off_days=rng.choice([None, None, 1, 3, 40]))
    agreement = Agreement(first_due_on=first, holidays=holidays)
    return terms, None if agreement == Agreement() else agreement


def without_holidays(terms: RepaymentTerms) -> RepaymentTerms:
    """The terms with due dates that nothing moves."""
    return replace(terms, holiday_rule=HolidayRule.UNCHANGED, holiday_calendar=None, days_off=())


def _may_move(terms: RepaymentTerms) -> bool:
    apart = terms.frequency is not Frequency.DAY or terms.every >= LEAST_DAYS_APART
    return apart and terms.due_after_days == 0
