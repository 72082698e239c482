"""A second implementation of the arithmetic, deliberately naive: exact fractions, day by day, no shortcuts.

It shares nothing with `app.domain` but the names of conventions. Where both agree over random inputs, a mistake would
have to be made twice, in two different ways.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


def half_up(value: Fraction, unit: int = 1) -> int:
    """Half away from zero, to a multiple of a unit."""
    size = abs(value) / unit
    rounded = int(size + Fraction(1, 2))
    return (rounded if value >= 0 else -rounded) * unit


def days_between(start: date, end: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range((end - start).days)]


def is_leap(year: int) -> bool:
    return year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """One day at a time, for the conventions that count real days."""
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
    """Interest in paise, day by day: the balance and the rate of each day, and what that day is worth."""
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
    """The instalment whose discounted sum is the principal, from each period's own rate."""
    discount, discounts = Fraction(1), []
    for rate in rates:
        discount /= 1 + rate
        discounts.append(discount)
    return (principal - balloon * discounts[-1]) / sum(discounts)


def rows(principal: int, rates: Sequence[Fraction], emi: int) -> list[tuple[int, int]]:
    """Principal and interest of each instalment: interest half up to the paisa, the last row settles."""
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
    """The least instalment for which the last row is not larger than its instalment, between two bounds.

    A row is its rate, interest that is fixed, and what is disbursed within it. It pays the instalment or its interest,
    whichever is more, and never more principal than there is beside the balloon. Halved again and again: nothing here
    knows that anything is linear.
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
    """The smallest multiple of the unit whose last instalment is not larger, tried one after the other."""
    emi = unit
    while sum(rows(principal, rates, emi)[-1]) > emi:
        emi += unit
    return emi


def most_level(principal: int, rates: Sequence[Fraction], unit: int) -> int:
    """How far from the others the last instalment is, at best, over all multiples of the unit up to `smallest_up`."""
    candidates = range(unit, smallest_up(principal, rates, unit) + 1, unit)
    return min(abs(sum(rows(principal, rates, emi)[-1]) - emi) for emi in candidates)
