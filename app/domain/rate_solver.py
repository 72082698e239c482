"""Finding the rate at which flows are worth nothing, with a guarantee.

The value of flows that change direction once changes sign exactly once over all rates above -100 %, so a bracket is
widened until it holds the change and then narrowed. Flows that change direction more often are scanned over a wide
grid of rates first: every change of sign found is a rate, and more than one is no answer.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

from app.domain.errors import Invalid

_LOWEST = Decimal("-0.999999999")
_HIGHEST = Decimal(10) ** 9
_TOLERANCE = Decimal("1e-18")
_MOST_STEPS = 400


class NoRoot(Invalid):
    """No rate makes the flows worth nothing."""

    code = "no_rate"


class SeveralRoots(Invalid):
    """More than one rate makes the flows worth nothing: `details["rates"]` holds those of one period, as fractions."""

    code = "several_rates"


class NoConvergence(Invalid):
    """The rate could not be narrowed to the wanted precision."""

    code = "no_convergence"


def solve_rate(value: Callable[[Decimal], Decimal], *, sign_changes: int, scale: Decimal | int) -> Decimal:
    """The rate of one unit of time (a fraction: 0.01 is 1 %) where `value` is zero.

    `sign_changes` is how often the flows change direction, at least once; `scale` the sum of their sizes, against
    which a value counts as zero. Raises NoRoot, SeveralRoots, NoConvergence.
    """
    # A value this small against the flows is rounding of the last digits, not a side of the root.
    nothing = Decimal(scale) * Decimal("1e-30")
    if sign_changes == 1:
        low, high = _bracket(value, nothing)
        return _narrow(value, low, high, nothing)
    brackets = _scan(value, nothing)
    if not brackets:
        raise NoRoot("no rate makes these flows worth nothing", field="flows")
    roots = [_narrow(value, low, high, nothing) for low, high in brackets]
    if len(roots) > 1:
        raise SeveralRoots("more than one rate makes these flows worth nothing", field="flows", rates=tuple(roots))
    return roots[0]


def _sign(amount: Decimal, nothing: Decimal) -> int:
    return (amount > nothing) - (amount < -nothing)


def _bracket(value: Callable[[Decimal], Decimal], nothing: Decimal) -> tuple[Decimal, Decimal]:
    """Two rates with the root between them: upwards from zero by doubling, downwards by halving what is left."""
    origin = Decimal(0)
    side = _sign(value(origin), nothing)
    if side == 0:
        return origin, origin
    low, high, step = origin, origin, Decimal("0.01")
    while low > _LOWEST or high < _HIGHEST:
        previous_low, previous_high = low, high
        if high < _HIGHEST:
            high = min(high + step, _HIGHEST)
            step *= 4
            if _sign(value(high), nothing) != side:
                return previous_high, high
        if low > _LOWEST:
            low = max((low - 1) / 2, _LOWEST)
            if _sign(value(low), nothing) != side:
                return low, previous_low
    raise NoRoot("no rate between -100 % and a billion makes these flows worth nothing", field="flows")


def _scan(value: Callable[[Decimal], Decimal], nothing: Decimal) -> list[tuple[Decimal, Decimal]]:
    """Every change of sign over growth factors from a thousandth to a thousand, two percent apart."""
    ratio = Decimal("1.02")
    growth = [ratio**power for power in range(-349, 350)]
    signs = [(factor - 1, _sign(value(factor - 1), nothing)) for factor in growth]
    brackets = [(rate, rate) for rate, sign in signs if sign == 0]
    brackets += [(low, high) for (low, before), (high, after) in pairwise(signs) if before * after < 0]
    return sorted(brackets)


def _narrow(value: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, nothing: Decimal) -> Decimal:
    """Close a bracket on its root: false position with halved weights, and a bisection every third step."""
    if low == high:
        return low
    at_low, at_high = value(low), value(high)
    for step in range(_MOST_STEPS):
        if not _sign(at_low, nothing):
            return low
        if not _sign(at_high, nothing):
            return high
        if high - low <= _TOLERANCE * (1 + abs(low)):
            return (low + high) / 2
        middle = (low + high) / 2 if step % 3 == 2 else high - at_high * (high - low) / (at_high - at_low)
        at_middle = value(middle)
        if (at_middle > 0) == (at_high > 0):
            high, at_high, at_low = middle, at_middle, at_low / 2
        else:
            low, at_low, at_high = middle, at_middle, at_high / 2
    raise NoConvergence("the rate could not be narrowed", field="flows", low=low, high=high)
