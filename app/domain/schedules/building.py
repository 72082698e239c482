"""Builds the schedule of a loan, and the new schedule after a prepayment or another change.

The terms become periods with dates and costs (`periods`), which are repaid by the method of the terms (`methods`, with
the arithmetic of `amortisation`). A schedule only plans: nothing is owed until a bill demands it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.errors import Invalid
from app.domain.money import MAX_PAISE, RoundingMode, round_ratio
from app.domain.schedules.amortisation import Repayment
from app.domain.schedules.checks import check_terms
from app.domain.schedules.flat_interest import FlatInterest
from app.domain.schedules.methods import KeptInstalment, RepaymentPlan, moratorium_periods, plan_repayment
from app.domain.schedules.periods import REGULAR, Period, Timeline, build_periods, first_period_weight, later_disbursals
from app.domain.schedules.terms import (
    Amortisation,
    AmountInvalid,
    Instalment,
    InstalmentNeverRepays,
    Schedule,
    ScheduleTerms,
)

#: 4e12 rupees. With all fees that a quote may have it is still less than the largest amount that an answer can write.
MOST_REPAID_PAISE = 40 * MAX_PAISE


class ReplanInvalid(Invalid):
    """No instalment is left to plan again, or the day is not in the period under way. Report it: it is a fault of the
    program."""

    code = "replan_invalid"


def build_schedule(terms: ScheduleTerms) -> Schedule:
    """The schedule of a loan under its terms. Money in paise, rates in percent a year.

    The principals sum to what is disbursed, financed and capitalised. The balance ends at 0, no part is negative, and
    the due dates strictly increase. Wrong terms are refused before anything is computed: raises what
    `checks.check_terms` and `calendar.due_dates` raise. Raises InstalmentNeverRepays for a plan that repays no
    principal before its last row, and AmountInvalid for one that repays more than 4e12 rupees.
    Source: docs/business-rules.md, schedules and interest.
    """
    check_terms(terms)
    periods = build_periods(terms)
    draws = later_disbursals(terms, after=terms.disbursed_on, last_due_on=periods[-1].due_on)
    opening = terms.financed_paise - sum(draw.amount_paise for draw in draws)
    timeline = Timeline(terms=terms, periods=periods, since=terms.disbursed_on, draws=draws, is_offer=True)
    plan = plan_repayment(timeline, opening)
    if sum(row.principal_paise + row.interest_paise for row in plan.repayments) > MOST_REPAID_PAISE:
        raise AmountInvalid("interest raises what is repaid above 4e12 rupees", field="amount")
    if terms.amortisation is Amortisation.EQUAL_INSTALMENT and not draws:
        _check_repays_before_last_row(plan.repayments[moratorium_periods(timeline) :], emi_paise=plan.emi_paise)
    return Schedule(
        emi_paise=plan.emi_paise,
        emi_unrounded=plan.emi_unrounded,
        instalments=_instalments(timeline, opening, plan),
    )


def _check_repays_before_last_row(repayments: Sequence[Repayment], *, emi_paise: int) -> None:
    """Refuses a plan whose rows before the last repay no principal and whose instalment is only interest.

    Raises InstalmentNeverRepays.
    """
    bullet = not any(row.principal_paise for row in repayments[:-1])
    if len(repayments) > 1 and bullet and emi_paise <= repayments[-1].interest_paise:
        raise InstalmentNeverRepays(
            "the rounded instalment repays nothing before the last one", field="annual_rate", emi=emi_paise
        )


def _instalments(timeline: Timeline, opening_paise: int, plan: RepaymentPlan) -> tuple[Instalment, ...]:
    """The rows with dates and running balance. A plan that ends early has fewer rows than periods."""
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
    weights: Mapping[int, tuple[int, int]] | None = None,
) -> Schedule:
    """The new schedule from a day on, after a prepayment or a return of unpaid principal. Numbers and dates stay.

    `remaining` are the rows of the old schedule that no bill has demanded, the current period first. `on` lies in the
    current period (its due date included). `principal_paise` is the undemanded principal after the change. `accrued` is
    the exact interest of the current period before `on`, on the old balance (numerator, denominator; paise). The
    interest of the first row is `accrued` plus the interest from `on` on the new balance, rounded once.
    `deferred_interest_paise` is unpaid interest of a moratorium. `weights` says, by its number, for how many regular
    periods a period counts, as a ratio; default: for one.

    Without `emi_paise` the last date stays and the instalment is solved again. With `emi_paise` the instalment stays
    and the plan may end earlier; the last row pays the rest. `equal_principal` keeps its part of principal instead.
    `interest_only`, and an instalment of 0, have nothing to keep, so the last date stays. On `flat` the remaining
    interest is the remaining planned interest x principal after / principal before. Without principal there is one row
    with the accrued and deferred interest. If the rounding unit is too coarse for the rest, the paisa is used, because
    an existing loan must always get a plan. Raises ReplanInvalid, AmountInvalid.
    Source: docs/business-rules.md, schedules and interest.
    """
    _check_replan(on=on, principal_paise=principal_paise, remaining=remaining, emi_paise=emi_paise)
    draws = later_disbursals(terms, after=on, last_due_on=remaining[-1].due_on) if terms.disbursals else []
    if principal_paise == 0 and not draws:
        row = _interest_only_row(terms, remaining[0], accrued=accrued, deferred_paise=deferred_interest_paise)
        emi = emi_paise or row.interest_paise
        return Schedule(emi_paise=emi, emi_unrounded=Decimal(emi), instalments=(row,))
    flat_interest = _flat_interest_left(terms, remaining, principal_paise=principal_paise)
    if not (draws or terms.moratorium or terms.balloon_paise):
        # Every row repays at least one paisa, so there are at most as many rows as paise.
        remaining = remaining[:principal_paise]
    if terms.balloon_paise > principal_paise and not draws:
        terms = replace(terms, balloon_paise=principal_paise)
    periods = _periods_left(terms, remaining, weights or {})
    timeline = Timeline(terms=terms, periods=periods, since=on, draws=draws, accrued=accrued)
    plan = plan_repayment(
        timeline,
        principal_paise,
        deferred_paise=deferred_interest_paise,
        kept=_kept_instalment(terms, remaining, emi_paise=emi_paise),
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
        raise ReplanInvalid("the day must lie in the current period", field="on", on=on, due_on=remaining[0].due_on)
    if principal_paise < 0:
        raise AmountInvalid("the principal must not be negative", field="principal")
    if emi_paise is not None and emi_paise < 0:
        raise AmountInvalid("the instalment must not be negative", field="emi")


def _interest_only_row(
    terms: ScheduleTerms, row: Instalment, *, accrued: tuple[int, int], deferred_paise: int
) -> Instalment:
    rounding = terms.interest_rounding
    interest = round_ratio(*accrued, mode=rounding.mode, unit=rounding.unit_paise) + deferred_paise
    return replace(row, principal_paise=0, interest_paise=interest, balance_paise=0, capitalised_paise=0)


def _flat_interest_left(
    terms: ScheduleTerms, remaining: Sequence[Instalment], *, principal_paise: int
) -> FlatInterest | None:
    """The planned interest of a flat loan's rows, in proportion to their new principal. None for other methods.

    Principal that returns to the plan adds no interest: its interest was fixed for the whole term and is billed. No
    rounding makes the interest of less principal more than it was.
    When the current period was planned again before, it keeps its own interest, which is not spread over later rows.
    """
    if terms.amortisation is not Amortisation.FLAT:
        return None
    first, others = remaining[0].interest_paise, sum(row.interest_paise for row in remaining[1:])
    is_odd = len(remaining) > 1 and first != remaining[1].interest_paise
    before = sum(row.principal_paise for row in remaining)
    if before <= principal_paise:
        return FlatInterest(first + others, first, is_odd)
    mode, unit = terms.interest_rounding.mode, terms.interest_rounding.unit_paise

    def share(interest: int) -> int:
        return min(round_ratio(interest * principal_paise, before, mode=mode, unit=unit), interest)

    own = share(first)
    if is_odd:
        return FlatInterest(own + share(others), own, is_odd)
    total = share(first + others)
    return FlatInterest(total, min(own, total), is_odd)


def _periods_left(
    terms: ScheduleTerms, remaining: Sequence[Instalment], weights: Mapping[int, tuple[int, int]]
) -> list[Period]:
    periods = [Period(row.number, row.from_on, row.due_on, weights.get(row.number, REGULAR)) for row in remaining]
    if periods[0].number == 1 and 1 not in weights:
        periods[0] = periods[0]._replace(periods=first_period_weight(terms))
    return periods


def _kept_instalment(
    terms: ScheduleTerms, remaining: Sequence[Instalment], *, emi_paise: int | None
) -> KeptInstalment | None:
    """What a plan that may end early keeps: its instalment, and for `equal_principal` the principal of each row.

    None when there is nothing to keep.
    """
    part = 0
    if terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
        part = next((row.principal_paise for row in remaining if row.principal_paise > 0), 0)
    return KeptInstalment(emi_paise, part) if emi_paise is not None and (emi_paise or part) else None


def legacy_annual_instalment(amount_paise: int, *, annual_rate_percent: Decimal, instalments: int) -> int:
    """The monthly payment in the imported loan files, in paise: round(P x (1 + R/100)^floor(n / 12) / n) rupees.

    It is rounded half up to whole rupees. It only checks imported rows and is never used for a loan of ours.
    Source: docs/business-rules.md, imports; source system 4 of docs/sources.md.
    """
    top, bottom = (1 + annual_rate_percent / 100).as_integer_ratio()
    years = instalments // 12
    return round_ratio(amount_paise * top**years, bottom**years * instalments, mode=RoundingMode.HALF_UP, unit=100)
