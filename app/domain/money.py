"""Money: amounts are integer paise; rupees appear only in requests and responses; only this module rounds.

An amount is exact (a ratio of two integers) until it has to be paid. Then `round_ratio` rounds it once, with a mode and
a unit that the caller names. No other module rounds: the domain uses no `float`, no `round()`, and no decimal context
that rounds amounts.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from app.domain.errors import Invalid

PAISE_PER_RUPEE = 100
#: 1e11 rupees. A larger figure is a mistake.
MAX_PAISE = 10**13


class RoundingMode(StrEnum):
    """How a ratio is rounded to a multiple of a unit. `level` and `none` set an EMI; they cannot round one figure."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NONE = "none"


# Reading a member from its enum class takes longer than comparing it, so the members have names here.
_HALF_UP, _HALF_EVEN, _UP, _DOWN = RoundingMode.HALF_UP, RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN


class UnusableRounding(Invalid):
    """The rounding mode cannot round one figure, or the unit is below one paisa. Choose another mode or unit."""

    code = "unusable_rounding"


class NotAnAmount(Invalid):
    """The value is not an amount of rupees with at most two decimals. Send a number such as 1234.50."""

    code = "not_an_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """A rounding rule."""

    #: In which direction a figure is rounded.
    mode: RoundingMode
    #: A rounded figure is a multiple of this (100 is whole rupees).
    unit_paise: int = 1


#: The default rounding of a period's interest.
TO_THE_PAISA = Rounding(mode=RoundingMode.HALF_UP)


def round_ratio(numerator: int, denominator: int, *, mode: RoundingMode, unit: int = 1) -> int:
    """The exact ratio `numerator / denominator` (in paise), rounded to a multiple of `unit` paise.

    Rounding is symmetric around zero, so that a reversal is the exact opposite of the amount it reverses: `half_up`
    rounds a half away from zero, `up` rounds away from zero, `down` towards zero, `half_even` a half to the even unit.
    Raises UnusableRounding for `level`, for `none` and for a unit below 1, and ZeroDivisionError for a denominator of
    zero or less.
    """
    if unit != 1:
        if unit < 1:
            raise UnusableRounding("a rounding unit must be at least one paisa", field="unit", unit=unit)
        denominator *= unit
    if denominator <= 0:
        raise ZeroDivisionError("the denominator of a ratio must be positive")
    quotient, remainder = divmod(numerator if numerator >= 0 else -numerator, denominator)
    if mode is _HALF_UP:
        quotient += 2 * remainder >= denominator
    elif mode is _UP:
        quotient += remainder > 0
    elif mode is _HALF_EVEN:
        quotient += 2 * remainder > denominator or (2 * remainder == denominator and quotient % 2 == 1)
    elif mode is not _DOWN:
        raise UnusableRounding(f"{mode.value} sets an instalment and cannot round one figure", field="mode")
    return quotient * unit if numerator >= 0 else -quotient * unit


def round_decimal(value: Decimal, *, mode: RoundingMode, unit: int = 1) -> int:
    """A Decimal number of paise, rounded by `round_ratio`. The decimal digits are exact. Raises UnusableRounding."""
    numerator, denominator = value.as_integer_ratio()
    return round_ratio(numerator, denominator, mode=mode, unit=unit)


def rupees_to_paise(value: Decimal | int | str) -> int:
    """Rupees with at most two decimals as paise, exactly.

    Raises NotAnAmount for a third decimal other than zero, text that is not a number, NaN, infinity, a boolean, and an
    amount beyond 1e11 rupees (either sign). The message never contains the refused value.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise NotAnAmount("an amount is a number of rupees", field="amount")
    # Decimal() also reads 1_000 and digits of other scripts. No client means an amount by those.
    if isinstance(value, str) and (not value.isascii() or "_" in value):
        raise NotAnAmount("an amount is a number of rupees", field="amount")
    try:
        rupees = Decimal(value)
    except InvalidOperation:
        raise NotAnAmount("an amount is a number of rupees", field="amount") from None
    # The bound is checked first, so that 1e999999 is never expanded to a million digits.
    if not rupees.is_finite() or rupees.copy_abs() > MAX_PAISE // PAISE_PER_RUPEE:
        raise NotAnAmount("an amount is at most 1e11 rupees", field="amount")
    sign, digits, exponent = rupees.as_tuple()
    if not isinstance(exponent, int) or not rupees:
        return 0
    whole = int("".join(map(str, digits)))
    shift = exponent + 2
    if shift < 0:
        # Zeros beyond the second decimal are allowed.
        scale: int = 10 ** min(-shift, len(digits) + 1)
        whole, rest = divmod(whole, scale)
        if rest:
            raise NotAnAmount("an amount has at most two decimals", field="amount")
    else:
        whole *= int(10**shift)
    return -whole if sign else whole


@lru_cache(maxsize=256)
def percent_ratio(percent: Decimal) -> tuple[int, int]:
    """A percentage as an exact ratio (numerator, denominator): 18 gives (18, 100)."""
    numerator, denominator = percent.as_integer_ratio()
    return numerator, denominator * 100


def share_paise(paise: int, percent: Decimal) -> int:
    """A share of an amount, half up to the paisa: fees and taxes. That of a negative amount is its mirror."""
    numerator, denominator = percent_ratio(percent)
    return round_ratio(paise * numerator, denominator, mode=RoundingMode.HALF_UP)


def paise_to_rupees(paise: int) -> Decimal:
    """Paise as a Decimal number of rupees with exactly two decimals."""
    digits = tuple(int(digit) for digit in str(abs(paise)))
    return Decimal((1 if paise < 0 else 0, digits, -2))


def format_inr(paise: int) -> str:
    """Paise as a text with Indian digit grouping (the last three digits, then pairs): `₹1,00,000.00`."""
    rupees, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    head, tail = str(rupees)[:-3], str(rupees)[-3:]
    groups = [tail]
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    sign = "-" if paise < 0 else ""
    return f"{sign}₹{','.join(reversed(groups))}.{rest:02d}"
