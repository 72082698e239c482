"""Repayment plans: each amortisation method over the periods of a course.

Every method answers with one repayment a period. The moratorium comes first and is the same for all; then a method
repays what is left. Where money is still to be disbursed or a rate will change, the instalment is set from what is
known, and set anew in the period the event falls in: nobody repays money they have not got.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.domain.money import MAX_PAISE, TO_THE_PAISA, Rounding, round_ratio
from app.domain.schedules.amortisation import (
    Repayment,
    instalment_targets,
    repay_by_principal,
    repay_until_done,
    set_instalment,
    spread,
)
from app.domain.schedules.flat_interest import FlatInterest, charge_flat_interest, flat_kept
from app.domain.schedules.periods import Timeline
from app.domain.schedules.segments import Segment
from app.domain.schedules.terms import Amortisation, AmountInvalid, InstalmentTooSmall, MoratoriumInterest, MoratoriumOf


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
    timeline: Timeline,
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
    if timeline.terms.amortisation is Amortisation.FLAT:
        return _flat(timeline, balance_paise, deferred_paise=deferred_paise, kept=kept, interest=flat_interest)
    start = _through_moratorium(timeline, balance_paise, deferred_paise=deferred_paise)
    if timeline.terms.amortisation is not Amortisation.EQUAL_INSTALMENT:
        return _by_principal(timeline, start, kept=kept)
    if kept is not None:
        return _keep_instalment(timeline, start, emi_paise=kept.emi_paise)
    return _by_instalments(timeline, start)


def resting_periods(timeline: Timeline) -> int:
    """How many of the periods belong to the moratorium."""
    moratorium = timeline.terms.moratorium
    if moratorium is None:
        return 0
    return max(0, min(len(timeline.periods) - 1, moratorium.instalments + 1 - timeline.periods[0].number))


def _through_moratorium(timeline: Timeline, balance_paise: int, *, deferred_paise: int) -> _Start:
    """Pay, put aside or capitalise the interest of the moratorium's periods, each rounded once."""
    resting, moratorium = resting_periods(timeline), timeline.terms.moratorium
    start = _Start([], [], balance_paise, deferred_paise)
    if not resting or moratorium is None:
        return start
    rounding = timeline.terms.interest_rounding
    costs, drawn = timeline.costs(first=0), timeline.drawn(first=0)
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


def _by_instalments(timeline: Timeline, start: _Start) -> RepaymentPlan:
    first = len(start.paid)
    stages = timeline.stages(first=first, rates_too=True)
    shares = spread(start.deferred_paise, len(timeline.periods) - first, rounding=TO_THE_PAISA)
    repayments = list(start.paid)
    balance = start.balance_paise
    quoted: tuple[int, Decimal] | None = None
    for stage, end in zip(stages, [*stages[1:], len(timeline.periods)], strict=True):
        segment = _segment(timeline, balance, first=stage, shares=shares[stage - first :], of_stage=len(stages) > 1)
        emi, unrounded, rows = set_instalment(segment, rounding=timeline.terms.emi_rounding, rows_wanted=end - stage)
        if emi == 0 and len(segment.costs) > 1:
            emi, unrounded, rows = set_instalment(segment, rounding=_finer_rounding(timeline), rows_wanted=end - stage)
        quoted = quoted or (emi, unrounded)
        repayments += rows
        for row, drawn in zip(rows, segment.drawn, strict=False):
            balance += drawn - row.principal_paise
    assert quoted is not None
    return RepaymentPlan(*quoted, repayments, start.capitalised)


def _finer_rounding(timeline: Timeline) -> Rounding:
    """What replaces a unit so coarse that an instalment rounds to nothing: a refusal, or the paisa.

    An offer is refused. A living loan never is: a unit that suited all of it may not suit its last rupees.
    """
    rounding = timeline.terms.emi_rounding
    if timeline.is_offer:
        raise InstalmentTooSmall("the instalment rounds to nothing", field="rounding", unit=rounding.unit_paise)
    return Rounding(mode=rounding.mode)


def _keep_instalment(timeline: Timeline, start: _Start, *, emi_paise: int) -> RepaymentPlan:
    first = len(start.paid)
    shares = spread(start.deferred_paise, len(timeline.periods) - first, rounding=TO_THE_PAISA)
    segment = _segment(timeline, start.balance_paise, first=first, shares=shares, of_stage=False)
    targets = instalment_targets(segment, Decimal(emi_paise), rounding=TO_THE_PAISA)
    rows = repay_until_done(segment, targets)
    return RepaymentPlan(emi_paise, Decimal(emi_paise), start.paid + rows, start.capitalised)


def _segment(timeline: Timeline, balance: int, *, first: int, shares: list[int], of_stage: bool) -> Segment:
    """The stretch from a period on; `of_stage` hides what happens after that period from the instalment."""
    known_before = timeline.periods[first].due_on if of_stage else None
    return Segment(
        balance_paise=balance,
        costs=timeline.costs(first=first, known_before=known_before),
        drawn=timeline.drawn(first=first, known_before=known_before),
        shares=shares,
        interest_rounding=timeline.terms.interest_rounding,
        weights=_weights(timeline, first=first),
        # Before the money is all disbursed, less may be owed than is left to the end.
        balloon_paise=min(timeline.terms.balloon_paise, balance),
    )


def _weights(timeline: Timeline, *, first: int) -> list[tuple[int, int]] | None:
    """The size of each instalment relative to the first of the stretch, from the steps that lie in it."""
    number = timeline.periods[first].number
    steps = {step.from_number: step.by_percent for step in timeline.terms.step_ups if step.from_number > number}
    if not steps:
        return None
    weight = Fraction(1)
    weights: list[tuple[int, int]] = []
    for period in timeline.periods[first:]:
        weight *= 1 + Fraction(steps.get(period.number, Decimal(0))) / 100
        weights.append((weight.numerator, weight.denominator))
    return weights


def _by_principal(timeline: Timeline, start: _Start, *, kept: Kept | None) -> RepaymentPlan:
    """Equal parts of principal, or none before the last row."""
    first = len(start.paid)
    count = len(timeline.periods) - first
    segment = _segment(
        timeline,
        start.balance_paise,
        first=first,
        shares=spread(start.deferred_paise, count, rounding=TO_THE_PAISA),
        of_stage=False,
    )
    exact = Fraction(0)
    if timeline.terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
        parts = _principal_parts(timeline, start.balance_paise, first=first, kept=kept)
        exact = Fraction(start.balance_paise - segment.balloon_paise, count)
    else:
        parts = [0] * count
    if len(parts) < count:
        segment = _shortened(segment, len(parts))
    rows = repay_by_principal(segment, parts)
    # What had accrued before the loan was planned anew is paid with the first row and belongs to no instalment.
    shown = 1 if timeline.accrued[0] and not first and len(rows) > 1 else 0
    balance = start.balance_paise + (segment.drawn[0] - rows[0].principal_paise if shown else 0)
    cost = segment.costs[shown]
    exact += Fraction(balance * cost.coefficient + cost.addition, cost.denominator) + segment.shares[shown]
    unrounded = Decimal(exact.numerator) / exact.denominator
    emi = rows[0].principal_paise + rows[shown].interest_paise
    return RepaymentPlan(emi, unrounded, start.paid + rows, start.capitalised)


def _shortened(segment: Segment, count: int) -> Segment:
    """The first `count` periods of a stretch; fixed interest of the others is paid with the last."""
    shares = [*segment.shares[: count - 1], sum(segment.shares[count - 1 :])]
    return replace(segment, costs=segment.costs[:count], drawn=segment.drawn[:count], shares=shares)


def _principal_parts(timeline: Timeline, balance_paise: int, *, first: int, kept: Kept | None) -> list[int]:
    """Equal parts of the principal over the periods from `first` on, split anew when more is disbursed."""
    total, drawn = len(timeline.periods), timeline.drawn(first=first)
    left = balance_paise - timeline.terms.balloon_paise
    if kept is not None and kept.principal_paise > 0 and not any(drawn):
        needed = -(-left // kept.principal_paise)
        return [kept.principal_paise] * max(1, min(total - first, needed))
    stages = timeline.stages(first=first, rates_too=False)
    parts: list[int] = []
    for stage, end in zip(stages, [*stages[1:], total], strict=True):
        left += drawn[stage - first]
        # Before the money is all disbursed, less may be owed than is left to the end.
        due = max(left, 0)
        planned = spread(due, total - stage, rounding=timeline.terms.emi_rounding, least=1)
        if due and planned[0] == 0 and len(planned) > 1:
            planned = spread(due, total - stage, rounding=_finer_rounding(timeline), least=1)
        parts += planned[: end - stage]
        left -= sum(planned[: end - stage])
    return parts


def _flat(
    timeline: Timeline, balance_paise: int, *, deferred_paise: int, kept: Kept | None, interest: FlatInterest | None
) -> RepaymentPlan:
    """Interest on the whole principal for the whole time, fixed first; it and the principal are spread evenly.

    An odd first period bears its own interest, and the others share the rest.
    """
    resting, moratorium = resting_periods(timeline), timeline.terms.moratorium
    start = _through_moratorium(timeline, balance_paise, deferred_paise=deferred_paise)
    # The interest of a moratorium is in the total unless it became principal; it is paid meanwhile, or later.
    pays_all_along = moratorium is None or moratorium.of is MoratoriumOf.PRINCIPAL
    if any(start.capitalised) or interest is None:
        charged_from = resting if any(start.capitalised) else 0
        interest = charge_flat_interest(timeline, start.balance_paise if charged_from else balance_paise, charged_from)
    bears_its_own = interest.is_first_odd and (pays_all_along or not resting)
    own = [interest.first_paise] if bears_its_own and len(timeline.periods) > 1 else []
    count = len(timeline.periods) - (0 if pays_all_along else resting)
    shares = own + spread(interest.total_paise - sum(own), count - len(own), rounding=timeline.terms.emi_rounding)
    shares = [0] * (len(timeline.periods) - count) + shares
    paid = [Repayment(0, share) for share in shares[:resting]]
    own, shares = [] if resting else own, shares[resting:]
    if kept is not None and not timeline.draws:
        emi = kept.emi_paise
        rows = flat_kept(timeline, start.balance_paise, own=own, rest_paise=sum(shares[len(own) :]), emi_paise=emi)
    else:
        parts = _principal_parts(timeline, start.balance_paise, first=resting, kept=None)
        parts[-1] += timeline.terms.balloon_paise
        rows = [Repayment(*row) for row in zip(parts, shares, strict=True)]
        emi = parts[0] + shares[len(own)]
    left = start.balance_paise - timeline.terms.balloon_paise
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
