"""The form of figures and dates in documents: rupees in Indian digit groups, days as `05 Jan 2027`, without locales."""

from datetime import date
from decimal import Decimal

from app.domain.calendar import Frequency
from app.domain.money import format_inr

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(on: date | None) -> str:
    """`05 Jan 2027`; a dash for None."""
    return "–" if on is None else f"{on.day:02d} {_MONTHS[on.month - 1]} {on.year}"


def rupees(paise: int) -> str:
    """`₹1,00,000.00`."""
    return format_inr(paise)


def amount(paise: int) -> str:
    """`1,00,000.00`, for columns whose head says rupees."""
    return format_inr(paise).replace("₹", "")


def percent(rate: Decimal) -> str:
    """`10.5 %`, without zeros at the end."""
    text = f"{rate:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} %"


def term(count: int, *, every: int, frequency: Frequency) -> str:
    """`24 months`: how long a plan of `count` instalments lasts."""
    length = count * every
    return f"{length} {frequency.value}{'' if length == 1 else 's'}"
