"""Amortisation: repays a balance over consecutive periods, as arithmetic without dates.

The instalment of a segment is solved exactly (`segments`) and rounded by its rule. The rows are then computed in whole
paise, period by period, and the interest of each is rounded once. The last row pays the rest.

Two rules keep every plan valid. A row whose instalment does not cover its interest pays the interest and no principal,
so no part is negative. Every row leaves one paisa of principal for each later row, so an instalment that was rounded up
cannot end the loan before its last due date.
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
    """The amount (paise) that each row of the segment should pay, from the unrounded instalment and its rounding rule.

    With mode `none` a row is the difference of the rounded running totals, so that rounding errors do not add up.
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
    """Repays the segment by the given instalments (paise). The last row of the segment pays the rest.

    With fewer targets than rows, only these rows are computed. A row is a plain pair (principal, interest) in paise,
    because most rows are only candidates, and creating a named tuple takes as long as computing the row.
    """
    balance = segment.balance_paise
    mode, unit = segment.interest_rounding.mode, segment.interest_rounding.unit_paise
    # The principal reserved for later rows: the balloon, and one paisa for each. The last row reserves nothing.
    reserved = segment.balloon_paise + len(segment.costs) - 1
    rows: list[tuple[int, int]] = []
    for (coefficient, addition, denominator), drawn, share, target in zip(
        segment.costs, segment.drawn, segment.shares, targets, strict=False
    ):
        interest = share + round_ratio(balance * coefficient + addition, denominator, mode=mode, unit=unit)
        balance += drawn
        principal = target - interest
        if principal > balance - reserved:
            principal = balance - reserved
        if principal < 0:
            principal = 0
        reserved -= 1
        balance -= principal
        rows.append((principal, interest))
    if len(rows) == len(segment.costs):
        principal, interest = rows[-1]
        rows[-1] = principal + balance, interest
    return rows


def repay_by_principal(segment: Segment, principals: Sequence[int]) -> list[Repayment]:
    """Repays the segment by the given parts of principal (paise). The last row repays the rest."""
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
    """Repays the segment by instalments (paise) until nothing is left; it may end before the last period.

    The last row pays the rest, however large it is. The plan never ends before a later disbursal.
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
    raise AssertionError("a segment has at least one period")


def set_instalment(
    segment: Segment, *, rounding: Rounding, rows_wanted: int | None = None
) -> tuple[int, Decimal, list[Repayment]]:
    """The instalment in paise, the unrounded instalment, and the rows that it gives.

    Mode `up` takes the smallest multiple of the unit for which the last row is not larger than the instalment. Mode
    `level` takes the multiple for which the last row differs least. `level` also replaces another mode when the
    rounded instalment would repay the loan too early, which happens when interest is rounded to a coarse unit. A unit
    that is too coarse gives an instalment of 0.

    With `rows_wanted`, only that many rows are needed, because the instalment is set again after them. Later rows are
    computed only when the mode needs them.
    """
    unrounded = unrounded_instalment(segment)
    is_fitted = rounding.mode in (RoundingMode.UP, RoundingMode.LEVEL)
    rows_needed = None if is_fitted else rows_wanted
    targets = instalment_targets(segment, unrounded, rounding=rounding, rows_wanted=rows_needed)
    rows = repay_by_instalments(segment, targets)
    instalment = targets[0]
    if len(rows) == len(segment.costs) == 1:
        # The instalment of a single row is its whole amount.
        instalment = sum(rows[0]) - segment.balloon_paise
    elif len(rows) == len(segment.costs):
        if _is_repaid_early(targets, rows) and rounding.mode is not RoundingMode.UP:
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


def _is_repaid_early(targets: Sequence[int], rows: Sequence[tuple[int, int]]) -> bool:
    """Whether the loan is in fact repaid early: the last rows repay only the one paisa that earlier rows left them."""
    (before, interest), (last, _) = rows[-2:]
    return before == last == 1 and targets[-2] > before + interest


def _fit_last_row(
    segment: Segment, targets: list[int], rows: list[tuple[int, int]], *, rounding: Rounding
) -> tuple[list[int], list[tuple[int, int]]]:
    """The smallest instalment whose last row does not exceed it, or, with `level`, the one whose last row is closest.

    A larger instalment never leaves a larger last row, so the excess of the last row falls from one multiple of the
    unit to the next. The first guess is nearly always next to the answer, so the search moves away from it in doubling
    steps and then bisects.
    """
    guess = targets[0] // rounding.unit_paise
    attempts = {guess: (targets, rows)}

    def excess(units: int) -> int:
        if units not in attempts:
            sizes = instalment_targets(segment, Decimal(units * rounding.unit_paise), rounding=rounding)
            attempts[units] = sizes, repay_by_instalments(segment, sizes)
        sizes, paid = attempts[units]
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
    return attempts[high]


def spread(total_paise: int, count: int, *, rounding: Rounding, least: int = 0) -> list[int]:
    """A total in `count` equal parts (paise), each rounded by the rule. The last part takes the remainder.

    No part is negative, and each leaves `least` paise for every later part.
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
    for later_parts in range(count - 1, 0, -1):
        size = left - least * later_parts
        if size > part:
            size = part
        elif size < 0:
            size = 0
        parts.append(size)
        left -= size
    parts.append(left)
    return parts
