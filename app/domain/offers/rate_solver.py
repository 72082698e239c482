"""Finds the rate at which the present value of the flows is 0, with a guarantee.

The value of flows that change direction once changes its sign exactly once over all rates above -100 %. So a bracket is
widened until it contains the change, and then narrowed. Flows that change direction more often usually have one rate
too: then the outstanding balance at that rate never changes its sign. Only when it does, all rates are searched.

They are searched between bounds that do not depend on the unit of time. Money that comes back at the end gives the
equation a second solution near -100 %, and money paid before the loan gives a huge one. Nobody pays such a rate. So the
bounds are a growth in a year from 0.1 (-90 %) to 1000. Flows over a few days may have rates outside these bounds. Wider
bounds are used only when no rate is found within the first ones.
"""

from decimal import Decimal

from app.domain.errors import Invalid
from app.domain.offers.discounting import Valuation
from app.domain.offers.rate_isolation import TooManyTurns, rates_between
from app.domain.offers.rate_narrowing import NoConvergence, narrow, sign

__all__ = ["NoConvergence", "NoRoot", "SeveralRoots", "TooManyTurns", "solve_growth"]

#: Bounds for flows that change direction once, per unit of time.
_GROWTH_IN_A_UNIT = (Decimal("1e-9"), Decimal(10) ** 9)
#: Bounds for other flows, per year: first rates that a borrower may pay, then wider bounds.
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
    """The growth factor of one unit of time (1.01 is 1 %) at which the present value of the flows is 0.

    Raises NoRoot, SeveralRoots, NoConvergence, TooManyTurns.
    """
    if flows.sign_changes == 1:
        return _first_growth(flows, *_GROWTH_IN_A_UNIT)
    for yearly in _GROWTH_IN_A_YEAR:
        low, high = (growth ** (1 / units_per_year) for growth in yearly)
        found = _all_growths(flows, low, high)
        if len(found) > 1:
            rates = tuple(growth - 1 for growth in found)
            raise SeveralRoots("these flows have more than one rate", field="flows", rates=rates)
        if found:
            return found[0]
    raise NoRoot("these flows have no rate", field="flows")


def _all_growths(flows: Valuation, low: Decimal, high: Decimal) -> list[Decimal]:
    try:
        first = _first_growth(flows, low, high)
    except NoRoot:
        pass
    else:
        if flows.balance_keeps_sign(first):
            return [first]
    return rates_between(low, high, flows)


def _first_growth(flows: Valuation, low: Decimal, high: Decimal) -> Decimal:
    """A rate between two bounds, the one nearest to 0 if possible. Raises NoRoot, NoConvergence.

    The brackets end at the bounds, their square roots, the square roots of those, and so on (`_ROOTS` times), so the
    innermost bracket is close to a rate of 0.
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
    raise NoRoot("these flows have no rate between -100 % and a billion", field="flows")
