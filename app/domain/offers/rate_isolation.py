"""Every rate of flows within bounds, found for certain and not by chance.

A grid sees a rate only where the sign differs between two of its points: two rates inside one step, or one that only
touches nothing, pass unseen. Here a span of rates is left only when it is known what it holds. The logarithm of a
side of the flows falls ever more slowly (it is convex), so the slopes at both ends of a span bound every slope within:

- where the bounds keep the logarithm of received / paid away from nothing, there is no rate;
- where they let it move in one direction only, there is one rate if the ends differ in sign, and none if not;
- else a wide span is cut in two, and a narrow one at the rates of flows that change direction once less
  (`Valuation.turned`): between two of those there is one rate or none, and one of those where these flows are worth
  nothing is a rate that several coincide in. It counts as one.
"""

from decimal import Decimal
from itertools import pairwise

from app.domain.errors import Invalid
from app.domain.offers.discounting import Valuation, Valued
from app.domain.offers.rate_narrowing import narrow

#: Rates that coincide leave a balance of no more than this, which no two flows of whole paise can miss by chance.
_COINCIDE = Decimal("1e-42")
#: A span is narrow where, over the whole time of the flows, money grows by no more than this from one end to the other.
_NARROW = Decimal("0.25")
#: What all looks may cost, in flows looked at: about a tenth of a second, where an answer comes after a few thousand.
_MOST_COST = 60_000
_LOOKS_TO_NARROW = 8
#: Rates closer than this are not told apart.
_SAME = Decimal("1e-15")


class TooManyTurns(Invalid):
    """The flows change direction too often, or too evenly, to say how many rates they have. Send flows that change
    direction less often."""

    code = "too_many_turns"


class _Valuations:
    """Looks at flows, as many as may be afforded. Raises TooManyTurns beyond."""

    def __init__(self, flows: Valuation) -> None:
        self._left = _MOST_COST // flows.valuation_cost

    def at(self, growth: Decimal, flows: Valuation) -> Valued:
        self._spend(1)
        return flows.value_at(growth)

    def between(self, start: Valued, end: Valued, flows: Valuation) -> Decimal:
        """The rate between two looks from different sides."""
        self._spend(_LOOKS_TO_NARROW)
        return narrow(flows, start.growth, end.growth)

    def _spend(self, valuations: int) -> None:
        self._left -= valuations
        if self._left < 0:
            raise TooManyTurns("the flows change direction too often to say how many rates they have", field="flows")


def rates_between(low: Decimal, high: Decimal, flows: Valuation) -> list[Decimal]:
    """The growth at every rate of the flows from `low` to `high`, in order. Raises TooManyTurns, NoConvergence."""
    if flows.whole_cost <= _MOST_COST:
        flows = flows.whole()
    if not flows.turns:
        return []
    valuations = _Valuations(flows)
    found = _rates(valuations, flows, valuations.at(low, flows), valuations.at(high, flows))
    # A rate that several coincide in and that bounds two spans is found in both.
    return [growth for growth, last in zip(found, [Decimal(0), *found], strict=False) if growth - last > _SAME * growth]


def _rates(valuations: _Valuations, flows: Valuation, start: Valued, end: Valued) -> list[Decimal]:
    count = _most_rates(flows, start, end)
    if count == 0:
        return []
    if count == 1:
        return [valuations.between(start, end, flows)] if _side(start) != _side(end) else []
    width = end.growth - start.growth
    if not flows.can_turn and width <= _SAME * start.growth:
        raise TooManyTurns("rates lie too close together to say how many there are", field="flows")
    if not flows.can_turn or flows.spread * width > _NARROW * start.growth:
        middle = valuations.at((start.growth * end.growth).sqrt(), flows)
        return _rates(valuations, flows, start, middle) + _rates(valuations, flows, middle, end)
    return _between_turns(valuations, flows, start, end)


def _between_turns(valuations: _Valuations, flows: Valuation, start: Valued, end: Valued) -> list[Decimal]:
    """The rates in a span cut where the flows, seen from their first turn, stand still."""
    turned = flows.turned()
    cuts = _rates(valuations, turned, valuations.at(start.growth, turned), valuations.at(end.growth, turned))
    points = [
        (start, _side(start)),
        *((value_at, _side_of_cut(value_at)) for value_at in (valuations.at(cut, flows) for cut in cuts)),
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
    """The end of a span that is a rate itself counts for one of the two spans that share it."""
    return -1 if value_at.balance < 0 else 1


def _side_of_cut(value_at: Valued) -> int:
    return 0 if abs(value_at.balance) <= _COINCIDE else _side(value_at)


def _most_rates(flows: Valuation, start: Valued, end: Valued) -> int:
    """How many rates may lie between two looks at most: none, one, or (as 2) more."""
    if flows.turns == 1:
        return 1
    width = end.growth - start.growth
    least, most = end.paid_slope - start.received_slope, start.paid_slope - end.received_slope
    if least >= 0 or most <= 0:
        return 1
    if _side(start) != _side(end):
        return 2
    # From both ends towards nothing as fast as it may: so near it comes, at most.
    at_start, at_end = abs((start.received / start.paid).ln()), abs((end.received / end.paid).ln())
    if _side(start) < 0:
        least, most = -most, -least
    return 0 if at_start * most - at_end * least + least * most * width > 0 else 2
