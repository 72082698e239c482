"""Checks the interest of each cycle by a second implementation: summed day by day from what the ledger says was owed on
that day, and rounded once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.domain.calendar import DayCount
from app.domain.lending.ledger import Account
from app.domain.lending.positions import Position
from app.domain.money import round_ratio
from app.domain.reporting.explanations import explain_interest
from app.domain.schedules.interest import RateChange
from tests.domain import oracle
from tests.lives.forecast_checks import Violation
from tests.lives.loan_books import Books

#: The day counts of which a day has a share of a year by itself.
_BY_DAY = {
    DayCount.ACTUAL_365F: "actual/365F", DayCount.ACTUAL_360: "actual/360", DayCount.ACTUAL_364: "actual/364",
    DayCount.ACTUAL_ACTUAL_ISDA: "actual/actual ISDA", DayCount.NL_365: "NL/365",
}  # fmt: skip


def interest_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """What a sum of days and the explanation of a cycle do not agree on."""
    position, terms = books.position, books.position.terms
    is_by_day = terms.interest_basis.value == "daily_rounded" or terms.day_count in _BY_DAY
    if not position.is_daily or not is_by_day or on == position.disbursed_on:
        return
    moved = _moved(books)
    for cycle in explain_interest(position, books.history, from_on=position.disbursed_on, to_on=on, today=on):
        exact = oracle.interest(
            sum(paise for day, paise in moved if day < cycle.from_on),
            [(day, paise) for day, paise in moved if cycle.from_on <= day < cycle.to_on],
            cycle.from_on,
            cycle.to_on,
            _rates(position),
            basis=terms.interest_basis.value,
            day_count=_BY_DAY.get(terms.day_count, ""),
        )
        rounding = terms.interest_rounding
        rounded = round_ratio(exact.numerator, exact.denominator, mode=rounding.mode, unit=rounding.unit_paise)
        if (exact, rounded) != (Fraction(cycle.numerator, cycle.denominator), cycle.rounded_paise):
            yield Violation("interest.days", f"{cycle}, summed by days {exact}, rounded {rounded}")


def _moved(books: Books) -> list[tuple[date, int]]:
    """The changes of what bears interest, by their value dates: principal, less what was paid in advance."""
    bears = (Account.PRINCIPAL, Account.ADVANCE)
    return [
        (one.value_date, one.amount_paise * ((one.debit in bears) - (one.credit in bears))) for one in books.transfers
    ]


def _rates(position: Position) -> list[tuple[date, Decimal]]:
    first = RateChange(from_on=position.disbursed_on, rate_percent=position.annual_rate_percent)
    changes = () if position.alterations is None else position.alterations.rates
    return [(change.from_on, change.rate_percent) for change in sorted((first, *changes), key=lambda one: one.from_on)]
