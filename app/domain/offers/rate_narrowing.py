"""Narrows a bracket to the one rate in it."""

from decimal import Decimal

from app.domain.errors import Invalid
from app.domain.offers.discounting import Valuation

_TOLERANCE = Decimal("1e-24")
#: A smaller balance is only rounding of the last digits and counts as 0.
_ZERO_BALANCE = Decimal("1e-46")
_MOST_STEPS = 400


class NoConvergence(Invalid):
    """The rate could not be computed to the wanted precision. Check the amounts and the dates."""

    code = "no_convergence"


def sign(balance: Decimal) -> int:
    """The sign of a balance: -1, 0 or 1."""
    return (balance > _ZERO_BALANCE) - (balance < -_ZERO_BALANCE)


def narrow(flows: Valuation, low: Decimal, high: Decimal) -> Decimal:
    """The growth factor of the rate between `low` and `high`, where the balance has different signs.

    It uses Newton's steps, and bisects when a step leaves the bracket or does not come closer. Raises NoConvergence.
    """
    if low == high:
        return low
    falls = flows.balance(low) >= 0
    growth, last = (low * high).sqrt(), Decimal(1)
    for _ in range(_MOST_STEPS):
        value_at = flows.value_at(growth)
        balance = value_at.balance
        if not sign(balance):
            return growth
        low, high = (growth, high) if (balance > 0) == falls else (low, growth)
        if high - low <= _TOLERANCE * low:
            return (low + high) / 2
        # Near the root the balance is half the logarithm of received / paid, which is almost linear.
        step = -2 * balance / value_at.rise if value_at.rise else high - low
        if abs(step) <= _TOLERANCE * growth:
            return growth + step
        closing = low < growth + step < high and 2 * abs(balance) < last
        growth, last = (growth + step if closing else (low * high).sqrt()), abs(balance)
    raise NoConvergence("the rate could not be narrowed", field="flows", low=low, high=high)
