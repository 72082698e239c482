"""Segments: a balance and the periods in which it is repaid, and the instalment that repays it.

Each period's interest is linear in its opening balance: `(balance x coefficient + addition) / denominator`. Interest is
never added to the balance: a row pays the instalment or its interest, whichever is more. When the instalment covers the
interest of every row, the whole segment is linear: the final balance is `grown - instalment x weight`, and one division
gives the instalment that leaves 0. When the interest of some row is more than the instalment (a long first period,
interest that accrued before a new plan, a rate that rises), the segment is piecewise linear, and Newton's method finds
the instalment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from app.domain.money import Rounding

#: Sixty digits: amounts of 1e13 paise, growth over a hundred years and differences of powers leave thirty of them.
PRECISE = Context(prec=60)
_FINE = Decimal(1).scaleb(-30)
#: A step this small, relative to the instalment, is only rounding of the last digits.
_NEGLIGIBLE = Decimal(1).scaleb(-50)
#: Newton's method needs fewer than ten steps. No plan reaches this bound; it stops a loop that would not end.
_MOST_STEPS = 200
_ONE = Decimal(1)


class PeriodCost(NamedTuple):
    """A period's interest in paise: `(opening balance x coefficient + addition) / denominator`."""

    coefficient: int
    addition: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A balance and the periods in which it is repaid. Money in paise.

    `drawn` is the amount disbursed within each period; its interest is in the period's `addition`. `shares` is fixed
    interest that is paid on top (flat or deferred). `weights` is the size of each instalment relative to the first, as
    exact ratios (None: all equal). `balloon_paise` is principal that only the last row repays.
    """

    balance_paise: int
    costs: Sequence[PeriodCost]
    drawn: Sequence[int]
    shares: Sequence[int]
    interest_rounding: Rounding
    weights: Sequence[tuple[int, int]] | None = None
    balloon_paise: int = 0


def unrounded_instalment(segment: Segment) -> Decimal:
    """The instalment that repays the segment over its actual periods, in paise with thirty decimals.

    On equal periods it is P i (1 + i)^n / ((1 + i)^n - 1), or P / n without interest. A row whose interest is more than
    the instalment pays that interest and no principal; the other rows repay everything.
    Source: docs/business-rules.md, schedules and interest.
    """
    regular = _equal_tail(segment)
    with localcontext(PRECISE):
        instalment = _solve_linear(segment, regular)
        if not _covers_all_interest(segment, instalment, regular):
            instalment = _solve(segment, instalment, regular)
        return instalment.quantize(_FINE)


def _solve_linear(segment: Segment, regular: int) -> Decimal:
    """The instalment that leaves 0, if unpaid interest were added to the balance."""
    costs, weights = segment.costs, segment.weights
    grown, paid, weight = Decimal(segment.balance_paise), Decimal(0), _ONE
    # Few periods differ, so each different cost is divided only once.
    kinds: dict[PeriodCost, tuple[Decimal, Decimal]] = {}
    for index in range(len(costs) - regular):
        cost = costs[index]
        if cost not in kinds:
            coefficient, addition, denominator = cost
            kinds[cost] = Decimal(denominator + coefficient) / denominator, Decimal(addition) / denominator
        growth, added = kinds[cost]
        grown = grown * growth + added
        if segment.drawn[index] or segment.shares[index]:
            grown += segment.drawn[index] + segment.shares[index]
        if weights is not None:
            weight = Decimal(weights[index][0]) / weights[index][1]
        paid = paid * growth + weight
    if regular:
        coefficient, _, denominator = costs[-1]
        power = (Decimal(denominator + coefficient) / denominator) ** regular
        annuity = (power - 1) * denominator / coefficient if coefficient else Decimal(regular)
        grown, paid = grown * power, paid * power + annuity
    return (grown - segment.balloon_paise) / paid


def _covers_all_interest(segment: Segment, instalment: Decimal, regular: int) -> bool:
    """Whether an instalment certainly covers the interest of every row. A quick test: False may be wrong, True never.

    The balance only falls. So after the first row no interest exceeds that of the most expensive period on the balance
    that the first row leaves.
    """
    rows = len(segment.costs)
    if regular == rows:
        return True
    coefficient, addition, denominator = segment.costs[0]
    interest = Decimal(segment.balance_paise * coefficient + addition) / denominator + segment.shares[0]
    if interest > instalment:
        return False
    left = segment.balance_paise + segment.drawn[0] + interest - instalment
    later_costs = segment.costs[1:] if regular < rows - 1 else segment.costs[-1:]
    denominator = later_costs[0].denominator
    if any(cost.denominator != denominator for cost in later_costs):
        return False
    highest, addition = max(cost.coefficient for cost in later_costs), max(cost.addition for cost in later_costs)
    return left * highest + addition <= (instalment - max(segment.shares)) * denominator


class _Step(NamedTuple):
    """A row in the backward computation.

    `discount` is the value at the row's start of a unit paid at its end. `fixed` is the payment that repays nothing of
    the opening balance. `drawn` is the amount disbursed within the row. `weight` is the size of its instalment.
    """

    discount: Decimal
    fixed: Decimal
    drawn: int
    weight: Decimal


def _solve(segment: Segment, guess: Decimal, regular: int) -> Decimal:
    """The instalment that repays the segment when some rows pay only interest.

    The repaid balance is a convex, piecewise linear function of the instalment. So Newton's steps come from above and
    are exact on the last piece. The last row must be an instalment like the others: when its interest on the balloon is
    more than the solution, that interest is the instalment.
    """
    steps = _steps_back(segment, regular)
    for _ in range(_MOST_STEPS):
        repaid, slope = _repaid_by(guess, segment, steps, regular)
        step = (repaid - segment.balance_paise) / slope
        guess -= step
        if abs(step) <= guess * _NEGLIGIBLE:
            break
    coefficient, addition, denominator = segment.costs[-1]
    interest = Decimal(segment.balloon_paise * coefficient + addition) / denominator + segment.shares[-1]
    return max(guess, interest / _weight(segment, len(segment.costs) - 1))


def _steps_back(segment: Segment, regular: int) -> list[_Step]:
    """The rows before the equal last rows, in reverse order."""
    kinds: dict[PeriodCost, tuple[Decimal, Decimal]] = {}
    steps: list[_Step] = []
    for index in range(len(segment.costs) - regular - 1, -1, -1):
        cost, drawn = segment.costs[index], segment.drawn[index]
        if cost not in kinds:
            coefficient, addition, denominator = cost
            kinds[cost] = Decimal(denominator) / (denominator + coefficient), Decimal(addition) / denominator
        discount, added = kinds[cost]
        if drawn or segment.shares[index]:
            added += drawn + segment.shares[index]
        steps.append(_Step(discount, added, drawn, _weight(segment, index)))
    return steps


def _repaid_by(instalment: Decimal, segment: Segment, steps: Sequence[_Step], regular: int) -> tuple[Decimal, Decimal]:
    """The opening balance that an instalment repays, and its slope (its change per unit of the instalment).

    The rows are computed from the last to the first, each balance discounted. In this direction errors shrink, whatever
    the rate.
    """
    balance, slope, is_last = Decimal(segment.balloon_paise), Decimal(0), not regular
    if regular:
        coefficient, _, denominator = segment.costs[-1]
        power = (Decimal(denominator) / (denominator + coefficient)) ** regular
        slope = (1 - power) * denominator / coefficient if coefficient else Decimal(regular)
        balance = balance * power + instalment * slope
    equal = segment.weights is None
    for discount, fixed, drawn, weight in steps:
        opened = (balance + (instalment if equal else instalment * weight) - fixed) * discount
        unpaid = balance - drawn if drawn else balance
        if opened < unpaid and not is_last:
            # The row pays only its interest, so its balance does not change.
            balance = unpaid
        else:
            balance, slope = opened, (slope + weight) * discount
        is_last = False
    return balance, slope


def _weight(segment: Segment, index: int) -> Decimal:
    if segment.weights is None:
        return _ONE
    top, bottom = segment.weights[index]
    return Decimal(top) / bottom


def _equal_tail(segment: Segment) -> int:
    """The number of equal periods at the end, for which one power replaces a loop."""
    if segment.weights is not None:
        return 0
    alike = segment.costs[-1]
    if alike.addition:
        return 0
    length = 0
    for cost, drawn, share in zip(
        reversed(segment.costs), reversed(segment.drawn), reversed(segment.shares), strict=True
    ):
        if cost != alike or drawn or share:
            break
        length += 1
    return length
