"""What dated flows are worth at a rate, and how fast that changes.

What is received and what is paid are discounted apart. Their balance says on which side of a rate one stands, whatever
the size of the flows. The logarithm of each falls with the rate, ever more slowly: from that, two looks at the flows
bound what happens between them (`app.domain.offers.rate_isolation`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from operator import mul
from typing import NamedTuple

_ZERO = Decimal(0)
#: The share of what flowed that counts as nothing owed: the rate itself has only so many digits.
_NOTHING_OWED = Decimal("1e-18")
_FEW = 40
_DIGIT_BITS = 6


class Time(NamedTuple):
    """When a flow happens: whole steps of time, and a fraction of a unit at simple interest (Regulation Z only)."""

    steps: int
    odd: Decimal = _ZERO


class Valued(NamedTuple):
    """Both sides of the flows at a growth; a slope is by which part of itself a side falls when that rises by one."""

    growth: Decimal
    received: Decimal
    paid: Decimal
    received_slope: Decimal
    paid_slope: Decimal

    @property
    def balance(self) -> Decimal:
        """(received - paid) / (received + paid): from -1 to 1, and nothing at a rate of the flows."""
        return (self.received - self.paid) / (self.received + self.paid)

    @property
    def rise(self) -> Decimal:
        """The slope of the logarithm of received / paid, which rises by what received falls less than paid."""
        return self.paid_slope - self.received_slope


class Valuation:
    """Flows in order of time, looked at by what money grows to in a unit of time (1.01 at a rate of 1 %).

    `steps_per_unit` steps make a unit. A growth has all its digits where a rate near -100 % has none left.

    Needs money in both directions. Discounting a step, a gap of steps or a fraction is done once, however often the
    flows ask for it.
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
        """About what a look costs, in flows looked at: its own, the gaps between them, and what comes with any."""
        return len(self._amounts) + len(self._gap_lengths) + 50

    @property
    def can_turn(self) -> bool:
        """Whether all flows lie at whole steps."""
        return not self._odd

    @property
    def turns(self) -> int:
        """How often the flows change direction."""
        return sum((before > 0) != (after > 0) for before, after in pairwise(self._amounts))

    @property
    def spread(self) -> Decimal:
        """The units of time from the first flow to the last."""
        return self._units[-1] - self._units[0]

    def balance(self, growth: Decimal) -> Decimal:
        """The balance of a look at this growth, for less work."""
        worth = self._discount(growth)
        total, received = sum(worth, _ZERO), sum((amount for amount in worth if amount > 0), _ZERO)
        return total / (2 * received - total)

    def value_at(self, growth: Decimal) -> Valued:
        """Both sides at a growth, with their slopes."""
        worth = self._discount(growth)
        falls = list(map(mul, worth, self._slopes(growth)))
        received, paid = _sides(worth)
        received_fall, paid_fall = _sides(falls)
        return Valued(growth, received, paid, received_fall / received, paid_fall / paid)

    def never_turns(self, growth: Decimal) -> bool:
        """Whether what is owed, with interest at a rate of the flows, never changes its side from first flow to last.

        Then that rate is the only one there is: at a higher one all later flows weigh less against those before them,
        at a lower one more, so that a debt that never turned no longer ends at nothing (Soper 1959). What is owed is
        counted from both ends, because each sees only the other's small flows drown in its own large ones.
        """
        worth = self._discount(growth)
        owed = {*_directions(worth), *(-side for side in _directions(worth[::-1]))}
        return not {1, -1} <= owed

    def turned(self) -> "Valuation":
        """Flows that change direction once less, and are worth nothing where these, seen from their first turn, stand
        still: between two rates of these flows lies a rate of those (Rolle; so Descartes' rule of signs is proved).

        Only where they can turn.
        """
        units = self._units
        at = next(i for i, (before, after) in enumerate(pairwise(self._amounts)) if (before > 0) != (after > 0))
        seen_from = (units[at] + units[at + 1]) / 2
        amounts = [amount * (seen_from - time) for amount, time in zip(self._amounts, units, strict=True)]
        return Valuation(amounts, self._times, steps_per_unit=self._steps_per_unit)

    def whole(self) -> "Valuation":
        """Flows at whole steps that are worth nothing at the same rates.

        A flow at an odd fraction is divided by 1 - odd + odd x growth. All are multiplied by all of these instead:
        each is 1 - odd now and odd one unit earlier, and more than nothing at any rate.
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
    def whole_cost(self) -> int:
        """About how many flows `whole` has to touch."""
        odds = len({time.odd for time in self._times})
        return odds * (len(self._amounts) + odds * odds)

    def _discount(self, growth: Decimal) -> list[Decimal]:
        step = 1 / growth
        if self._steps_per_unit != 1:
            step = (-growth.ln() / self._steps_per_unit).exp()
        powers = _powers(step, self._gap_lengths)
        factors = accumulate(map(powers.__getitem__, self._gaps), mul)
        worth = map(mul, self._amounts, factors)
        if not self._odd:
            return list(worth)
        return [amount / (1 - odd + odd * growth) for amount, odd in zip(worth, self._odd, strict=True)]

    def _slopes(self, growth: Decimal) -> list[Decimal]:
        by_unit = 1 / growth
        whole = [units * by_unit for units in self._units]
        if not self._odd:
            return whole
        return [slope + odd / (1 - odd + odd * growth) for slope, odd in zip(whole, self._odd, strict=True)]


def _directions(worth: Sequence[Decimal]) -> set[int]:
    """The sides on which what is owed lies before the last flow, where it is more than the digits of a rate can say."""
    owed, seen, sides = _ZERO, _ZERO, set[int]()
    for amount in worth[:-1]:
        owed += amount
        seen += abs(amount)
        if abs(owed) > _NOTHING_OWED * seen:
            sides.add(1 if owed > 0 else -1)
    return sides


def _multiplied(part: Mapping[int, Decimal], odd: Decimal) -> dict[int, Decimal]:
    """Flows by step, times 1 - odd + odd x growth; a unit of time is one step."""
    product = {steps: amount * (1 - odd) for steps, amount in part.items()}
    for steps, amount in part.items():
        product[steps - 1] = product.get(steps - 1, _ZERO) + amount * odd
    return product


def _sides(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The sums of what is above and of what is below nothing, both as sizes."""
    return sum((some for some in amounts if some > 0), _ZERO), -sum((some for some in amounts if some < 0), _ZERO)


def _powers(base: Decimal, exponents: set[int]) -> Mapping[int, Decimal]:
    """Powers of one base: one by one where they are few, else digit by digit, every power of a digit made once."""
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
