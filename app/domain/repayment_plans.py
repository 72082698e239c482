"""Repayment plans: each amortisation method over the periods of a course.

Every method answers with one repayment a period. The moratorium comes first and is the same for all; then a method
repays what is left. Where money is still to be disbursed or a rate will change, the instalment is set from what is
known, and set anew in the period the event falls in: nobody repays money they have not got.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.domain.amortisation import (
    Repayment,
    instalment_targets,
    repay_by_principal,
    repay_until_done,
    set_instalment,
    spread,
)
from app.domain.flat_interest import FlatInterest, charge_flat_interest, flat_kept
from app.domain.money import MAX_PAISE, TO_THE_PAISA, Rounding, round_ratio
from app.domain.plan_periods import Course
from app.domain.schedule_terms import Amortisation, AmountInvalid, InstalmentTooSmall, MoratoriumInterest, MoratoriumOf
from app.domain.stretches import Stretch


class RepaymentPlan(NamedTuple):
    """One repayment a period; the first `len(capitalised)` periods are a moratorium, with what each capitalised."""

    emi_paise: int
    emi_unrounded: Decimal
    repayments: list[Repayment]
    capitalised: list[int]


class Kept(NamedTuple):
    """What a re-planned loan keeps: its instalment, or its part of principal where that is what is equal."""

    emi_paise: int
    principal_paise: int


class _Start(NamedTuple):
    """Where a moratorium leaves a loan: what was paid meanwhile, the principal now, and the interest put aside."""

    paid: list[Repayment]
    capitalised: list[int]
    balance_paise: int
    deferred_paise: int


def plan_repayment(
    course: Course,
    balance_paise: int,
    *,
    deferred_paise: int = 0,
    kept: Kept | None = None,
    flat_interest: FlatInterest | None = None,
) -> RepaymentPlan:
    """Repay a balance over the periods of a course by the method of its terms.

    `deferred_paise` is interest of an earlier moratorium, paid evenly with the instalments; `kept` lets the plan end
    early instead of solving the instalment; `flat_interest` overrides the interest of a re-planned flat loan.
    Raises InstalmentTooSmall when rounding leaves an instalment nothing.
    """
    if course.terms.amortisation is Amortisation.FLAT:
        return _flat(course, balance_paise, deferred_paise=deferred_paise, kept=kept, interest=flat_interest)
    start = _through_moratorium(course, balance_paise, deferred_paise=deferred_paise)
    if course.terms.amortisation is not Amortisation.EQUAL_INSTALMENT:
        return _by_principal(course, start, kept=kept)
    if kept is not None:
        return _keep_instalment(course, start, emi_paise=kept.emi_paise)
    return _by_instalments(course, start)


def resting_periods(course: Course) -> int:
    """How many of the periods belong to the moratorium."""
    moratorium = course.terms.moratorium
    if moratorium is None:
        return 0
    return max(0, min(len(course.periods) - 1, moratorium.instalments + 1 - course.periods[0].number))


def _through_moratorium(course: Course, balance_paise: int, *, deferred_paise: int) -> _Start:
    """Pay, put aside or capitalise the interest of the moratorium's periods, each rounded once."""
    resting, moratorium = resting_periods(course), course.terms.moratorium
    start = _Start([], [], balance_paise, deferred_paise)
    if not resting or moratorium is None:
        return start
    rounding = course.terms.interest_rounding
    costs, drawn = course.costs(first=0), course.drawn(first=0)
    for index in range(resting):
        cost = costs[index]
        interest = round_ratio(
            start.balance_paise * cost.coefficient + cost.addition,
            cost.denominator,
            mode=rounding.mode,
            unit=rounding.unit_paise,
        )
        paid, capitalised, deferred = 0, 0, 0
        if moratorium.of is MoratoriumOf.PRINCIPAL:
            paid = interest
        elif moratorium.interest is MoratoriumInterest.CAPITALISED:
            capitalised = interest
        else:
            deferred = interest
        if start.balance_paise + start.deferred_paise + interest > MAX_PAISE:
            raise AmountInvalid("unpaid interest raises the debt above 1e11 rupees", field="moratorium")
        start = _Start(
            [*start.paid, Repayment(0, paid)],
            [*start.capitalised, capitalised],
            start.balance_paise + drawn[index] + capitalised,
            start.deferred_paise + deferred,
        )
    return start


def _by_instalments(course: Course, start: _Start) -> RepaymentPlan:
    first = len(start.paid)
    stages = course.stages(first=first, rates_too=True)
    shares = spread(start.deferred_paise, len(course.periods) - first, rounding=TO_THE_PAISA)
    repayments = list(start.paid)
    balance = start.balance_paise
    quoted: tuple[int, Decimal] | None = None
    for stage, end in zip(stages, [*stages[1:], len(course.periods)], strict=True):
        stretch = _stretch(course, balance, first=stage, shares=shares[stage - first :], of_stage=len(stages) > 1)
        emi, unrounded, rows = set_instalment(stretch, rounding=course.terms.emi_rounding, rows_wanted=end - stage)
        if emi == 0 and len(stretch.costs) > 1:
            emi, unrounded, rows = set_instalment(stretch, rounding=_finer_rounding(course), rows_wanted=end - stage)
        quoted = quoted or (emi, unrounded)
        repayments += rows
        for row, drawn in zip(rows, stretch.drawn, strict=False):
            balance += drawn - row.principal_paise
    assert quoted is not None
    return RepaymentPlan(*quoted, repayments, start.capitalised)


def _finer_rounding(course: Course) -> Rounding:
    """What replaces a unit so coarse that an instalment rounds to nothing: a refusal, or the paisa.

    An offer is refused. A living loan never is: a unit that suited all of it may not suit its last rupees.
    """
    rounding = course.terms.emi_rounding
    if course.is_offer:
        raise InstalmentTooSmall("the instalment rounds to nothing", field="rounding", unit=rounding.unit_paise)
    return Rounding(mode=rounding.mode)


def _keep_instalment(course: Course, start: _Start, *, emi_paise: int) -> RepaymentPlan:
    first = len(start.paid)
    shares = spread(start.deferred_paise, len(course.periods) - first, rounding=TO_THE_PAISA)
    stretch = _stretch(course, start.balance_paise, first=first, shares=shares, of_stage=False)
    targets = instalment_targets(stretch, Decimal(emi_paise), rounding=TO_THE_PAISA)
    rows = repay_until_done(stretch, targets)
    return RepaymentPlan(emi_paise, Decimal(emi_paise), start.paid + rows, start.capitalised)


def _stretch(course: Course, balance: int, *, first: int, shares: list[int], of_stage: bool) -> Stretch:
    """The stretch from a period on; `of_stage` hides what happens after that period from the instalment."""
    known_before = course.periods[first].due_on if of_stage else None
    return Stretch(
        balance_paise=balance,
        costs=course.costs(first=first, known_before=known_before),
        drawn=course.drawn(first=first, known_before=known_before),
        shares=shares,
        interest_rounding=course.terms.interest_rounding,
        weights=_weights(course, first=first),
        # Before the money is all disbursed, less may be owed than is left to the end.
        balloon_paise=min(course.terms.balloon_paise, balance),
    )


def _weights(course: Course, *, first: int) -> list[tuple[int, int]] | None:
    """The size of each instalment relative to the first of the stretch, from the steps that lie in it."""
    number = course.periods[first].number
    steps = {step.from_number: step.by_percent for step in course.terms.step_ups if step.from_number > number}
    if not steps:
        return None
    weight = Fraction(1)
    weights: list[tuple[int, int]] = []
    for period in course.periods[first:]:
        weight *= 1 + Fraction(steps.get(period.number, Decimal(0))) / 100
        weights.append((weight.numerator, weight.denominator))
    return weights


def _by_principal(course: Course, start: _Start, *, kept: Kept | None) -> RepaymentPlan:
    """Equal parts of principal, or none before the last row."""
    first = len(start.paid)
    count = len(course.periods) - first
    stretch = _stretch(
        course,
        start.balance_paise,
        first=first,
        shares=spread(start.deferred_paise, count, rounding=TO_THE_PAISA),
        of_stage=False,
    )
    exact = Fraction(0)
    if course.terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
        parts = _principal_parts(course, start.balance_paise, first=first, kept=kept)
        exact = Fraction(start.balance_paise - stretch.balloon_paise, count)
    else:
        parts = [0] * count
    if len(parts) < count:
        stretch = _shortened(stretch, len(parts))
    rows = repay_by_principal(stretch, parts)
    # What had accrued before the loan was planned anew is paid with the first row and belongs to no instalment.
    shown = 1 if course.accrued[0] and not first and len(rows) > 1 else 0
    balance = start.balance_paise + (stretch.drawn[0] - rows[0].principal_paise if shown else 0)
    cost = stretch.costs[shown]
    exact += Fraction(balance * cost.coefficient + cost.addition, cost.denominator) + stretch.shares[shown]
    unrounded = Decimal(exact.numerator) / exact.denominator
    emi = rows[0].principal_paise + rows[shown].interest_paise
    return RepaymentPlan(emi, unrounded, start.paid + rows, start.capitalised)


def _shortened(stretch: Stretch, count: int) -> Stretch:
    """The first `count` periods of a stretch; fixed interest of the others is paid with the last."""
    shares = [*stretch.shares[: count - 1], sum(stretch.shares[count - 1 :])]
    return replace(stretch, costs=stretch.costs[:count], drawn=stretch.drawn[:count], shares=shares)


def _principal_parts(course: Course, balance_paise: int, *, first: int, kept: Kept | None) -> list[int]:
    """Equal parts of the principal over the periods from `first` on, split anew when more is disbursed."""
    total, drawn = len(course.periods), course.drawn(first=first)
    left = balance_paise - course.terms.balloon_paise
    if kept is not None and kept.principal_paise > 0 and not any(drawn):
        needed = -(-left // kept.principal_paise)
        return [kept.principal_paise] * max(1, min(total - first, needed))
    stages = course.stages(first=first, rates_too=False)
    parts: list[int] = []
    for stage, end in zip(stages, [*stages[1:], total], strict=True):
        left += drawn[stage - first]
        # Before the money is all disbursed, less may be owed than is left to the end.
        due = max(left, 0)
        planned = spread(due, total - stage, rounding=course.terms.emi_rounding, least=1)
        if due and planned[0] == 0 and len(planned) > 1:
            planned = spread(due, total - stage, rounding=_finer_rounding(course), least=1)
        parts += planned[: end - stage]
        left -= sum(planned[: end - stage])
    return parts


def _flat(
    course: Course, balance_paise: int, *, deferred_paise: int, kept: Kept | None, interest: FlatInterest | None
) -> RepaymentPlan:
    """Interest on the whole principal for the whole time, fixed first; it and the principal are spread evenly.

    An odd first period bears its own interest, and the others share the rest.
    """
    resting, moratorium = resting_periods(course), course.terms.moratorium
    start = _through_moratorium(course, balance_paise, deferred_paise=deferred_paise)
    # The interest of a moratorium is in the total unless it became principal; it is paid meanwhile, or later.
    pays_all_along = moratorium is None or moratorium.of is MoratoriumOf.PRINCIPAL
    if any(start.capitalised) or interest is None:
        charged_from = resting if any(start.capitalised) else 0
        interest = charge_flat_interest(course, start.balance_paise if charged_from else balance_paise, charged_from)
    bears_its_own = interest.is_first_odd and (pays_all_along or not resting)
    own = [interest.first_paise] if bears_its_own and len(course.periods) > 1 else []
    count = len(course.periods) - (0 if pays_all_along else resting)
    shares = own + spread(interest.total_paise - sum(own), count - len(own), rounding=course.terms.emi_rounding)
    shares = [0] * (len(course.periods) - count) + shares
    paid = [Repayment(0, share) for share in shares[:resting]]
    own, shares = [] if resting else own, shares[resting:]
    if kept is not None and not course.draws:
        emi = kept.emi_paise
        rows = flat_kept(course, start.balance_paise, own=own, rest_paise=sum(shares[len(own) :]), emi_paise=emi)
    else:
        parts = _principal_parts(course, start.balance_paise, first=resting, kept=None)
        parts[-1] += course.terms.balloon_paise
        rows = [Repayment(*row) for row in zip(parts, shares, strict=True)]
        emi = parts[0] + shares[len(own)]
    left = start.balance_paise - course.terms.balloon_paise
    unrounded = Decimal(left + sum(shares)) / len(shares)
    if own:
        unrounded = Decimal(left * (len(shares) - 1) + sum(shares[1:]) * len(shares)) / (
            len(shares) * (len(shares) - 1)
        )
    rows = _with_deferred(rows, deferred_paise)
    return RepaymentPlan(emi, unrounded, paid + rows, start.capitalised)


def _with_deferred(rows: list[Repayment], deferred_paise: int) -> list[Repayment]:
    if not deferred_paise:
        return rows
    shares = spread(deferred_paise, len(rows), rounding=TO_THE_PAISA)
    return [Repayment(row.principal_paise, row.interest_paise + share) for row, share in zip(rows, shares, strict=True)]
