"""A quote: the plan of any loan and what it costs. Nothing of it is stored, and no product need offer it.

A fee is paid in one of three ways, and each moves another figure. Deducted, it lowers what the borrower receives.
Upfront, it comes out of the borrower's own pocket on the first day, which costs the same and changes no figure of the
plan. Financed, it is owed like the amount and bears interest. The annual percentage rate counts all three.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.money import MAX_PAISE, RoundingMode, round_decimal
from app.domain.offers.key_facts import Fee, FeePaid, FeesInvalid, KeyFacts, key_facts, offer_rates
from app.domain.schedules.building import build_schedule
from app.domain.schedules.terms import Schedule, ScheduleTerms

__all__ = ["Quote", "quote", "shown_rate"]

#: Rates stand beside the key facts with six decimals of a percent, for those who compare.
_SHOWN_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A plan, its key facts, and its rates with six decimals, in percent a year."""

    schedule: Schedule
    facts: KeyFacts
    nominal_percent: Decimal
    effective_percent: Decimal


def quote(terms: ScheduleTerms, *, fees: tuple[Fee, ...] = ()) -> Quote:
    """The plan of a loan under any terms, with the rates that it costs. Source: domain.md, section 6.

    `terms.financed_fees_paise` is filled in here. Raises FeesInvalid, what `build_schedule` raises, and what `apr`
    raises where no single rate describes the flows.
    """
    if any(not 1 <= fee.amount_paise <= MAX_PAISE for fee in fees):
        raise FeesInvalid("a fee must be above zero and at most 1e11 rupees", field="fees")
    financed = sum(fee.amount_paise for fee in fees if fee.paid is FeePaid.FINANCED)
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
    """A rate in percent with six decimals, half up, as it is shown."""
    scaled = round_decimal(rate_percent.scaleb(_SHOWN_DECIMALS), mode=RoundingMode.HALF_UP)
    return Decimal(scaled).scaleb(-_SHOWN_DECIMALS)
