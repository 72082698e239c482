"""Flat interest: charged on the whole principal for the whole term, whatever is repaid in between.

The total is fixed first and spread evenly over the rows. A first period of another length bears its own interest, by
its days, and the other rows share the rest, so that nobody pays interest for days before the disbursal.
"""

from collections import Counter
from typing import NamedTuple

from app.domain.money import round_ratio
from app.domain.schedules.amortisation import Repayment, spread
from app.domain.schedules.periods import Timeline, has_odd_first_period


class FlatInterest(NamedTuple):
    """The interest of a flat plan in paise: the total, and the part of the first period.

    `is_first_odd` says that the first period's part differs from the others: because of its days, or because interest
    had accrued in it before the loan was planned again.
    """

    total_paise: int
    first_paise: int
    is_first_odd: bool


def charge_flat_interest(timeline: Timeline, balance_paise: int, first: int) -> FlatInterest:
    """The interest on the whole balance from period `first` to the end, and that of the first period; each rounded."""
    mode, unit = timeline.terms.interest_rounding.mode, timeline.terms.interest_rounding.unit_paise
    costs = timeline.costs(first=first)
    own = round_ratio(
        balance_paise * costs[0].coefficient + costs[0].addition, costs[0].denominator, mode=mode, unit=unit
    )
    whole: dict[int, int] = {}
    if timeline.draws:
        for cost, drawn in zip(costs, timeline.drawn(first=first), strict=True):
            numerator = balance_paise * cost.coefficient + cost.addition
            whole[cost.denominator] = whole.get(cost.denominator, 0) + numerator
            balance_paise += drawn
    else:
        for cost, times in Counter(costs).items():
            numerator = (balance_paise * cost.coefficient + cost.addition) * times
            whole[cost.denominator] = whole.get(cost.denominator, 0) + numerator
    top, bottom = 0, 1
    for denominator, numerator in whole.items():
        top, bottom = top * denominator + numerator * bottom, bottom * denominator
    total = round_ratio(top, bottom, mode=mode, unit=unit)
    return FlatInterest(total, min(total, own), has_odd_first_period(timeline.terms, timeline.periods))


def repay_flat_by_instalment(
    timeline: Timeline, balance_paise: int, *, own: list[int], rest_paise: int, emi_paise: int
) -> list[Repayment]:
    """Repays a flat loan by instalments of the same size as before, in as many rows as principal and interest need.

    There are never more rows than periods. `own` is the first row's own interest, or empty; that row repays the same
    principal as the others. A loan ends with its principal, so a row leaves a paisa of it to each row after it: else
    nobody would ask for their interest.
    """
    left = balance_paise - timeline.terms.balloon_paise
    count = _instalments_needed(
        len(timeline.periods), own=own, left_paise=left, rest_paise=rest_paise, emi_paise=emi_paise
    )
    even = spread(rest_paise, max(1, count - len(own)), rounding=timeline.terms.emi_rounding)
    shares = own + even if count > len(own) else [sum(own) + rest_paise]
    rows: list[Repayment] = []
    for index in range(count - 1):
        principal = max(0, min(emi_paise - shares[max(index, len(own))], left - (count - 1 - index)))
        rows.append(Repayment(principal, shares[index]))
        left -= principal
    return [*rows, Repayment(left + timeline.terms.balloon_paise, shares[-1])]


def _instalments_needed(periods: int, *, own: list[int], left_paise: int, rest_paise: int, emi_paise: int) -> int:
    if not own:
        return max(1, min(periods, -(-(left_paise + rest_paise) // emi_paise)))
    if left_paise + own[0] + rest_paise <= emi_paise:
        return 1
    fits = (
        count for count in range(2, periods) if (count * emi_paise - left_paise) * (count - 1) >= rest_paise * count
    )
    return next(fits, periods)
