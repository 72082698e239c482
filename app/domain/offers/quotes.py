"""A quote: the schedule of any loan and its cost. Nothing is stored, and no product is needed.

A fee is paid in one of three ways. A deducted fee lowers the amount that the borrower receives. An upfront fee is paid
by the borrower on the first day and does not change the schedule. A financed fee is owed like the amount and bears
interest. The annual percentage rate includes all three.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.money import MAX_PAISE, RoundingMode, round_decimal
from app.domain.offers.key_facts import KeyFacts, key_facts, offer_rates
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.charges import FeesInvalid
from app.domain.schedules.building import build_schedule
from app.domain.schedules.terms import Schedule, ScheduleTerms

__all__ = ["Quote", "quote", "shown_rate"]

#: Quotes show rates with six decimals of a percent.
_SHOWN_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A schedule, its key facts, and its rates in percent a year with six decimals."""

    schedule: Schedule
    facts: KeyFacts
    nominal_percent: Decimal
    effective_percent: Decimal


def quote(terms: ScheduleTerms, *, fees: tuple[Fee, ...] = ()) -> Quote:
    """The schedule of a loan under any terms, with its key facts and rates.

    `terms.financed_fees_paise` is set from `fees`. Raises FeesInvalid, what `build_schedule` raises, and what `apr`
    raises when there is no single rate. Source: docs/business-rules.md, schedules and interest.
    """
    if any(not 1 <= fee.amount_paise <= MAX_PAISE for fee in fees):
        raise FeesInvalid("a fee must be above zero and at most 1e11 rupees", field="fees")
    financed = sum(fee.total_paise for fee in fees if fee.paid is FeePaid.FINANCED)
    terms = replace(terms, financed_fees_paise=financed)
    schedule = build_schedule(terms)
    rates = offer_rates(terms, schedule, fees=fees)
    return Quote(
        schedule=schedule,
        facts=key_facts(terms, schedule, fees=fees, rates=rates),
        nominal_percent=shown_rate(rates.nominal),
        effective_percent=shown_rate(rates.effective),
    )


def shown_rate(rate_percent: Decimal) -> Decimal:
    """A rate in percent with six decimals, half up."""
    scaled = round_decimal(rate_percent.scaleb(_SHOWN_DECIMALS), mode=RoundingMode.HALF_UP)
    return Decimal(scaled).scaleb(-_SHOWN_DECIMALS)
