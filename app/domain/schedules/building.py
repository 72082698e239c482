"""Schedules: the plan by which a loan is repaid, and the plan that replaces it when something happened.

Terms are laid out as periods with dates and costs (`periods`), and repaid by their method (`methods`, on
the arithmetic of `amortisation`). This module is the door to all of that: build a plan, plan again. A plan only plans:
nothing is owed until a bill demands it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.errors import Invalid
from app.domain.money import RoundingMode, round_ratio
from app.domain.schedules.amortisation import Repayment
from app.domain.schedules.checks import check_terms
from app.domain.schedules.flat_interest import FlatInterest
from app.domain.schedules.methods import Kept, RepaymentPlan, plan_repayment, resting_periods
from app.domain.schedules.periods import REGULAR, Period, Timeline, first_period_weight, later_disbursals, lay_out
from app.domain.schedules.terms import (
    Amortisation,
    AmountInvalid,
    Instalment,
    InstalmentNeverRepays,
    Schedule,
    ScheduleTerms,
)


class ReplanInvalid(Invalid):
    """No instalment is left to plan again, or the day is not in the period under way. Report it: it is a fault of the
    program."""

    code = "replan_invalid"


def build_schedule(terms: ScheduleTerms) -> Schedule:
    """The plan of a loan under its terms. Money in paise, rates in percent a year; dates are the lender's.

    Principals sum to what is disbursed, financed and capitalised; the balance ends at zero; no part is negative; due
    dates strictly increase. Senseless terms are refused by name (`checks.check_terms`, `calendar.due_dates`)
    before anything is computed; a plan that repays nothing before its last day raises InstalmentNeverRepays.
    Source: domain.md, section 6.
    """
    check_terms(terms)
    periods = lay_out(terms)
    draws = later_disbursals(terms, after=terms.disbursed_on, last_due_on=periods[-1].due_on)
    opening = terms.financed_paise - sum(draw.amount_paise for draw in draws)
    timeline = Timeline(terms=terms, periods=periods, since=terms.disbursed_on, draws=draws, is_offer=True)
    plan = plan_repayment(timeline, opening)
    if terms.amortisation is Amortisation.EQUAL_INSTALMENT and not draws:
        _refuse_a_bullet_in_disguise(plan.repayments[resting_periods(timeline) :], emi_paise=plan.emi_paise)
    return Schedule(
        emi_paise=plan.emi_paise,
        emi_unrounded=plan.emi_unrounded,
        instalments=_instalments(timeline, opening, plan),
    )


def _refuse_a_bullet_in_disguise(repayments: Sequence[Repayment], *, emi_paise: int) -> None:
    """Refuse an instalment that not even the last row's interest leaves anything of, and that repaid nothing before."""
    bullet = not any(row.principal_paise for row in repayments[:-1])
    if len(repayments) > 1 and bullet and emi_paise <= repayments[-1].interest_paise:
        raise InstalmentNeverRepays(
            "the rounded instalment repays nothing before the last one", field="annual_rate", emi=emi_paise
        )


def _instalments(timeline: Timeline, opening_paise: int, plan: RepaymentPlan) -> tuple[Instalment, ...]:
    """Rows with dates and running balance; a plan that ends early leaves the last periods out."""
    balance = opening_paise
    drawn = timeline.drawn(first=0) if timeline.draws else None
    rows: list[Instalment] = []
    for index, (principal, interest) in enumerate(plan.repayments):
        period = timeline.periods[index]
        capitalised = plan.capitalised[index] if index < len(plan.capitalised) else 0
        balance += capitalised - principal
        if drawn is not None:
            balance += drawn[index]
        rows.append(
            Instalment(
                number=period.number,
                from_on=period.from_on,
                due_on=period.due_on,
                principal_paise=principal,
                interest_paise=interest,
                balance_paise=balance,
                capitalised_paise=capitalised,
            )
        )
    return tuple(rows)


def replan(
    terms: ScheduleTerms,
    *,
    on: date,
    principal_paise: int,
    remaining: Sequence[Instalment],
    accrued: tuple[int, int] = (0, 1),
    emi_paise: int | None = None,
    deferred_interest_paise: int = 0,
) -> Schedule:
    """Plan again from a day on, after a prepayment or a return of unpaid principal. Numbers and dates stay.

    `remaining` are the rows of the old plan that no bill has demanded, the period under way first; `on` lies in it
    (its due date included). `principal_paise` is the principal not yet demanded, after the change; `accrued` the exact
    interest of the period under way before `on`, on the old balance: the first row's interest is that plus the days
    from `on` on the new balance, rounded once. `deferred_interest_paise` is what a moratorium put aside unpaid.

    Without `emi_paise` the end stays and the instalment is solved anew; with it the instalment stays and the plan may
    end earlier, its last row settling (`equal_principal` keeps its part of principal instead, `interest_only` has
    nothing to keep, and an instalment of nothing cannot be kept: the end stays). `flat`: the remaining interest is the
    remaining planned interest x principal after / before, whatever accrued. Without principal there is one row, with
    the accrued and deferred interest. A rounding unit too coarse for what is left gives way to the paisa: a living loan
    is not refused. Raises ReplanInvalid, AmountInvalid.
    """
    _check_replan(on=on, principal_paise=principal_paise, remaining=remaining, emi_paise=emi_paise)
    draws = later_disbursals(terms, after=on, last_due_on=remaining[-1].due_on) if terms.disbursals else []
    if principal_paise == 0 and not draws:
        alone = _interest_alone(terms, remaining[0], accrued=accrued, deferred_paise=deferred_interest_paise)
        emi = emi_paise or alone.interest_paise
        return Schedule(emi_paise=emi, emi_unrounded=Decimal(emi), instalments=(alone,))
    flat_interest = _flat_interest_left(terms, remaining, principal_paise=principal_paise)
    if not (draws or terms.moratorium or terms.balloon_paise):
        # Fewer paise than rows: a row of nothing is no instalment.
        remaining = remaining[:principal_paise]
    if terms.balloon_paise > principal_paise and not draws:
        terms = replace(terms, balloon_paise=principal_paise)
    timeline = Timeline(terms=terms, periods=_periods_left(terms, remaining), since=on, draws=draws, accrued=accrued)
    plan = plan_repayment(
        timeline,
        principal_paise,
        deferred_paise=deferred_interest_paise,
        kept=_kept(terms, remaining, emi_paise=emi_paise),
        flat_interest=flat_interest,
    )
    return Schedule(
        emi_paise=plan.emi_paise,
        emi_unrounded=plan.emi_unrounded,
        instalments=_instalments(timeline, principal_paise, plan),
    )


def _check_replan(*, on: date, principal_paise: int, remaining: Sequence[Instalment], emi_paise: int | None) -> None:
    if not remaining:
        raise ReplanInvalid("no instalment is left to plan again", field="remaining")
    if not remaining[0].from_on <= on <= remaining[0].due_on:
        raise ReplanInvalid("the day must be in the period under way", field="on", on=on, due_on=remaining[0].due_on)
    if principal_paise < 0:
        raise AmountInvalid("principal must not be negative", field="principal")
    if emi_paise is not None and emi_paise < 0:
        raise AmountInvalid("an instalment must not be negative", field="emi")


def _interest_alone(
    terms: ScheduleTerms, row: Instalment, *, accrued: tuple[int, int], deferred_paise: int
) -> Instalment:
    rounding = terms.interest_rounding
    interest = round_ratio(*accrued, mode=rounding.mode, unit=rounding.unit_paise) + deferred_paise
    return replace(row, principal_paise=0, interest_paise=interest, balance_paise=0, capitalised_paise=0)


def _flat_interest_left(
    terms: ScheduleTerms, remaining: Sequence[Instalment], *, principal_paise: int
) -> FlatInterest | None:
    """The planned interest of the rows, in proportion to the principal they now repay. None where it accrues.

    Principal that comes back to the plan brings none: the interest on it was fixed for the whole time, and is billed.

    A period under way that was planned anew before has its own: what accrued in it is not spread over the others.
    """
    if terms.amortisation is not Amortisation.FLAT:
        return None
    first, others = remaining[0].interest_paise, sum(row.interest_paise for row in remaining[1:])
    is_odd = len(remaining) > 1 and first != remaining[1].interest_paise
    before = sum(row.principal_paise for row in remaining)
    if before <= principal_paise:
        return FlatInterest(first + others, first, is_odd)
    mode, unit = terms.interest_rounding.mode, terms.interest_rounding.unit_paise
    own = round_ratio(first * principal_paise, before, mode=mode, unit=unit)
    if is_odd:
        return FlatInterest(own + round_ratio(others * principal_paise, before, mode=mode, unit=unit), own, is_odd)
    total = round_ratio((first + others) * principal_paise, before, mode=mode, unit=unit)
    return FlatInterest(total, min(own, total), is_odd)


def _periods_left(terms: ScheduleTerms, remaining: Sequence[Instalment]) -> list[Period]:
    periods = [Period(row.number, row.from_on, row.due_on, REGULAR) for row in remaining]
    if periods[0].number == 1:
        periods[0] = periods[0]._replace(periods=first_period_weight(terms))
    return periods


def _kept(terms: ScheduleTerms, remaining: Sequence[Instalment], *, emi_paise: int | None) -> Kept | None:
    """What a plan that may end early keeps: its instalment, or the part of principal that every row but the last of an
    equal-principal plan repays. None where that is nothing."""
    part = 0
    if terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
        part = next((row.principal_paise for row in remaining if row.principal_paise), 0)
    return Kept(emi_paise, part) if emi_paise is not None and (emi_paise or part) else None


def legacy_annual_instalment(amount_paise: int, *, annual_rate_percent: Decimal, instalments: int) -> int:
    """The monthly payment of the imported loan files, in paise: round(P x (1 + R/100)^floor(n / 12) / n) rupees.

    Not an EMI and never used for a loan of ours: only to check imported rows, all of which it reproduces (half up to
    whole rupees). Source: domain.md, section 6; data/README.md.
    """
    top, bottom = (1 + annual_rate_percent / 100).as_integer_ratio()
    years = instalments // 12
    return round_ratio(amount_paise * top**years, bottom**years * instalments, mode=RoundingMode.HALF_UP, unit=100)
