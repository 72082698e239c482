"""Finds every rate (root) of the flows within bounds, with certainty.

A search on a grid misses two roots within one step, and a root where the value only touches zero. This search leaves an
interval only when the number of its roots is known. The logarithm of each side of the flows is convex, so the slopes at
both ends of an interval bound every slope inside:

- if the bounds keep the logarithm of received / paid away from 0, the interval has no root;
- if they let it move in one direction only, it has one root when the signs at the ends differ, and otherwise none;
- otherwise a wide interval is halved, and a narrow one is split at the roots of the flows with one change of direction
  less (`Valuation.derivative`). Between two of these points there is at most one root. A point at which the value is 0
  is a multiple root, which counts as one.
"""

from decimal import Decimal
from itertools import pairwise

from app.domain.errors import Invalid
from app.domain.offers.discounting import Valuation, Valued
from app.domain.offers.rate_narrowing import narrow

#: At a multiple root the balance is at most this. Flows of whole paise do not come so close to 0 by chance.
_COINCIDE = Decimal("1e-42")
#: An interval is narrow when its relative width, times the duration of the flows in units, is at most this.
_NARROW = Decimal("0.25")
#: The bound on the cost of all valuations, in flows: about a tenth of a second. Most answers need a few thousand.
_MOST_COST = 60_000
_LOOKS_TO_NARROW = 8
#: Roots closer than this are taken as one.
_SAME = Decimal("1e-15")


class TooManyTurns(Invalid):
    """The flows change direction too often, or too evenly, to say how many rates they have. Send flows that change
    direction less often."""

    code = "too_many_turns"


class _Valuations:
    """Counts the valuations against the bound. Its methods raise TooManyTurns beyond it."""

    def __init__(self, flows: Valuation) -> None:
        self._left = _MOST_COST // flows.valuation_cost

    def at(self, growth: Decimal, flows: Valuation) -> Valued:
        self._spend(1)
        return flows.value_at(growth)

    def between(self, start: Valued, end: Valued, flows: Valuation) -> Decimal:
        """The root between two valuations with different signs."""
        self._spend(_LOOKS_TO_NARROW)
        return narrow(flows, start.growth, end.growth)

    def _spend(self, valuations: int) -> None:
        self._left -= valuations
        if self._left < 0:
            raise TooManyTurns("the flows change direction too often to say how many rates they have", field="flows")


def rates_between(low: Decimal, high: Decimal, flows: Valuation) -> list[Decimal]:
    """The growth factor of every rate from `low` to `high`, in order. Raises TooManyTurns, NoConvergence."""
    if flows.at_whole_steps_cost <= _MOST_COST:
        flows = flows.at_whole_steps()
    if not flows.sign_changes:
        return []
    valuations = _Valuations(flows)
    found = _rates(valuations, flows, valuations.at(low, flows), valuations.at(high, flows))
    # A multiple root that is the common end of two intervals is found in both.
    return [growth for growth, last in zip(found, [Decimal(0), *found], strict=False) if growth - last > _SAME * growth]


def _rates(valuations: _Valuations, flows: Valuation, start: Valued, end: Valued) -> list[Decimal]:
    count = _most_rates(flows, start, end)
    if count == 0:
        return []
    if count == 1:
        return [valuations.between(start, end, flows)] if _side(start) != _side(end) else []
    width = end.growth - start.growth
    if not flows.has_whole_steps and width <= _SAME * start.growth:
        raise TooManyTurns("the rates are too close together to be counted", field="flows")
    if not flows.has_whole_steps or flows.spread * width > _NARROW * start.growth:
        middle = valuations.at((start.growth * end.growth).sqrt(), flows)
        return _rates(valuations, flows, start, middle) + _rates(valuations, flows, middle, end)
    return _between_extrema(valuations, flows, start, end)


def _between_extrema(valuations: _Valuations, flows: Valuation, start: Valued, end: Valued) -> list[Decimal]:
    """The roots in an interval that is split at the extrema of the value (`Valuation.derivative`)."""
    derivative = flows.derivative()
    cuts = _rates(
        valuations, derivative, valuations.at(start.growth, derivative), valuations.at(end.growth, derivative)
    )
    points = [
        (start, _side(start)),
        *((value_at, _side_of_extremum(value_at)) for value_at in (valuations.at(cut, flows) for cut in cuts)),
    ]
    points.append((end, _side(end)))
    found: list[Decimal] = []
    for (before, side), (after, other_side) in pairwise(points):
        if side * other_side < 0:
            found.append(valuations.between(before, after, flows))
        if other_side == 0:
            found.append(after.growth)
    return found


def _side(value_at: Valued) -> int:
    """The sign of the balance; 0 counts as positive, so that a root at a common end belongs to one interval only."""
    return -1 if value_at.balance < 0 else 1


def _side_of_extremum(value_at: Valued) -> int:
    return 0 if abs(value_at.balance) <= _COINCIDE else _side(value_at)


def _most_rates(flows: Valuation, start: Valued, end: Valued) -> int:
    """The largest possible number of roots between two valuations: 0, 1, or 2 for more than one."""
    if flows.sign_changes == 1:
        return 1
    width = end.growth - start.growth
    least, most = end.paid_slope - start.received_slope, start.paid_slope - end.received_slope
    if least >= 0 or most <= 0:
        return 1
    if _side(start) != _side(end):
        return 2
    # The closest that the logarithm can come to 0: it moves from both ends towards 0 as fast as the bounds allow.
    at_start, at_end = abs((start.received / start.paid).ln()), abs((end.received / end.paid).ln())
    if _side(start) < 0:
        least, most = -most, -least
    return 0 if at_start * most - at_end * least + least * most * width > 0 else 2
