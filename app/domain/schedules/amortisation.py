"""Amortisation: how a balance is repaid over a row of periods, as arithmetic without dates.

The instalment of a stretch is solved exactly (`segments`) and rounded by its rule. What is then paid is simulated in
whole paise, period by period, with one rounding of the interest each; the last row settles what is left.

Two rules keep simulated plans whole. A row whose instalment would not cover its interest pays the interest and repays
nothing, so no part is ever negative. And every row leaves a paisa for each row behind it, so that an instalment that
was rounded upwards cannot end the loan before its last due date.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from itertools import accumulate
from typing import NamedTuple

from app.domain.money import Rounding, RoundingMode, round_decimal, round_ratio
from app.domain.schedules.segments import PRECISE, Segment, unrounded_instalment


class Repayment(NamedTuple):
    """Principal and interest paid at the end of a period, in paise."""

    principal_paise: int
    interest_paise: int


def instalment_targets(
    segment: Segment, unrounded: Decimal, *, rounding: Rounding, rows_wanted: int | None = None
) -> list[int]:
    """What each row of the stretch would pay by an instalment: its multiple of the unit, or its unrounded share.

    With mode `none` the rows are differences of the rounded running total, so that they never drift from it.
    """
    count = rows_wanted or len(segment.costs)
    mode, unit = rounding.mode, rounding.unit_paise
    weights = segment.weights or [(1, 1)] * count
    numerator, denominator = unrounded.as_integer_ratio()
    if mode is RoundingMode.NONE:
        with localcontext(PRECISE):
            sizes = (unrounded * top / bottom for top, bottom in weights[:count])
            totals = [round_decimal(total, mode=RoundingMode.HALF_UP) for total in accumulate(sizes)]
        return [total - before for total, before in zip(totals, [0, *totals], strict=False)]
    if mode is RoundingMode.LEVEL:
        mode = RoundingMode.HALF_UP
    if segment.weights is None:
        return [round_ratio(numerator, denominator, mode=mode, unit=unit)] * count
    return [round_ratio(numerator * top, denominator * bottom, mode=mode, unit=unit) for top, bottom in weights[:count]]


def repay_by_instalments(segment: Segment, targets: Sequence[int]) -> list[tuple[int, int]]:
    """Pay the stretch down by the given instalments; the last row settles whatever the targets leave.

    Fewer targets than rows walk through these rows alone. Each row is (principal, interest) in paise, as a bare pair:
    most rows are only tried, and a named one takes as long to make as to compute.
    """
    balance = segment.balance_paise
    mode, unit = segment.interest_rounding.mode, segment.interest_rounding.unit_paise
    # What is kept for the rows behind: the balloon, and a paisa each. The last one keeps nothing.
    kept = segment.balloon_paise + len(segment.costs) - 1
    rows: list[tuple[int, int]] = []
    for (coefficient, addition, denominator), drawn, share, target in zip(
        segment.costs, segment.drawn, segment.shares, targets, strict=False
    ):
        interest = share + round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        balance += drawn
        principal = target - interest
        if principal > balance - kept:
            principal = balance - kept
        if principal < 0:
            principal = 0
        kept -= 1
        balance -= principal
        rows.append((principal, interest))
    if len(rows) == len(segment.costs):
        principal, interest = rows[-1]
        rows[-1] = principal + balance, interest
    return rows


def repay_by_principal(segment: Segment, principals: Sequence[int]) -> list[Repayment]:
    """Pay the stretch down by the given parts of principal; the last row settles whatever they leave."""
    balance = segment.balance_paise
    mode, unit = segment.interest_rounding.mode, segment.interest_rounding.unit_paise
    last = len(principals) - 1
    rows: list[Repayment] = []
    for index, ((coefficient, addition, denominator), planned) in enumerate(
        zip(segment.costs, principals, strict=True)
    ):
        interest = round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        balance += segment.drawn[index]
        principal = balance if index == last else min(planned, balance)
        balance -= principal
        rows.append(Repayment(principal, interest + segment.shares[index]))
    return rows


def repay_until_done(segment: Segment, targets: Sequence[int]) -> list[Repayment]:
    """Pay the stretch down by instalments that may end it early: the row that can settle everything does.

    What is left after the last row's target is settled there too, however large. Never ends before a later disbursal.
    """
    balance = segment.balance_paise
    mode, unit = segment.interest_rounding.mode, segment.interest_rounding.unit_paise
    to_come, fixed = sum(segment.drawn), sum(segment.shares)
    rows: list[Repayment] = []
    for index, (coefficient, addition, denominator) in enumerate(segment.costs):
        interest = round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        share = segment.shares[index]
        balance += segment.drawn[index]
        to_come -= segment.drawn[index]
        owed = balance - segment.balloon_paise + interest + fixed
        if index == len(targets) - 1 or (not to_come and owed <= targets[index]):
            rows.append(Repayment(balance, interest + fixed))
            return rows
        principal = max(0, min(targets[index] - interest - share, balance - segment.balloon_paise))
        balance -= principal
        fixed -= share
        rows.append(Repayment(principal, interest + share))
    raise AssertionError("a stretch has at least one period")


def set_instalment(
    segment: Segment, *, rounding: Rounding, rows_wanted: int | None = None
) -> tuple[int, Decimal, list[Repayment]]:
    """Solve, round and simulate: the instalment in paise, the same unrounded, and the rows it makes.

    `up` is the smallest multiple of the unit for which the last row is not larger than its instalment, `level` the
    multiple for which it differs least. So is any instalment that repays too much because interest, rounded to a coarse
    unit, came out lower than it was solved with. A unit that is too coarse gives an instalment of nothing.

    An instalment that will be set anew after `rows_wanted` rows is followed no further, where no later row decides it.
    """
    unrounded = unrounded_instalment(segment)
    is_fitted = rounding.mode in (RoundingMode.UP, RoundingMode.LEVEL)
    tried = None if is_fitted else rows_wanted
    targets = instalment_targets(segment, unrounded, rounding=rounding, rows_wanted=tried)
    rows = repay_by_instalments(segment, targets)
    instalment = targets[0]
    if len(rows) == len(segment.costs) == 1:
        # One row has no others to be compared with: it is its own instalment.
        instalment = sum(rows[0]) - segment.balloon_paise
    elif len(rows) == len(segment.costs):
        if _trickles_out(targets, rows) and rounding.mode is not RoundingMode.UP:
            rounding = Rounding(
                mode=RoundingMode.LEVEL, unit_paise=1 if rounding.mode is RoundingMode.NONE else rounding.unit_paise
            )
            is_fitted = True
            targets = instalment_targets(segment, unrounded, rounding=rounding)
            rows = repay_by_instalments(segment, targets)
        if is_fitted:
            targets, rows = _fit_last_row(segment, targets, rows, rounding=rounding)
        instalment = targets[0]
    return instalment, unrounded, list(map(Repayment._make, rows[:rows_wanted]))


def _trickles_out(targets: Sequence[int], rows: Sequence[tuple[int, int]]) -> bool:
    """Whether the loan is repaid before its time, and only the paisa that each row leaves keeps it going."""
    (before, interest), (last, _) = rows[-2:]
    return before == last == 1 and targets[-2] > before + interest


def _fit_last_row(
    segment: Segment, targets: list[int], rows: list[tuple[int, int]], *, rounding: Rounding
) -> tuple[list[int], list[tuple[int, int]]]:
    """Search, in units from a guess, the smallest instalment whose last row does not exceed it (or the most level).

    A larger instalment never leaves a larger last row, so the excess of the last row falls from one multiple of the
    unit to the next, and the guess is nearly always next to the answer: gallop away from it, then halve.
    """
    guess = targets[0] // rounding.unit_paise
    tried = {guess: (targets, rows)}

    def excess(units: int) -> int:
        if units not in tried:
            sizes = instalment_targets(segment, Decimal(units * rounding.unit_paise), rounding=rounding)
            tried[units] = sizes, repay_by_instalments(segment, sizes)
        sizes, paid = tried[units]
        return sum(paid[-1]) - segment.balloon_paise - sizes[-1]

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
        size = left - least * behind
        if size > part:
            size = part
        elif size < 0:
            size = 0
        parts.append(size)
        left -= size
    parts.append(left)
    return parts
