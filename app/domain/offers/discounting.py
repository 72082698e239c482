"""The present value of dated flows at a rate, and its slope.

The money received and the money paid are discounted separately. The sign of their balance tells on which side of a
root a rate lies, whatever the size of the flows. The logarithm of each side is a convex, falling function of the rate.
So two valuations bound the values between them (`app.domain.offers.rate_isolation`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from operator import mul
from typing import NamedTuple

_ZERO = Decimal(0)
#: A debt below this share of the flows so far counts as zero, because the rate has a limited number of digits.
_ZERO_SHARE = Decimal("1e-18")
_FEW = 40
_DIGIT_BITS = 6


class Time(NamedTuple):
    """The time of a flow: whole steps, and a fraction of a unit at simple interest (`odd`, Regulation Z only)."""

    steps: int
    odd: Decimal = _ZERO


class Valued(NamedTuple):
    """The present values of both sides at a growth factor. A slope is the relative fall of a side per growth."""

    growth: Decimal
    received: Decimal
    paid: Decimal
    received_slope: Decimal
    paid_slope: Decimal

    @property
    def balance(self) -> Decimal:
        """(received - paid) / (received + paid): from -1 to 1, and 0 at a root."""
        return (self.received - self.paid) / (self.received + self.paid)

    @property
    def rise(self) -> Decimal:
        """The slope of the logarithm of received / paid."""
        return self.paid_slope - self.received_slope


class Valuation:
    """Values flows, in order of time, at a growth factor: 1 + the rate of one unit of time (1.01 for 1 %).

    `steps_per_unit` steps are one unit. The growth factor keeps its digits near a rate of -100 %, where the rate loses
    them. The flows need both directions. Each different discount factor is computed only once per valuation.
    """

    def __init__(self, amounts: Sequence[Decimal], times: Sequence[Time], *, steps_per_unit: int) -> None:
        self._amounts = amounts
        self._times = times
        self._steps_per_unit = steps_per_unit
        self._units = [Decimal(time.steps) / steps_per_unit for time in times]
        self._gaps = [after.steps - before.steps for before, after in pairwise((Time(0), *times))]
        self._gap_lengths = set(self._gaps)
        self._odd = [time.odd for time in times] if any(time.odd for time in times) else []

    @property
    def valuation_cost(self) -> int:
        """The approximate cost of one valuation, in flows: the flows, their different gaps, and a fixed part."""
        return len(self._amounts) + len(self._gap_lengths) + 50

    @property
    def has_whole_steps(self) -> bool:
        """Whether all flows are at whole steps."""
        return not self._odd

    @property
    def sign_changes(self) -> int:
        """The number of times that the flows change direction."""
        return sum((before > 0) != (after > 0) for before, after in pairwise(self._amounts))

    @property
    def spread(self) -> Decimal:
        """The time from the first flow to the last, in units."""
        return self._units[-1] - self._units[0]

    def balance(self, growth: Decimal) -> Decimal:
        """The balance at a growth factor. It is cheaper than `value_at`."""
        values = self._discount(growth)
        total, received = sum(values, _ZERO), sum((amount for amount in values if amount > 0), _ZERO)
        return total / (2 * received - total)

    def value_at(self, growth: Decimal) -> Valued:
        """The present values of both sides at a growth factor, with their slopes."""
        values = self._discount(growth)
        falls = list(map(mul, values, self._slopes(growth)))
        received, paid = _sides(values)
        received_fall, paid_fall = _sides(falls)
        return Valued(growth, received, paid, received_fall / received, paid_fall / paid)

    def balance_keeps_sign(self, growth: Decimal) -> bool:
        """Whether the outstanding balance, at this root, has the same sign from the first flow to the last.

        Then the root is the only one (Soper 1959): at a higher rate later flows weigh less against earlier ones, and at
        a lower rate more, so the balance no longer ends at 0. The balance is summed from both ends, because from one
        end the large flows there hide the small flows at the other.
        """
        values = self._discount(growth)
        owed = {*_directions(values), *(-side for side in _directions(values[::-1]))}
        return not {1, -1} <= owed

    def derivative(self) -> "Valuation":
        """Flows with one change of direction less, whose roots are the extrema of these flows' value.

        The value is taken at the time of the first change of direction. Between two roots of these flows lies a root of
        the returned ones (Rolle's theorem, as in the proof of Descartes' rule of signs). Only for flows at whole steps.
        """
        units = self._units
        at = next(i for i, (before, after) in enumerate(pairwise(self._amounts)) if (before > 0) != (after > 0))
        seen_from = (units[at] + units[at + 1]) / 2
        amounts = [amount * (seen_from - time) for amount, time in zip(self._amounts, units, strict=True)]
        return Valuation(amounts, self._times, steps_per_unit=self._steps_per_unit)

    def at_whole_steps(self) -> "Valuation":
        """Flows at whole steps with the same roots.

        A flow with a fraction `odd` is divided by 1 - odd + odd x growth. All flows are multiplied by these factors
        instead. A factor splits a flow into two: 1 - odd of it now, and odd of it one unit earlier. Every factor is
        positive at every rate, so the roots stay.
        """
        odds = {time.odd for time in self._times} - {_ZERO}
        if not odds:
            return self
        net: dict[int, Decimal] = {}
        for odd in {_ZERO, *odds}:
            part = {
                time.steps: amount for time, amount in zip(self._times, self._amounts, strict=True) if time.odd == odd
            }
            for other in odds - {odd}:
                part = _multiplied(part, other)
            for steps, amount in part.items():
                net[steps] = net.get(steps, _ZERO) + amount
        first = min(net)
        kept = sorted(steps for steps, amount in net.items() if amount)
        times = [Time(steps - first) for steps in kept]
        return Valuation([net[steps] for steps in kept], times, steps_per_unit=self._steps_per_unit)

    @property
    def at_whole_steps_cost(self) -> int:
        """The approximate number of flows that `at_whole_steps` computes."""
        odds = len({time.odd for time in self._times})
        return odds * (len(self._amounts) + odds * odds)

    def _discount(self, growth: Decimal) -> list[Decimal]:
        step = 1 / growth
        if self._steps_per_unit != 1:
            step = (-growth.ln() / self._steps_per_unit).exp()
        powers = _powers(step, self._gap_lengths)
        factors = accumulate(map(powers.__getitem__, self._gaps), mul)
        values = map(mul, self._amounts, factors)
        if not self._odd:
            return list(values)
        return [amount / (1 - odd + odd * growth) for amount, odd in zip(values, self._odd, strict=True)]

    def _slopes(self, growth: Decimal) -> list[Decimal]:
        by_unit = 1 / growth
        slopes = [units * by_unit for units in self._units]
        if not self._odd:
            return slopes
        return [slope + odd / (1 - odd + odd * growth) for slope, odd in zip(slopes, self._odd, strict=True)]


def _directions(values: Sequence[Decimal]) -> set[int]:
    """The signs of the outstanding balance before the last flow. Balances below the precision of the rate have none."""
    owed, seen, sides = _ZERO, _ZERO, set[int]()
    for amount in values[:-1]:
        owed += amount
        seen += abs(amount)
        if abs(owed) > _ZERO_SHARE * seen:
            sides.add(1 if owed > 0 else -1)
    return sides


def _multiplied(part: Mapping[int, Decimal], odd: Decimal) -> dict[int, Decimal]:
    """Flows by step, multiplied by 1 - odd + odd x growth. One unit of time is one step."""
    product = {steps: amount * (1 - odd) for steps, amount in part.items()}
    for steps, amount in part.items():
        product[steps - 1] = product.get(steps - 1, _ZERO) + amount * odd
    return product


def _sides(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The sum of the positive amounts and the sum of the negative amounts, both as positive numbers."""
    return sum((some for some in amounts if some > 0), _ZERO), -sum((some for some in amounts if some < 0), _ZERO)


def _powers(base: Decimal, exponents: set[int]) -> Mapping[int, Decimal]:
    """Powers of one base. Many powers are computed by groups of bits of the exponents, each factor only once."""
    if len(exponents) <= _FEW:
        return {exponent: base**exponent for exponent in exponents}
    powers, place, shift = dict.fromkeys(exponents, Decimal(1)), base, 0
    while any(exponent >> shift for exponent in exponents):
        digits = list(accumulate([place] * (2**_DIGIT_BITS), mul))
        for exponent in exponents:
            digit = exponent >> shift & 2**_DIGIT_BITS - 1
            if digit:
                powers[exponent] *= digits[digit - 1]
        place, shift = digits[-1], shift + _DIGIT_BITS
    return powers
