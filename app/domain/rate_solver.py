"""Finding the rate at which flows are worth nothing, with a guarantee.

Flows that change direction once change the sign of their worth exactly once over all rates above -100 %, so a bracket
is widened until it holds the change and then narrowed. Flows that change direction more often may still have one rate,
and mostly do: what is owed at that rate then never changes its side. Only where it does, all rates are counted.

They are counted between bounds that are the same whatever the unit of time. Money that comes back at the end gives the
equation a second solution near -100 %, money paid before the loan one that is huge, and neither is a rate that anybody
pays: over a year, money grows to a tenth (-90 %) at the least and to a thousand times itself at the most. Flows of a
few days may lie beyond; they are looked for further out, but only where nothing is found within.
"""

from collections.abc import Callable
from decimal import Decimal

from app.domain.discounting import Valuation
from app.domain.errors import Invalid
from app.domain.rate_isolation import TooManyTurns, rates_between
from app.domain.rate_narrowing import NoConvergence, narrow, sign

__all__ = ["NoConvergence", "NoRoot", "SeveralRoots", "TooManyTurns", "solve_rate"]

_LOWEST = Decimal("-0.999999999")
_HIGHEST = Decimal(10) ** 9
#: How money may grow in a year: likely rates first, then all that can be told from the two solutions without meaning.
_GROWTH_A_YEAR = ((Decimal("0.1"), Decimal(1000)), (Decimal("1e-9"), Decimal("1e9")))
#: What is owed may miss nothing by this share of the flows, because the rate itself has only so many digits.
_OWED_NOTHING = Decimal("1e-14")


class NoRoot(Invalid):
    """No rate makes the flows worth nothing."""

    code = "no_rate"


class SeveralRoots(Invalid):
    """More than one rate makes the flows worth nothing: `details["rates"]` holds those of one period, as fractions."""

    code = "several_rates"


def solve_rate(flows: Valuation, *, sign_changes: int, units_per_year: Decimal) -> Decimal:
    """The rate of one unit of time (a fraction: 0.01 is 1 %) at which flows are worth nothing.

    `sign_changes` is how often the flows change direction, at least once. Raises NoRoot, SeveralRoots, NoConvergence,
    TooManyTurns.
    """
    if sign_changes == 1:
        return _first_rate(flows, low=_LOWEST, high=_HIGHEST)
    for growths in _GROWTH_A_YEAR:
        low, high = (growth ** (1 / units_per_year) - 1 for growth in growths)
        roots = _all_rates(flows, low=low, high=high)
        if len(roots) > 1:
            raise SeveralRoots("more than one rate makes these flows worth nothing", field="flows", rates=tuple(roots))
        if roots:
            return roots[0]
    raise NoRoot("no rate makes these flows worth nothing", field="flows")


def _all_rates(flows: Valuation, *, low: Decimal, high: Decimal) -> list[Decimal]:
    try:
        first = _first_rate(flows, low=low, high=high)
    except NoRoot:
        pass
    else:
        if flows.never_turns(first, nothing=_OWED_NOTHING):
            return [first]
    return rates_between(low, high, flows)


def _first_rate(flows: Valuation, *, low: Decimal, high: Decimal) -> Decimal:
    """The rate in the bracket that is met first on the way from zero. Raises NoRoot, NoConvergence."""
    return narrow(flows, *_bracket(flows.balance, lowest=low, highest=high))


def _bracket(balance: Callable[[Decimal], Decimal], *, lowest: Decimal, highest: Decimal) -> tuple[Decimal, Decimal]:
    """Two rates with a root between them: upwards from zero by doubling, downwards by halving what is left."""
    origin = Decimal(0)
    side = sign(balance(origin))
    if side == 0:
        return origin, origin
    low, high, step = origin, origin, Decimal("0.01")
    while low > lowest or high < highest:
        previous_low, previous_high = low, high
        if high < highest:
            high = min(high + step, highest)
            step *= 4
            if sign(balance(high)) != side:
                return previous_high, high
        if low > lowest:
            low = max((low - 1) / 2, lowest)
            if sign(balance(low)) != side:
                return low, previous_low
    raise NoRoot("no rate between -100 % and a billion makes these flows worth nothing", field="flows")
