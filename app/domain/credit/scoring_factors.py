"""Factors: what a score looks like to the person it is about, in words instead of figures.

Three bands, each a parameter of the scorecard: how much was paid on time, how much of the limit is used, and how long
there has been anything to look at. They explain; no decision reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.credit.scoring_facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """The words of one score."""

    payment_history: str
    credit_utilization: str
    credit_age: str


def find_factors(facts: Facts, *, bands: Mapping[str, Any], as_of: date) -> Factors:
    """The bands that the facts fall in. Shares are compared as exact percentages, ages in whole months."""
    loans = facts.loans
    unknown: str = bands["unknown"]
    began = min((day for day in (facts.bank.first_on, loans.first_on) if day is not None), default=None)
    history, utilization, age = unknown, unknown, unknown
    if loans.instalments:
        history = _word(bands["payment_history"], part=100 * loans.paid_on_time, whole=loans.instalments)
    if loans.active_paise == 0:
        utilization = _word(bands["credit_utilization"], part=0, whole=1)
    elif loans.limit_paise is not None:
        # A limit of zero that is used all the same is used beyond any band.
        utilization = _word(bands["credit_utilization"], part=100 * loans.active_paise, whole=max(loans.limit_paise, 1))
    if began is not None:
        age = _word(bands["credit_age"], part=whole_months(began, as_of), whole=1)
    return Factors(payment_history=history, credit_utilization=utilization, credit_age=age)


def whole_months(start: date, end: date) -> int:
    """Whole months from `start` to `end`; none while `end` is not later."""
    months = 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)
    return max(months, 0)


def _word(bands: Sequence[Sequence[Any]], *, part: int, whole: int) -> str:
    """The word of the first band whose lower end `part / whole` reaches."""
    for least, word in bands:
        if part >= least * whole:
            return str(word)
    raise AssertionError("the last band begins at zero")
