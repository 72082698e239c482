"""Every rate of flows within bounds, found for certain and not by chance.

A grid sees a rate only where the sign differs between two of its points: two rates inside one step, or one that only
touches nothing, pass unseen. Here a span of rates is left only when it is known what it holds. The logarithm of a
side of the flows falls ever more slowly (it is convex), so the slopes at both ends of a span bound every slope within:

- where the bounds keep the logarithm of received / paid away from nothing, there is no rate;
- where they let it move in one direction only, there is one rate if it differs in sign at the ends, and none if not;
- where all of it is nothing to fifteen digits, the rates in it are one: a double root;
- otherwise the span is cut in two.
"""

from decimal import Decimal
from typing import NamedTuple

from app.domain.discounting import Look, Valuation
from app.domain.errors import Invalid

_NOTHING = Decimal("1e-15")
#: One look costs this many flows and its own; the most that all looks may cost is a fifth of a second.
_LOOK_COST = 60
_MOST_COST = 240_000


class TooManyTurns(Invalid):
    """The flows change direction too often, and too evenly, to say how many rates they have."""

    code = "too_many_turns"


class Span(NamedTuple):
    """Two rates with a rate of the flows between them; `touches` where the flows may be worth nothing all the way."""

    low: Decimal
    high: Decimal
    touches: bool


def isolate_rates(flows: Valuation, *, low: Decimal, high: Decimal) -> list[Span]:
    """A span for each rate of the flows from `low` to `high`, in order. Raises TooManyTurns."""
    looks_left = _MOST_COST // (len(flows) + _LOOK_COST)
    spans: list[Span] = []
    todo = [(flows.look(low), flows.look(high))]
    while todo:
        start, end = todo.pop()
        found = _judge(start, end)
        if found is not None:
            spans += found
            continue
        looks_left -= 1
        if looks_left < 0:
            raise TooManyTurns("the flows change direction too often to say how many rates they have", field="flows")
        # The middle of the growths and not of the rates: the bounds lie far apart.
        middle = flows.look(((1 + start.rate) * (1 + end.rate)).sqrt() - 1)
        todo += [(middle, end), (start, middle)]
    return _joined(spans)


def _judge(start: Look, end: Look) -> list[Span] | None:
    """What lies between two looks; None where that cannot be said yet."""
    width = end.rate - start.rate
    least, most = end.paid_slope - start.received_slope, start.paid_slope - end.received_slope
    turns = (start.balance < 0) != (end.balance < 0)
    if least >= 0 or most <= 0:
        return [Span(start.rate, end.rate, False)] if turns else []
    at_start, at_end = (start.received / start.paid).ln(), (end.received / end.paid).ln()
    if not turns:
        # Seen from the side above nothing: from both ends it sinks as fast as it may, and meets here at the lowest.
        if at_start < 0:
            at_start, at_end, least, most = -at_start, -at_end, -most, -least
        lowest = (at_start * most - at_end * least + least * most * width) / (most - least)
        if lowest > 0:
            return []
    if max(abs(at_start), abs(at_end)) + max(-least, most) * width <= _NOTHING:
        return [Span(start.rate, end.rate, True)]
    return None


def _joined(spans: list[Span]) -> list[Span]:
    """Spans of nothing that lie side by side, as one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and last.touches and span.touches and last.high == span.low:
            joined[-1] = Span(last.low, span.high, True)
        else:
            joined.append(span)
    return joined
