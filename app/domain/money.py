"""Money: integer paise inside, rupees only at the edge, and one door through which every figure is rounded.

A figure of a loan is exact (a ratio of two integers) until somebody has to pay it. Then it goes through `round_ratio`
once, with the mode and the unit named at the call. Nothing else in the domain rounds: there is no binary fraction, no
built-in rounding and no decimal context that could do it in passing.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from app.domain.errors import Invalid

PAISE_PER_RUPEE = 100
#: 1e11 rupees: beyond it a figure is a mistake, not money (domain.md, section 12).
MAX_PAISE = 10**13


class RoundingMode(StrEnum):
    """How a ratio becomes a multiple of a unit. `level` and `none` are ways to set an EMI, not ways to round."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NONE = "none"


# A member is looked up in its class each time, which takes longer than to compare it.
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


#: What a period's interest is rounded by unless the product says otherwise.
TO_THE_PAISA = Rounding(mode=RoundingMode.HALF_UP)


def round_ratio(numerator: int, denominator: int, *, mode: RoundingMode, unit: int = 1) -> int:
    """Round the exact ratio `numerator / denominator` to a multiple of `unit`: the one rounding door.

    Negative figures mirror positive ones, so that a reversal is the exact opposite of what it reverses: `half_up`
    rounds half away from zero, `up` away from zero, `down` towards zero. The denominator is positive.
    Raises UnusableRounding for `level` and `none`, and for a unit below one.
    """
    if unit != 1:
        if unit < 1:
            raise UnusableRounding("a rounding unit must be at least one paisa", field="unit", unit=unit)
        denominator *= unit
    if denominator <= 0:
        raise ZeroDivisionError("a ratio has a positive denominator")
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
    """Round a Decimal number of paise through the door. Its decimal digits are taken as exact."""
    numerator, denominator = value.as_integer_ratio()
    return round_ratio(numerator, denominator, mode=mode, unit=unit)


def rupees_to_paise(value: Decimal | int | str) -> int:
    """Turn rupees with at most two decimals into paise, exactly.

    Raises NotAnAmount for three decimals, text that is no number, NaN, infinity, a truth value, and anything larger
    in size than 1e11 rupees. The refused value is never repeated in the message.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise NotAnAmount("an amount is a number of rupees", field="amount")
    # Decimal() would also read 1_000 and digits of other scripts: not what a client means by an amount.
    if isinstance(value, str) and (not value.isascii() or "_" in value):
        raise NotAnAmount("an amount is a number of rupees", field="amount")
    try:
        rupees = Decimal(value)
    except InvalidOperation:
        raise NotAnAmount("an amount is a number of rupees", field="amount") from None
    # The bound comes first: it keeps 1e999999 from ever becoming a million digits.
    if not rupees.is_finite() or rupees.copy_abs() > MAX_PAISE // PAISE_PER_RUPEE:
        raise NotAnAmount("an amount is at most 1e11 rupees", field="amount")
    sign, digits, exponent = rupees.as_tuple()
    if not isinstance(exponent, int) or not rupees:
        return 0
    whole = int("".join(map(str, digits)))
    shift = exponent + 2
    if shift < 0:
        # Digits beyond the second decimal are fine as long as they are zeros.
        scale: int = 10 ** min(-shift, len(digits) + 1)
        whole, rest = divmod(whole, scale)
        if rest:
            raise NotAnAmount("an amount has at most two decimals", field="amount")
    else:
        whole *= int(10**shift)
    return -whole if sign else whole


@lru_cache(maxsize=256)
def percent_ratio(percent: Decimal) -> tuple[int, int]:
    """A percentage as an exact ratio: 18 as (18, 100)."""
    numerator, denominator = percent.as_integer_ratio()
    return numerator, denominator * 100


def paise_to_rupees(paise: int) -> Decimal:
    """Paise as rupees with exactly two decimals."""
    digits = tuple(int(digit) for digit in str(abs(paise)))
    return Decimal((1 if paise < 0 else 0, digits, -2))


def format_inr(paise: int) -> str:
    """Paise as people in India write them: the last three digits together, then pairs: `₹1,00,000.00`."""
    rupees, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    head, tail = str(rupees)[:-3], str(rupees)[-3:]
    groups = [tail]
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    sign = "-" if paise < 0 else ""
    return f"{sign}₹{','.join(reversed(groups))}.{rest:02d}"
