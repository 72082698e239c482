"""Interest: what a balance costs over a span of days, as an exact ratio until it is rounded once.

A period's interest is never the sum of rounded days. It is a fraction of two integers, built span by span (a span is
a run of days with one balance and one rate), and the caller rounds the whole through `money.round_ratio`. The same
spans are what an explanation shows. Spans are half-open: a payment lowers the balance from its value date on, and a
loan paid back on the day it was made costs nothing.

Two ways lead to the same figure: `accrue` keeps the spans for people, `accrued_ratio` only counts, for the billing
run that decides a loan in microseconds. Tests hold them equal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from app.domain.calendar import YEAR_UNITS, DayCount
from app.domain.errors import Invalid
from app.domain.money import Rounding, round_ratio
from app.domain.schedules.interest_measure import (
    DAILY_SCALE,
    PERCENT_SCALE,
    InterestBasis,
    PeriodMeasure,
    RateChange,
    RateInvalid,
    Rates,
    SpanOutsidePeriod,
    check_span,
    daily_rate_percent,
    daily_rate_thousandths,
    rates_over,
    scaled_rate,
)

__all__ = [
    "Accrual",
    "InterestBasis",
    "InterestSpan",
    "Movement",
    "MovementOutsideSpan",
    "RateChange",
    "RateInvalid",
    "Rates",
    "SpanOutsidePeriod",
    "accrue",
    "accrued_ratio",
    "daily_rate_percent",
]


class MovementOutsideSpan(Invalid):
    """A movement of the balance is dated before the span whose interest is counted. Report it: it is a fault of the
    books or of the program."""

    code = "movement_outside_span"


#: Day counts whose fraction is a number of days over a constant: interest is a sum of paise x days, over this.
_REAL_DAYS = {
    count: PERCENT_SCALE * YEAR_UNITS[count]
    for count in (DayCount.ACTUAL_365F, DayCount.ACTUAL_360, DayCount.ACTUAL_364)
}


class Movement(NamedTuple):
    """A change of the interest-bearing balance: negative for a payment, positive for a disbursal.

    A named tuple, because a billing run reads millions of them.
    """

    value_date: date
    delta_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSpan:
    """A run of days with one balance and one rate; `numerator / denominator` is its exact interest in paise."""

    from_on: date
    to_on: date
    days: int
    balance_paise: int
    rate_percent: Decimal
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """The exact interest of a period in paise, `numerator / denominator`, and the spans it is the sum of."""

    spans: tuple[InterestSpan, ...]
    numerator: int
    denominator: int

    def rounded(self, rounding: Rounding) -> int:
        """The one rounding of the period's interest, in paise."""
        return round_ratio(self.numerator, self.denominator, mode=rounding.mode, unit=rounding.unit_paise)


def accrue(
    opening_paise: int,
    *,
    from_on: date,
    to_on: date,
    rate_percent: Rates,
    basis: InterestBasis,
    day_count: DayCount = DayCount.ACTUAL_365F,
    movements: Sequence[Movement] = (),
    period_begin: date | None = None,
    period_end: date | None = None,
    periods: tuple[int, int] = (1, 1),
    periods_per_year: tuple[int, int] = (12, 1),
    maturity: date | None = None,
) -> Accrual:
    """The exact interest on a balance over `[from_on, to_on)`, with the spans that explain it.

    `opening_paise` is the balance at `from_on` before any movement of that day; movements on or after `to_on` belong
    to a later span and are left out. A balance below zero bears no interest. On the basis `period` the span must lie
    in its period `[period_begin, period_end)` (by default the span itself); `periods` weighs an odd first period.
    Raises DatesReversed, MovementOutsideSpan, SpanOutsidePeriod, RateInvalid. Source: domain.md, sections 6 and 7.
    """
    measure = PeriodMeasure(
        basis=basis,
        begin=period_begin or from_on,
        end=period_end or to_on,
        day_count=day_count,
        periods_per_year=periods_per_year,
        periods=periods,
        maturity=maturity,
    )
    check_span(measure, from_on=from_on, to_on=to_on)
    if from_on == to_on:
        return Accrual(spans=(), numerator=0, denominator=1)
    deltas = _deltas_by_date(movements, from_on=from_on, to_on=to_on)
    rates = rates_over(rate_percent, from_on=from_on, to_on=to_on)
    spans = tuple(_spans(opening_paise, measure, rates, deltas, to_on=to_on))
    return Accrual(spans=spans, numerator=sum(span.numerator for span in spans), denominator=measure.denominator())


def _spans(
    opening_paise: int, measure: PeriodMeasure, rates: Sequence[RateChange], deltas: dict[date, int], *, to_on: date
) -> Iterator[InterestSpan]:
    """Cut the days from the first rate's beginning where a balance or a rate changes."""
    rate_at = {change.from_on: change.rate_percent for change in rates}
    cuts = sorted({to_on, *deltas, *rate_at})
    balance, rate, denominator = opening_paise, rates[0].rate_percent, measure.denominator()
    for begin, end in pairwise(cuts):
        balance += deltas.get(begin, 0)
        rate = rate_at.get(begin, rate)
        bearing = max(balance, 0)
        yield InterestSpan(
            from_on=begin,
            to_on=end,
            days=end.toordinal() - begin.toordinal(),
            balance_paise=bearing,
            rate_percent=rate,
            numerator=bearing * measure.coefficient(rate, from_on=begin, to_on=end),
            denominator=denominator,
        )


def _deltas_by_date(movements: Sequence[Movement], *, from_on: date, to_on: date) -> dict[date, int]:
    deltas: dict[date, int] = {}
    for movement in movements:
        if movement.value_date < from_on:
            raise MovementOutsideSpan(
                "a movement is dated before the span",
                field="value_date",
                value_date=movement.value_date,
                from_on=from_on,
            )
        if movement.value_date < to_on:
            deltas[movement.value_date] = deltas.get(movement.value_date, 0) + movement.delta_paise
    return deltas


def accrued_ratio(
    opening_paise: int,
    *,
    from_on: date,
    to_on: date,
    rate_percent: Rates,
    basis: InterestBasis,
    day_count: DayCount = DayCount.ACTUAL_365F,
    movements: Sequence[Movement] = (),
    period_begin: date | None = None,
    period_end: date | None = None,
    periods: tuple[int, int] = (1, 1),
    periods_per_year: tuple[int, int] = (12, 1),
    maturity: date | None = None,
) -> tuple[int, int]:
    """`accrue` without the spans: the exact interest as (numerator, denominator), for the billing run.

    Same arguments, same refusals, same figure; a microsecond or two for one rate, thirty-day months aside.
    """
    begin, end = period_begin or from_on, period_end or to_on
    if isinstance(rate_percent, Decimal) and begin <= from_on <= to_on:
        per_day, denominator = 0, 0
        if basis is not InterestBasis.PERIOD:
            per_day, denominator = interest_of_a_day(rate_percent, basis, day_count)
        elif to_on <= end:
            per_day = scaled_rate(rate_percent) * periods_per_year[1] * periods[0]
            denominator = PERCENT_SCALE * periods_per_year[0] * periods[1] * (end.toordinal() - begin.toordinal())
        if denominator:
            return per_day * paise_days(opening_paise, movements, from_on=from_on, to_on=to_on), denominator
    accrual = accrue(
        opening_paise,
        from_on=from_on,
        to_on=to_on,
        rate_percent=rate_percent,
        basis=basis,
        day_count=day_count,
        movements=movements,
        period_begin=period_begin,
        period_end=period_end,
        periods=periods,
        periods_per_year=periods_per_year,
        maturity=maturity,
    )
    return accrual.numerator, accrual.denominator


@lru_cache(maxsize=4096)
def interest_of_a_day(rate_percent: Decimal, basis: InterestBasis, day_count: DayCount) -> tuple[int, int]:
    """What a paisa earns on a day of a daily basis, as a ratio; the denominator is 0 where days differ in worth."""
    if basis is InterestBasis.DAILY_ROUNDED:
        return daily_rate_thousandths(rate_percent), DAILY_SCALE
    return scaled_rate(rate_percent), _REAL_DAYS.get(day_count, 0)


def paise_days(opening_paise: int, movements: Sequence[Movement], *, from_on: date, to_on: date) -> int:
    """The balance summed over the days of `[from_on, to_on)`; a balance below zero counts as nothing."""
    since, until = from_on.toordinal(), to_on.toordinal()
    if not movements:
        return opening_paise * (until - since) if opening_paise > 0 else 0
    balance, total = opening_paise, 0
    for value_date, delta in sorted(movements):
        day = value_date.toordinal()
        if day < since:
            raise MovementOutsideSpan("a movement is dated before the span", field="value_date", from_on=from_on)
        if day >= until:
            break
        if balance > 0:
            total += balance * (day - since)
        balance += delta
        since = day
    return total + max(balance, 0) * (until - since)
