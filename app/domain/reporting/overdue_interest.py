"""Explains the interest on overdue principal: the days on which it was overdue, the rate and the rounding.

It bears the rate that is in force when its bill is raised. Source: docs/business-rules.md, charges of a loan.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.domain.calendar import YEAR_UNITS
from app.domain.lending.positions import Position
from app.domain.money import percent_ratio, round_ratio
from app.domain.payments.replayed_spans import OverdueSpan
from app.domain.schedules.interest import InterestSpan


def overdue_interest(
    position: Position, overdue: Sequence[OverdueSpan], *, from_on: date, to_on: date
) -> tuple[tuple[InterestSpan, ...], int]:
    """The spans of `[from_on, to_on)` in which principal was overdue, and their interest together, in paise."""
    rate = _rate_before(position, to_on)
    percent, unit = percent_ratio(rate)
    denominator = unit * YEAR_UNITS[position.terms.day_count]
    spans = []
    for each in overdue:
        begin, end = max(each.from_on, from_on), min(each.to_on, to_on)
        if begin < end:
            days = (end - begin).days
            span = InterestSpan(
                from_on=begin,
                to_on=end,
                days=days,
                balance_paise=each.principal_paise,
                rate_percent=rate,
                numerator=each.principal_paise * days * percent,
                denominator=denominator,
            )
            spans.append(span)
    rounding, total = position.terms.interest_rounding, sum(span.numerator for span in spans)
    return tuple(spans), round_ratio(total, denominator, mode=rounding.mode, unit=rounding.unit_paise)


def _rate_before(position: Position, day: date) -> Decimal:
    """The annual rate that was in force when a bill of a day was raised."""
    rates = position.rates
    if isinstance(rates, Decimal):
        return rates
    return [change.rate_percent for change in rates if change.from_on < day][-1]
