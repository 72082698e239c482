"""Stretches: a balance and the periods it is repaid in, and the instalment that repays it.

Each period's interest is linear in the balance it opens with, `(balance x coefficient + addition) / denominator`.
Interest is never added to the balance: a row pays the instalment or its interest, whichever is more. Where the
instalment covers the interest of every row, the whole stretch is linear too: the balance after the last period is
`grown - instalment x weight`, and the instalment that leaves nothing is one division. Where some row's interest is
more (a long first period, interest that had accrued before a loan was planned anew, a rate that rises), the stretch is
linear in pieces, and the piece that holds the answer is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from app.domain.money import Rounding

#: Sixty digits: ten to the thirteenth paise, growth over a hundred years and the differences of powers leave thirty.
PRECISE = Context(prec=60)
_FINE = Decimal(1).scaleb(-30)
#: A step this small against the instalment is the rounding of the last digits.
_NEGLIGIBLE = Decimal(1).scaleb(-50)
#: Newton's steps are counted in single digits; a bound that no plan reaches keeps a mistake from running on.
_MOST_STEPS = 200
_ONE = Decimal(1)


class PeriodCost(NamedTuple):
    """A period's interest in paise: `(opening balance x coefficient + addition) / denominator`."""

    coefficient: int
    addition: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A balance and the periods it is repaid in.

    `drawn` is what is disbursed within each period (its interest is in the period's `addition`), `shares` interest
    that is fixed already and paid on top (flat or deferred), `weights` the size of each instalment relative to the
    first as exact ratios (None: all equal), `balloon_paise` principal left to the last row.
    """

    balance_paise: int
    costs: Sequence[PeriodCost]
    drawn: Sequence[int]
    shares: Sequence[int]
    interest_rounding: Rounding
    weights: Sequence[tuple[int, int]] | None = None
    balloon_paise: int = 0


def unrounded_instalment(segment: Segment) -> Decimal:
    """The instalment that repays the stretch over its actual periods, in paise with thirty decimals.

    On equal periods this is P i (1 + i)^n / ((1 + i)^n - 1), and P / n without interest. A row whose interest is more
    pays that interest and repays nothing, and the instalment is what the other rows need.
    """
    regular = _equal_tail(segment)
    with localcontext(PRECISE):
        instalment = _solve_linear(segment, regular)
        if not _covers_all_interest(segment, instalment, regular):
            instalment = _solve(segment, instalment, regular)
        return instalment.quantize(_FINE)


def _solve_linear(segment: Segment, regular: int) -> Decimal:
    """The instalment that leaves nothing, if interest above it were added to the balance."""
    costs, weights = segment.costs, segment.weights
    grown, paid, weight = Decimal(segment.balance_paise), Decimal(0), _ONE
    # Periods are of few kinds: each is divided once.
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
    """Whether an instalment certainly covers the interest of every row: a cheap proof, which may miss a true case.

    A balance that is repaid only falls, so behind the first row no interest is more than that of the dearest period on
    the balance which the first row leaves.
    """
    rows = len(segment.costs)
    if regular == rows:
        return True
    coefficient, addition, denominator = segment.costs[0]
    interest = Decimal(segment.balance_paise * coefficient + addition) / denominator + segment.shares[0]
    if interest > instalment:
        return False
    left = segment.balance_paise + segment.drawn[0] + interest - instalment
    behind = segment.costs[1:] if regular < rows - 1 else segment.costs[-1:]
    denominator = behind[0].denominator
    if any(cost.denominator != denominator for cost in behind):
        return False
    dearest, addition = max(cost.coefficient for cost in behind), max(cost.addition for cost in behind)
    return left * dearest + addition <= (instalment - max(segment.shares)) * denominator


class _Step(NamedTuple):
    """A row walked backwards: what a unit paid at its end was worth at its beginning, what is paid that repays nothing
    of the opening balance, what is disbursed within, and the size of its instalment."""

    discount: Decimal
    fixed: Decimal
    drawn: int
    weight: Decimal


def _solve(segment: Segment, guess: Decimal, regular: int) -> Decimal:
    """The instalment that repays the stretch where some rows pay nothing but interest.

    The balance that an instalment repays grows with it, in a chain of straight lines that bends upwards only: Newton's
    steps reach the answer from above, and exactly, once they are on its line. The last row settles, so it has to be an
    instalment like the others: where not even its interest on the balloon fits in, that interest is the instalment.
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
    """The rows before the equal tail, the last first."""
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
    """The opening balance that an instalment repays, and by how much it grows with the instalment.

    Walked from the last row back to the first, where each balance is what the row leaves, discounted; in this direction
    a small error shrinks, whatever the rate.
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
            # The row pays no more than its interest: what it leaves was there before.
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
    """How many of the last periods are alike, so that a power stands for walking through them."""
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
