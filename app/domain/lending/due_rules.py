"""The terms of one loan as the schedule engine reads them: its contract, its agreement and its alterations."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.calendar import business_day_adjust, due_date_number
from app.domain.lending.agreements import UNALTERED, Agreement
from app.domain.lending.positions import Position
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.periods import first_period_weight
from app.domain.schedules.terms import ScheduleTerms


def schedule_terms(
    terms: RepaymentTerms,
    *,
    amount_paise: int,
    annual_rate_percent: Decimal,
    instalments: int,
    disbursed_on: date,
    agreement: Agreement | None = None,
) -> ScheduleTerms:
    """The repayment terms of a loan and its contract as the input of the schedule engine. Money in paise."""
    return ScheduleTerms(
        amount_paise=amount_paise,
        annual_rate_percent=annual_rate_percent,
        instalments=instalments,
        disbursed_on=disbursed_on,
        every=terms.every,
        frequency=terms.frequency,
        amortisation=terms.amortisation,
        interest_basis=terms.interest_basis,
        day_count=terms.day_count,
        first_due_on=None if agreement is None else agreement.first_due_on,
        due_day=terms.due_day,
        odd_first_period=terms.odd_first_period,
        holiday_rule=terms.holiday_rule,
        holidays=frozenset() if agreement is None else frozenset(agreement.holidays),
        weekend=terms.days_off,
        emi_rounding=terms.emi_rounding,
        interest_rounding=terms.interest_rounding,
    )


def contract_terms(position: Position) -> ScheduleTerms:
    """The schedule terms under which a loan was made, with the rates and the moratorium of its changes."""
    terms = schedule_terms(
        position.terms,
        amount_paise=position.disbursed_paise,
        annual_rate_percent=position.annual_rate_percent,
        instalments=position.instalments,
        disbursed_on=position.disbursed_on,
        agreement=position.agreement,
    )
    altered = position.alterations
    return (
        terms if altered is None else replace(terms, rate_changes=altered.rates, moratorium=altered.planned_moratorium)
    )


def period_weight(position: Position, *, cycle: int) -> tuple[int, int]:
    """How many regular periods a cycle counts for, as a ratio.

    Only cycle 1 of a loan with a due day or a first due date differs from 1, and a cycle whose due day was moved.
    """
    if position.alterations is not None and (weight := position.alterations.weight_of.get(cycle)):
        return weight
    agreement = position.agreement
    if cycle == 1 and (position.terms.due_day is not None or (agreement and agreement.first_due_on)):
        return first_period_weight(contract_terms(position))
    return 1, 1


def planned_date(position: Position, cycle: int) -> date:
    """The date of a cycle by the due rule, also after the end of the plan."""
    terms, agreement, altered = position.terms, position.agreement, position.alterations
    rule = None if altered is None else altered.due
    if rule is not None and cycle >= rule.cycle:
        day = due_date_number(
            position.disbursed_on, cycle - rule.cycle + 1, frequency=terms.frequency, every=terms.every,
            due_day=rule.day, first_due_on=rule.on,
        )  # fmt: skip
    else:
        day = due_date_number(
            position.disbursed_on, cycle, frequency=terms.frequency, every=terms.every, due_day=terms.due_day,
            first_due_on=None if agreement is None else agreement.first_due_on,
        )  # fmt: skip
    holidays = frozenset[date]() if agreement is None else frozenset(agreement.holidays)
    return business_day_adjust(day, rule=terms.holiday_rule, holidays=holidays, weekend=terms.days_off)


def cycle_after(position: Position, day: date, *, near: int) -> int:
    """The first cycle of the due rule whose date is after a day, searched from the cycle `near` on.

    An issued bill keeps its number. So after a corrected past an instalment may have a higher number than its date has
    in the due rule, and then the search goes back.
    """
    rule = None if position.alterations is None else position.alterations.due
    least, cycle = (1 if rule is None or near < rule.cycle else rule.cycle), near
    while cycle > least and planned_date(position, cycle - 1) > day:
        cycle -= 1
    while planned_date(position, cycle) <= day:
        cycle += 1
    return cycle


def date_after(position: Position, day: date, *, near: int) -> date:
    """The first date of the due rule after a day, searched from the cycle `near` on."""
    return planned_date(position, cycle_after(position, day, near=near))


def renumber(position: Position, number: int) -> None:
    """Gives the next instalment a number that is not that of the due rule, because an issued bill keeps its own. What
    the changes of the loan say of it, and of later ones, goes with it."""
    old = position.next_cycle
    if number != old:
        weight = period_weight(position, cycle=old)
        if position.alterations is not None or weight != (1, 1):
            altered = position.alterations or UNALTERED
            position.alterations = altered.renumbered(old, number, weight=weight)
        position.next_cycle = number


def skip_cycles(position: Position, *, after: date) -> date:
    """Goes on to the first cycle, from the next one on, whose date is after a day, and returns that date.

    After the end of a plan no cycle runs. When something is planned again, the cycles since then are left out: the
    number of an instalment is that of its date in the due rule, or a higher one if that was given before, and its cycle
    begins on the regular date before.
    """
    cycle = cycle_after(position, after, near=position.next_cycle)
    due_on, position.next_cycle = planned_date(position, cycle), max(cycle, position.next_cycle)
    if cycle > 1:
        began = position.cycle_began_on = max(position.cycle_began_on, planned_date(position, cycle - 1))
        position.movements = [movement for movement in position.movements if movement.value_date >= began]
    return due_on
