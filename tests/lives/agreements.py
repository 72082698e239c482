"""What random loans agree on beside their terms: a first due date and a rhythm of their own, a spread over a benchmark,
days on which nothing is due, and days in which the loan can be left without a charge."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from app.domain.calendar import Frequency, HolidayRule
from app.domain.lending.agreements import Agreement
from app.domain.products.products import RepaymentTerms, Rhythm
from app.domain.schedules.terms import Amortisation

#: Days of the terms after which the first instalment may fall due, at most.
LATEST_FIRST_DUE_DAYS = 80
#: The share of days that are holidays, and for how long they are known.
HOLIDAY_SHARE, HOLIDAY_DAYS = 0.08, 900
#: A closure that is longer than some rhythms.
LONG_HOLIDAY_DAYS = 12
#: Due dates are moved only where instalments are so many days apart.
LEAST_DAYS_APART = 7
#: The benchmark, and its rate on the day of a disbursal.
BENCHMARK, BENCHMARK_PERCENT = "REPO", Decimal("6.5")
#: The rhythms that a product may offer beside its own.
RHYTHMS = [
    Rhythm(every=every, frequency=frequency)
    for every, frequency in (
        (1, Frequency.WEEK), (2, Frequency.WEEK), (1, Frequency.MONTH), (3, Frequency.MONTH), (1, Frequency.YEAR),
        (30, Frequency.DAY), (10, Frequency.DAY),
    )
]  # fmt: skip
#: Days of disbursal after which due dates are cut to the end of a month, or cross a leap day.
ODD_DAYS = [
    date(2023, 12, 31), date(2024, 1, 29), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31),
    date(2024, 8, 31), date(2024, 11, 30), date(2025, 1, 31), date(2025, 2, 28), date(2027, 8, 31), date(2028, 2, 29),
]  # fmt: skip


def draw_first_day(rng: Random, usual: date) -> date:
    """The day of the disbursal: in a quarter of the lives one at the end of a month or beside a leap day."""
    return rng.choice(ODD_DAYS) if rng.random() < 0.25 else usual


def draw_agreement(
    rng: Random, terms: RepaymentTerms, *, disbursed_on: date, rate_percent: Decimal
) -> tuple[RepaymentTerms, Agreement | None]:
    """The terms, in some lives with due dates that are moved, and the agreement of a loan, which most lives lack."""
    first, holidays = None, tuple[date, ...]()
    if rng.random() < 0.25:
        first = disbursed_on + timedelta(days=rng.choice([1, 14, 30, 31, 45, rng.randrange(1, LATEST_FIRST_DUE_DAYS)]))
    if rng.random() < 0.3 and _may_move(terms):
        rule, days_off = rng.choice([HolidayRule.NEXT, HolidayRule.PREVIOUS]), rng.choice([(), (6,), (5, 6)])
        known = range(1, HOLIDAY_DAYS)
        days = {day for day in known if rng.random() < HOLIDAY_SHARE}
        if rng.random() < 0.3:
            began = rng.choice(known)
            days |= set(range(began, began + LONG_HOLIDAY_DAYS))
        holidays = tuple(disbursed_on + timedelta(days=day) for day in sorted(days))
        terms = replace(terms, holiday_rule=rule, holiday_calendar="IN", days_off=days_off)
    terms = replace(terms, cooling_off_days=rng.choice([None, None, 1, 3, 40]))
    rhythm = rng.choice(RHYTHMS) if rng.random() < 0.15 and not holidays else None
    spread = None
    if rng.random() < 0.2 and terms.amortisation is not Amortisation.FLAT:
        spread, terms = rate_percent - BENCHMARK_PERCENT, replace(terms, benchmark=BENCHMARK)
    agreement = Agreement(first_due_on=first, rhythm=rhythm, holidays=holidays, spread_percent=spread)
    return terms, None if agreement == Agreement() else agreement


def without_holidays(terms: RepaymentTerms) -> RepaymentTerms:
    """The terms with due dates that nothing moves."""
    return replace(terms, holiday_rule=HolidayRule.UNCHANGED, holiday_calendar=None, days_off=())


def _may_move(terms: RepaymentTerms) -> bool:
    apart = terms.frequency is not Frequency.DAY or terms.every >= LEAST_DAYS_APART
    return apart and terms.due_after_days == 0
