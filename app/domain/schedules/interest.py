"""Interest: the exact interest of a balance over a span of days.

A period's interest is never a sum of rounded days. It is an exact ratio, summed over spans (consecutive days with one
balance and one rate), and the caller rounds the total once with `money.round_ratio`. Explanations show the same spans.
Spans are half-open: a payment lowers the balance from its value date on, and a loan that is repaid on the date of
disbursal costs nothing.

Two functions compute the same figure. `accrue` keeps the spans, for explanations. `accrued_ratio` does not, and is fast
enough for a billing run. Tests check that both agree.
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


#: Day counts that divide the actual days by a constant. Interest is a sum of paise x days, divided by this value.
_REAL_DAYS = {
    count: PERCENT_SCALE * YEAR_UNITS[count]
    for count in (DayCount.ACTUAL_365F, DayCount.ACTUAL_360, DayCount.ACTUAL_364)
}


class Movement(NamedTuple):
    """A change of the interest-bearing balance in paise: negative for a payment, positive for a disbursal.

    A named tuple, because a billing run reads millions of them.
    """

    value_date: date
    delta_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSpan:
    """Consecutive days with one balance and one rate. `numerator / denominator` is the exact interest in paise."""

    from_on: date
    to_on: date
    days: int
    balance_paise: int
    rate_percent: Decimal
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """The exact interest of a period in paise, `numerator / denominator`, and the spans that sum to it."""

    spans: tuple[InterestSpan, ...]
    numerator: int
    denominator: int

    def rounded(self, rounding: Rounding) -> int:
        """The period's interest, rounded once, in paise. Raises UnusableRounding."""
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

    `opening_paise` is the balance at `from_on` before the movements of that day. Movements on or after `to_on` are
    ignored. A balance below zero bears no interest. Rates are in percent a year. On the basis `period` the span must
    lie in its period `[period_begin, period_end)` (default: the span itself), and `periods` is the number of regular
    periods that it counts for, as a ratio. Raises DatesReversed, MovementOutsideSpan, SpanOutsidePeriod, RateInvalid.
    Source: docs/business-rules.md, schedules and interest.
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
    """The spans from the start of the first rate up to `to_on`, split where the balance or the rate changes."""
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
    """`accrue` without the spans: the exact interest in paise as (numerator, denominator).

    Arguments, errors and result are those of `accrue`. With one rate it takes a microsecond or two, except on the
    thirty-day day counts.
    """
    begin, end = period_begin or from_on, period_end or to_on
    if isinstance(rate_percent, Decimal) and begin <= from_on <= to_on:
        per_day, denominator = 0, 0
        if basis is not InterestBasis.PERIOD:
            per_day, denominator = daily_interest_ratio(rate_percent, basis, day_count)
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
def daily_interest_ratio(rate_percent: Decimal, basis: InterestBasis, day_count: DayCount) -> tuple[int, int]:
    """The interest of one paisa for one day, as (numerator, denominator).

    The denominator is 0 when days have different weights, that is, on the thirty-day day counts, actual/actual and
    NL/365.
    """
    if basis is InterestBasis.DAILY_ROUNDED:
        return daily_rate_thousandths(rate_percent), DAILY_SCALE
    return scaled_rate(rate_percent), _REAL_DAYS.get(day_count, 0)


def paise_days(opening_paise: int, movements: Sequence[Movement], *, from_on: date, to_on: date) -> int:
    """The balance summed over the days of `[from_on, to_on)`, in paise x days; a balance below zero counts as 0.

    Raises MovementOutsideSpan.
    """
    since, until = from_on.toordinal(), to_on.toordinal()
    if not movements:
        return opening_paise * (until - since) if opening_paise > 0 else 0
    changes = sorted([(value_date.toordinal(), delta) for value_date, delta in movements])
    return paise_by_day(opening_paise, changes, since=since, until=until)


def paise_by_day(opening_paise: int, changes: Sequence[tuple[int, int]], *, since: int, until: int) -> int:
    """`paise_days` with days as numbers (`date.toordinal`): each change is a day and paise, the earliest first.

    Raises MovementOutsideSpan.
    """
    balance, total = opening_paise, 0
    for day, delta in changes:
        if day < since:
            from_on = date.fromordinal(since)
            raise MovementOutsideSpan("a movement is dated before the span", field="value_date", from_on=from_on)
        if day >= until:
            break
        if balance > 0:
            total += balance * (day - since)
        balance += delta
        since = day
    return total + max(balance, 0) * (until - since)
