"""Refuses wrong terms of a schedule.

Terms are checked once, before anything is computed. The later arithmetic relies on it: amounts are positive, the number
of instalments is bounded, and the options do not contradict each other. `calendar.due_dates` checks the dates.
"""

from decimal import Decimal

from app.domain.money import MAX_PAISE, RoundingMode
from app.domain.schedules.interest_measure import scaled_rate
from app.domain.schedules.terms import (
    MAX_INSTALMENTS,
    MAX_RATE_PERCENT,
    Amortisation,
    AmountInvalid,
    DisbursalsInvalid,
    InstalmentsInvalid,
    InstalmentTooSmall,
    Moratorium,
    MoratoriumTooLong,
    RateOutOfBounds,
    ScheduleTerms,
    TermsContradict,
)


def check_terms(terms: ScheduleTerms) -> None:
    """Checks the terms of a schedule.

    Raises AmountInvalid, InstalmentsInvalid, InstalmentTooSmall, RateInvalid, RateOutOfBounds, MoratoriumTooLong,
    DisbursalsInvalid, TermsContradict.
    """
    _check_amounts(terms)
    if not 1 <= terms.instalments <= MAX_INSTALMENTS:
        raise InstalmentsInvalid(
            f"a plan has 1 to {MAX_INSTALMENTS} instalments", field="instalments", instalments=terms.instalments
        )
    _check_rate(terms.annual_rate_percent)
    for change in terms.rate_changes:
        _check_rate(change.rate_percent)
    if terms.interest_rounding.mode in (RoundingMode.LEVEL, RoundingMode.NONE):
        raise TermsContradict("interest must be rounded up, down or to the nearest", field="interest_rounding")
    for rounding in (terms.emi_rounding, terms.interest_rounding):
        if not 1 <= rounding.unit_paise <= MAX_PAISE:
            raise TermsContradict(
                "a rounding unit must be at least one paisa", field="rounding", unit=rounding.unit_paise
            )
    repaying = terms.instalments
    if terms.moratorium is not None:
        repaying -= _moratorium_rows(terms, terms.moratorium)
    if terms.amortisation is not Amortisation.INTEREST_ONLY and terms.financed_paise - terms.balloon_paise < repaying:
        raise InstalmentTooSmall(
            "every instalment must repay at least one paisa",
            field="instalments",
            instalments=terms.instalments,
        )
    _check_step_ups(terms)


def _check_amounts(terms: ScheduleTerms) -> None:
    if not 1 <= terms.amount_paise <= MAX_PAISE:
        raise AmountInvalid("an amount must be above zero and at most 1e11 rupees", field="amount")
    if not 0 <= terms.down_payment_paise < terms.amount_paise:
        raise AmountInvalid("the down payment must be less than the amount", field="down_payment")
    if not 0 <= terms.financed_fees_paise <= MAX_PAISE:
        raise AmountInvalid("a fee must not be negative", field="fees")
    if not 0 <= terms.balloon_paise < terms.financed_paise:
        raise AmountInvalid("the balloon must be less than the principal", field="balloon")
    if not terms.disbursals:
        return
    if any(part.amount_paise <= 0 for part in terms.disbursals):
        raise AmountInvalid("a disbursal must be positive", field="disbursals")
    if min(part.on for part in terms.disbursals) != terms.disbursed_on:
        raise DisbursalsInvalid("the first disbursal must be on the date of disbursal", field="disbursals")
    total = sum(part.amount_paise for part in terms.disbursals)
    if total != terms.amount_paise - terms.down_payment_paise:
        raise DisbursalsInvalid("the disbursals must sum to the amount", field="disbursals", total_paise=total)


def _check_rate(rate_percent: Decimal) -> None:
    scaled_rate(rate_percent)
    if rate_percent > MAX_RATE_PERCENT:
        raise RateOutOfBounds("an annual rate is at most 1000 %", field="annual_rate")


def _moratorium_rows(terms: ScheduleTerms, moratorium: Moratorium) -> int:
    if moratorium.instalments < 0:
        raise TermsContradict("the length of a moratorium must not be negative", field="moratorium")
    if moratorium.instalments >= terms.instalments:
        raise MoratoriumTooLong(
            "a moratorium must leave at least one instalment",
            field="moratorium",
            moratorium=moratorium.instalments,
            instalments=terms.instalments,
        )
    return moratorium.instalments


def _check_step_ups(terms: ScheduleTerms) -> None:
    if not terms.step_ups:
        return
    if terms.amortisation is not Amortisation.EQUAL_INSTALMENT:
        raise TermsContradict("only equal instalments can step up", field="step_ups")
    numbers = [step.from_number for step in terms.step_ups]
    if numbers != sorted(set(numbers)) or numbers[0] < 2 or numbers[-1] > terms.instalments:
        raise TermsContradict("step-ups must be in order, from the second instalment on", field="step_ups")
    if any(not step.by_percent.is_finite() or not 0 < step.by_percent <= 100 for step in terms.step_ups):
        raise TermsContradict("a step-up must be above 0 and at most 100 percent", field="step_ups")
