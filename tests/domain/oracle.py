"""A second, simple implementation of the arithmetic: exact fractions, day by day.

It uses nothing of `app.domain` but the names of conventions. Tests compare both on random inputs: a common mistake
would have to be made in two different ways.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


def half_up(value: Fraction, unit: int = 1) -> int:
    """A value rounded to a multiple of a unit, a half away from zero."""
    size = abs(value) / unit
    rounded = int(size + Fraction(1, 2))
    return (rounded if value >= 0 else -rounded) * unit


def days_between(start: date, end: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range((end - start).days)]


def is_leap(year: int) -> bool:
    return year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """The fraction of a year, summed day by day, for the conventions that count real days."""
    total = Fraction(0)
    for day in days_between(start, end):
        after = day + timedelta(days=1)
        match day_count:
            case "actual/365F":
                total += Fraction(1, 365)
            case "actual/360":
                total += Fraction(1, 360)
            case "actual/364":
                total += Fraction(1, 364)
            case "actual/actual ISDA":
                total += Fraction(1, 366 if is_leap(day.year) else 365)
            case "NL/365":
                total += Fraction(0 if (after.month, after.day) == (2, 29) else 1, 365)
    return total


def interest(
    opening: int,
    movements: Sequence[tuple[date, int]],
    start: date,
    end: date,
    rates: Sequence[tuple[date, Decimal]],
    *,
    basis: str,
    day_count: str = "actual/365F",
    period_days: int = 0,
    periods_per_year: Fraction = Fraction(12),
) -> Fraction:
    """The interest in paise, summed over the days from the balance, the rate and the weight of each day."""
    total = Fraction(0)
    for day in days_between(start, end):
        balance = max(0, opening + sum(delta for on, delta in movements if start <= on <= day))
        rate = Fraction([rate for since, rate in rates if since <= day][-1])
        if basis == "daily_rounded":
            total += balance * Fraction(half_up(rate / 365 * 1000), 1000) / 100
        elif basis == "days":
            total += balance * rate / 100 * year_fraction(day, day + timedelta(days=1), day_count)
        else:
            total += balance * rate / 100 / periods_per_year / period_days
    return total


def instalment(principal: int, rates: Sequence[Fraction], balloon: int = 0) -> Fraction:
    """The instalment whose present value is the principal, with the rate of each period."""
    discount, discounts = Fraction(1), []
    for rate in rates:
        discount /= 1 + rate
        discounts.append(discount)
    return (principal - balloon * discounts[-1]) / sum(discounts)


def rows(principal: int, rates: Sequence[Fraction], emi: int) -> list[tuple[int, int]]:
    """Principal and interest of each instalment. Interest is half up to the paisa; the last row pays the rest."""
    balance, result = principal, []
    for number, rate in enumerate(rates, start=1):
        cost = half_up(balance * rate)
        behind = len(rates) - number
        part = max(0, min(emi - cost, balance - behind)) if behind else balance
        balance -= part
        result.append((part, cost))
    return result


def solved_instalment(
    principal: int,
    rows: Sequence[tuple[Fraction, Fraction, int]],
    weights: Sequence[Fraction],
    balloon: int,
) -> tuple[Fraction, Fraction]:
    """The smallest instalment, between two bounds, for which the last row is not larger than its instalment.

    A row has a rate, fixed interest, and an amount disbursed within it. It pays the instalment or its interest,
    whichever is more, and never more principal than the balance less the balloon. It is found by bisection only.
    """

    def is_enough(instalment: Fraction) -> bool:
        balance = Fraction(principal)
        for (rate, fixed, drawn), weight in zip(rows[:-1], weights, strict=False):
            cost = balance * rate + fixed
            balance += drawn
            balance -= max(Fraction(0), min(instalment * weight - cost, balance - balloon))
        rate, fixed, drawn = rows[-1]
        return balance * rate + fixed + balance + drawn - balloon <= instalment * weights[-1]

    low, high = Fraction(0), Fraction(2 * principal + 10**10)
    for _ in range(140):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return low, high


def smallest_up(principal: int, rates: Sequence[Fraction], unit: int) -> int:
    """The smallest multiple of the unit whose last instalment is not larger, found by trying all."""
    emi = unit
    while sum(rows(principal, rates, emi)[-1]) > emi:
        emi += unit
    return emi


def most_level(principal: int, rates: Sequence[Fraction], unit: int) -> int:
    """The smallest difference between the last instalment and the others, over all multiples up to `smallest_up`."""
    candidates = range(unit, smallest_up(principal, rates, unit) + 1, unit)
    return min(abs(sum(rows(principal, rates, emi)[-1]) - emi) for emi in candidates)
