"""Amortisation: how a balance is repaid over a row of periods, as arithmetic without dates.

A `Stretch` is a balance and the periods it has left. Each period's interest is linear in the balance it opens with,
`(balance x coefficient + addition) / denominator`. Interest is never added to the balance: a row pays the instalment or
its interest, whichever is more. Where the instalment covers the interest of every row, the whole stretch is linear too:
the balance after the last period is `grown - instalment x weight`, and the instalment that leaves nothing is one
division. Where some row's interest is more (a long first period, interest that had accrued before a loan was planned
anew, a rate that rises), the stretch is linear in pieces, and the piece that holds the answer is found (`_solve`).

What is then paid is simulated in whole paise, period by period, with one rounding of the interest each; the last row
settles what is left. Every row leaves a paisa for each row behind it, so that an instalment that was rounded upwards
cannot end the loan before its last due date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import accumulate
from typing import NamedTuple

from app.domain.money import Rounding, RoundingMode, round_decimal, round_ratio

#: Sixty digits: ten to the thirteenth paise, growth over a hundred years and the differences of powers leave thirty.
_PRECISE = Context(prec=60)
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


class Repayment(NamedTuple):
    """Principal and interest paid at the end of a period, in paise."""

    principal_paise: int
    interest_paise: int


FREE = PeriodCost(0, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
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


def unrounded_instalment(stretch: Stretch) -> Decimal:
    """The instalment that repays the stretch over its actual periods, in paise with thirty decimals.

    On equal periods this is P i (1 + i)^n / ((1 + i)^n - 1), and P / n without interest. A row whose interest is more
    pays that interest and repays nothing, and the instalment is what the other rows need.
    """
    regular = _equal_tail(stretch)
    with localcontext(_PRECISE):
        instalment = _solve_linear(stretch, regular)
        if not _covers_all_interest(stretch, instalment, regular):
            instalment = _solve(stretch, instalment, regular)
        return instalment.quantize(_FINE)


def _solve_linear(stretch: Stretch, regular: int) -> Decimal:
    """The instalment that leaves nothing, if interest above it were added to the balance."""
    costs, weights = stretch.costs, stretch.weights
    grown, paid, weight = Decimal(stretch.balance_paise), Decimal(0), _ONE
    # Periods are of few kinds: each is divided once.
    kinds: dict[PeriodCost, tuple[Decimal, Decimal]] = {}
    for index in range(len(costs) - regular):
        cost = costs[index]
        if cost not in kinds:
            coefficient, addition, denominator = cost
            kinds[cost] = Decimal(denominator + coefficient) / denominator, Decimal(addition) / denominator
        growth, added = kinds[cost]
        grown = grown * growth + added
        if stretch.drawn[index] or stretch.shares[index]:
            grown += stretch.drawn[index] + stretch.shares[index]
        if weights is not None:
            weight = Decimal(weights[index][0]) / weights[index][1]
        paid = paid * growth + weight
    if regular:
        coefficient, _, denominator = costs[-1]
        power = (Decimal(denominator + coefficient) / denominator) ** regular
        annuity = (power - 1) * denominator / coefficient if coefficient else Decimal(regular)
        grown, paid = grown * power, paid * power + annuity
    return (grown - stretch.balloon_paise) / paid


def _covers_all_interest(stretch: Stretch, instalment: Decimal, regular: int) -> bool:
    """Whether an instalment certainly covers the interest of every row: a cheap proof, which may miss a true case.

    A balance that is repaid only falls, so behind the first row no interest is more than that of the dearest period on
    the balance which the first row leaves.
    """
    rows = len(stretch.costs)
    if regular == rows:
        return True
    coefficient, addition, denominator = stretch.costs[0]
    interest = Decimal(stretch.balance_paise * coefficient + addition) / denominator + stretch.shares[0]
    if interest > instalment:
        return False
    left = stretch.balance_paise + stretch.drawn[0] + interest - instalment
    behind = stretch.costs[1:] if regular < rows - 1 else stretch.costs[-1:]
    denominator = behind[0].denominator
    if any(cost.denominator != denominator for cost in behind):
        return False
    dearest, addition = max(cost.coefficient for cost in behind), max(cost.addition for cost in behind)
    return left * dearest + addition <= (instalment - max(stretch.shares)) * denominator


class _Step(NamedTuple):
    """A row walked backwards: what a unit paid at its end was worth at its beginning, what is paid that repays nothing
    of the opening balance, what is disbursed within, and the size of its instalment."""

    discount: Decimal
    fixed: Decimal
    drawn: int
    weight: Decimal


def _solve(stretch: Stretch, guess: Decimal, regular: int) -> Decimal:
    """The instalment that repays the stretch where some rows pay nothing but interest.

    The balance that an instalment repays grows with it, in a chain of straight lines that bends upwards only: Newton's
    steps reach the answer from above, and exactly, once they are on its line. The last row settles, so it has to be an
    instalment like the others: where not even its interest on the balloon fits in, that interest is the instalment.
    """
    steps = _steps_back(stretch, regular)
    for _ in range(_MOST_STEPS):
        repaid, slope = _repaid_by(guess, stretch, steps, regular)
        step = (repaid - stretch.balance_paise) / slope
        guess -= step
        if abs(step) <= guess * _NEGLIGIBLE:
            break
    coefficient, addition, denominator = stretch.costs[-1]
    interest = Decimal(stretch.balloon_paise * coefficient + addition) / denominator + stretch.shares[-1]
    return max(guess, interest / _weight(stretch, len(stretch.costs) - 1))


def _steps_back(stretch: Stretch, regular: int) -> list[_Step]:
    """The rows before the equal tail, the last first."""
    kinds: dict[PeriodCost, tuple[Decimal, Decimal]] = {}
    steps: list[_Step] = []
    for index in range(len(stretch.costs) - regular - 1, -1, -1):
        cost, drawn = stretch.costs[index], stretch.drawn[index]
        if cost not in kinds:
            coefficient, addition, denominator = cost
            kinds[cost] = Decimal(denominator) / (denominator + coefficient), Decimal(addition) / denominator
        discount, added = kinds[cost]
        if drawn or stretch.shares[index]:
            added += drawn + stretch.shares[index]
        steps.append(_Step(discount, added, drawn, _weight(stretch, index)))
    return steps


def _repaid_by(instalment: Decimal, stretch: Stretch, steps: Sequence[_Step], regular: int) -> tuple[Decimal, Decimal]:
    """The opening balance that an instalment repays, and by how much it grows with the instalment.

    Walked from the last row back to the first, where each balance is what the row leaves, discounted; in this direction
    a small error shrinks, whatever the rate.
    """
    balance, slope, is_last = Decimal(stretch.balloon_paise), Decimal(0), not regular
    if regular:
        coefficient, _, denominator = stretch.costs[-1]
        power = (Decimal(denominator) / (denominator + coefficient)) ** regular
        slope = (1 - power) * denominator / coefficient if coefficient else Decimal(regular)
        balance = balance * power + instalment * slope
    equal = stretch.weights is None
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


def _weight(stretch: Stretch, index: int) -> Decimal:
    if stretch.weights is None:
        return _ONE
    top, bottom = stretch.weights[index]
    return Decimal(top) / bottom


def _equal_tail(stretch: Stretch) -> int:
    """How many of the last periods are alike, so that a power stands for walking through them."""
    if stretch.weights is not None:
        return 0
    alike = stretch.costs[-1]
    if alike.addition:
        return 0
    length = 0
    for cost, drawn, share in zip(
        reversed(stretch.costs), reversed(stretch.drawn), reversed(stretch.shares), strict=True
    ):
        if cost != alike or drawn or share:
            break
        length += 1
    return length


def instalment_targets(
    stretch: Stretch, unrounded: Decimal, *, rounding: Rounding, rows_wanted: int | None = None
) -> list[int]:
    """What each row of the stretch would pay by an instalment: its multiple of the unit, or its unrounded share.

    With mode `none` the rows are differences of the rounded running total, so that they never drift from it.
    """
    count = rows_wanted or len(stretch.costs)
    mode, unit = rounding.mode, rounding.unit_paise
    weights = stretch.weights or [(1, 1)] * count
    numerator, denominator = unrounded.as_integer_ratio()
    if mode is RoundingMode.NONE:
        with localcontext(_PRECISE):
            sizes = (unrounded * top / bottom for top, bottom in weights[:count])
            totals = [round_decimal(total, mode=RoundingMode.HALF_UP) for total in accumulate(sizes)]
        return [total - before for total, before in zip(totals, [0, *totals], strict=False)]
    if mode is RoundingMode.LEVEL:
        mode = RoundingMode.HALF_UP
    if stretch.weights is None:
        return [round_ratio(numerator, denominator, mode=mode, unit=unit)] * count
    return [round_ratio(numerator * top, denominator * bottom, mode=mode, unit=unit) for top, bottom in weights[:count]]


def repay_by_instalments(stretch: Stretch, targets: Sequence[int]) -> list[Repayment]:
    """Pay the stretch down by the given instalments; the last row settles whatever the targets leave.

    Fewer targets than rows walk through these rows alone.
    """
    balance = stretch.balance_paise
    mode, unit = stretch.interest_rounding.mode, stretch.interest_rounding.unit_paise
    last = len(stretch.costs) - 1
    rows: list[Repayment] = []
    for index, ((coefficient, addition, denominator), drawn, share, target) in enumerate(
        zip(stretch.costs, stretch.drawn, stretch.shares, targets, strict=False)
    ):
        interest = share + round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        balance += drawn
        if index == last:
            principal = balance
        else:
            principal = min(target - interest, balance - stretch.balloon_paise - (last - index))
            if principal < 0:
                principal = 0
        balance -= principal
        rows.append(Repayment(principal, interest))
    return rows


def repay_by_principal(stretch: Stretch, principals: Sequence[int]) -> list[Repayment]:
    """Pay the stretch down by the given parts of principal; the last row settles whatever they leave."""
    balance = stretch.balance_paise
    mode, unit = stretch.interest_rounding.mode, stretch.interest_rounding.unit_paise
    last = len(principals) - 1
    rows: list[Repayment] = []
    for index, ((coefficient, addition, denominator), planned) in enumerate(
        zip(stretch.costs, principals, strict=True)
    ):
        interest = round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        balance += stretch.drawn[index]
        principal = balance if index == last else min(planned, balance)
        balance -= principal
        rows.append(Repayment(principal, interest + stretch.shares[index]))
    return rows


def repay_until_done(stretch: Stretch, targets: Sequence[int]) -> list[Repayment]:
    """Pay the stretch down by instalments that may end it early: the row that can settle everything does.

    What is left after the last row's target is settled there too, however large. Never ends before a later disbursal.
    """
    balance = stretch.balance_paise
    mode, unit = stretch.interest_rounding.mode, stretch.interest_rounding.unit_paise
    to_come, fixed = sum(stretch.drawn), sum(stretch.shares)
    rows: list[Repayment] = []
    for index, (coefficient, addition, denominator) in enumerate(stretch.costs):
        interest = round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        share = stretch.shares[index]
        balance += stretch.drawn[index]
        to_come -= stretch.drawn[index]
        owed = balance - stretch.balloon_paise + interest + fixed
        if index == len(targets) - 1 or (not to_come and owed <= targets[index]):
            rows.append(Repayment(balance, interest + fixed))
            return rows
        principal = max(0, min(targets[index] - interest - share, balance - stretch.balloon_paise))
        balance -= principal
        fixed -= share
        rows.append(Repayment(principal, interest + share))
    raise AssertionError("a stretch has at least one period")


def set_instalment(
    stretch: Stretch, *, rounding: Rounding, rows_wanted: int | None = None
) -> tuple[int, Decimal, list[Repayment]]:
    """Solve, round and simulate: the instalment in paise, the same unrounded, and the rows it makes.

    `up` is the smallest multiple of the unit for which the last row is not larger than its instalment, `level` the
    multiple for which it differs least. So is any instalment that repays too much because interest, rounded to a coarse
    unit, came out lower than it was solved with. A unit that is too coarse gives an instalment of nothing. An instalment
    that will be set anew after some rows is looked at no further than that, where no later row decides it.
    """
    unrounded = unrounded_instalment(stretch)
    if rounding.mode in (RoundingMode.UP, RoundingMode.LEVEL):
        rows_wanted = None
    targets = instalment_targets(stretch, unrounded, rounding=rounding, rows_wanted=rows_wanted)
    rows = repay_by_instalments(stretch, targets)
    if len(rows) < len(stretch.costs):
        return targets[0], unrounded, rows
    if len(rows) == 1:
        # One row has no others to be compared with: it is its own instalment.
        return rows[0].principal_paise + rows[0].interest_paise - stretch.balloon_paise, unrounded, rows
    if _trickles_out(targets, rows) and rounding.mode is not RoundingMode.UP:
        rounding = Rounding(
            mode=RoundingMode.LEVEL, unit_paise=1 if rounding.mode is RoundingMode.NONE else rounding.unit_paise
        )
        targets = instalment_targets(stretch, unrounded, rounding=rounding)
        rows = repay_by_instalments(stretch, targets)
    if rounding.mode in (RoundingMode.UP, RoundingMode.LEVEL):
        targets, rows = _fit_last_row(stretch, targets, rows, rounding=rounding)
    return targets[0], unrounded, rows


def _trickles_out(targets: Sequence[int], rows: Sequence[Repayment]) -> bool:
    """Whether the loan is repaid before its time, and only the paisa that each row leaves keeps it going."""
    (before, interest), (last, _) = rows[-2:]
    return before == last == 1 and targets[-2] > before + interest


def _fit_last_row(
    stretch: Stretch, targets: list[int], rows: list[Repayment], *, rounding: Rounding
) -> tuple[list[int], list[Repayment]]:
    """Search, in units from a guess, the smallest instalment whose last row does not exceed it (or the most level).

    A larger instalment never leaves a larger last row, so the excess of the last row falls from one multiple of the
    unit to the next, and the guess is nearly always next to the answer: gallop away from it, then halve.
    """
    guess = targets[0] // rounding.unit_paise
    tried = {guess: (targets, rows)}

    def excess(units: int) -> int:
        if units not in tried:
            sizes = instalment_targets(stretch, Decimal(units * rounding.unit_paise), rounding=rounding)
            tried[units] = sizes, repay_by_instalments(stretch, sizes)
        sizes, paid = tried[units]
        return paid[-1].principal_paise + paid[-1].interest_paise - stretch.balloon_paise - sizes[-1]

    low, high, step = guess - 1, guess, 1
    while excess(high) > 0:
        low, high, step = high, high + step, step * 2
    step = 1
    while low > 0 and excess(low) <= 0:
        high, low, step = low, low - step, step * 2
    low = max(low, 0)
    while high - low > 1:
        middle = (low + high) // 2
        if excess(middle) > 0:
            low = middle
        else:
            high = middle
    if rounding.mode is RoundingMode.LEVEL and low > 0 and excess(low) < -excess(high):
        high = low
    return tried[high]


def spread(total_paise: int, count: int, *, rounding: Rounding, least: int = 0) -> list[int]:
    """Spread a total evenly over `count` parts, each rounded by the rule; the last part takes the remainder.

    No part is negative, and each leaves `least` paise for every part behind it.
    """
    if total_paise == 0:
        return [0] * count
    mode, unit = rounding.mode, rounding.unit_paise
    if mode is RoundingMode.NONE:
        totals = [round_ratio(total_paise * k, count, mode=RoundingMode.HALF_UP) for k in range(count + 1)]
        return [totals[k + 1] - totals[k] for k in range(count)]
    if mode is RoundingMode.LEVEL:
        below = round_ratio(total_paise, count, mode=RoundingMode.DOWN, unit=unit)
        # The last part is total - (count - 1) x part, so its distance from the others is |total - count x part|.
        part = min(below, below + unit, key=lambda candidate: abs(total_paise - count * candidate))
    else:
        part = round_ratio(total_paise, count, mode=mode, unit=unit)
    parts: list[int] = []
    left = total_paise
    for behind in range(count - 1, 0, -1):
        parts.append(max(0, min(part, left - least * behind)))
        left -= parts[-1]
    parts.append(left)
    return parts
