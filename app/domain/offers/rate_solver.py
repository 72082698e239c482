"""Finding the rate at which flows are worth nothing, with a guarantee.

Flows that change direction once change the sign of their worth exactly once over all rates above -100 %, so a bracket
is widened until it holds the change and then narrowed. Flows that change direction more often may still have one rate,
and mostly do: what is owed at that rate then never changes its side. Only where it does, all rates are counted.

They are counted between bounds that are the same whatever the unit of time. Money that comes back at the end gives the
equation a second solution near -100 %, money paid before the loan one that is huge, and neither is a rate that anybody
pays: over a year, money grows to a tenth (-90 %) at the least and to a thousand times itself at the most. Flows of a
few days may lie beyond; they are looked for further out, but only where nothing is found within.
"""

from decimal import Decimal

from app.domain.errors import Invalid
from app.domain.offers.discounting import Valuation
from app.domain.offers.rate_isolation import TooManyTurns, rates_between
from app.domain.offers.rate_narrowing import NoConvergence, narrow, sign

__all__ = ["NoConvergence", "NoRoot", "SeveralRoots", "TooManyTurns", "solve_growth"]

#: The one rate of flows that change direction once may be anything that can be written down.
_GROWTH_IN_A_UNIT = (Decimal("1e-9"), Decimal(10) ** 9)
#: How money may grow in a year: rates that somebody pays first, then all up to the solutions without meaning.
_GROWTH_IN_A_YEAR = ((Decimal("0.1"), Decimal(1000)), (Decimal("1e-9"), Decimal(10) ** 9))
_ROOTS = 7


class NoRoot(Invalid):
    """No rate makes the flows worth nothing. Check the amounts and the dates."""

    code = "no_rate"


class SeveralRoots(Invalid):
    """More than one rate makes the flows worth nothing. Choose among `figures.annual_rates`, or send flows that change
    direction once."""

    code = "several_rates"


def solve_growth(flows: Valuation, *, units_per_year: Decimal) -> Decimal:
    """What money grows to in one unit of time at the rate at which flows are worth nothing (1.01 is 1 %).

    Raises NoRoot, SeveralRoots, NoConvergence, TooManyTurns.
    """
    if flows.turns == 1:
        return _first(flows, *_GROWTH_IN_A_UNIT)
    for yearly in _GROWTH_IN_A_YEAR:
        low, high = (growth ** (1 / units_per_year) for growth in yearly)
        found = _all(flows, low, high)
        if len(found) > 1:
            rates = tuple(growth - 1 for growth in found)
            raise SeveralRoots("more than one rate makes these flows worth zero", field="flows", rates=rates)
        if found:
            return found[0]
    raise NoRoot("no rate makes these flows worth zero", field="flows")


def _all(flows: Valuation, low: Decimal, high: Decimal) -> list[Decimal]:
    try:
        first = _first(flows, low, high)
    except NoRoot:
        pass
    else:
        if flows.never_turns(first):
            return [first]
    return rates_between(low, high, flows)


def _first(flows: Valuation, low: Decimal, high: Decimal) -> Decimal:
    """A rate between two bounds, near to zero where there is one. Raises NoRoot, NoConvergence.

    Seen are the bounds, their roots, the roots of those, and so on: seven times, which is close to zero.
    """
    side = sign(flows.balance(Decimal(1)))
    if side == 0:
        return Decimal(1)
    nearer = [(low, high)]
    for _ in range(_ROOTS):
        nearer.append((nearer[-1][0].sqrt(), nearer[-1][1].sqrt()))
    inner_low, inner_high = Decimal(1), Decimal(1)
    for outer_low, outer_high in reversed(nearer):
        if sign(flows.balance(outer_high)) != side:
            return narrow(flows, inner_high, outer_high)
        if sign(flows.balance(outer_low)) != side:
            return narrow(flows, outer_low, inner_low)
        inner_low, inner_high = outer_low, outer_high
    raise NoRoot("no rate between -100 % and a billion makes these flows worth zero", field="flows")
