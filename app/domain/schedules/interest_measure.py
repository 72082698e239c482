"""Rates as integers, and the weight of a span of days on each interest basis.

An annual rate in percent becomes an integer in a fixed unit. From then on interest is integer arithmetic: `balance x
coefficient / denominator`. The coefficient depends on the days. The denominator depends only on the basis and the
period, so the parts of a period are added by adding their numerators.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from app.domain.calendar import YEAR_UNITS, DatesReversed, DayCount, day_count_fraction
from app.domain.errors import Invalid
from app.domain.money import RoundingMode, round_ratio

#: Annual rates have at most eight decimals of a percent, so every rate is an integer in this unit.
_RATE_SCALE = 100_000_000
#: `balance x scaled rate / PERCENT_SCALE` is paise a year: the rate scale times 100 for percent.
PERCENT_SCALE = 100 * _RATE_SCALE
#: Daily rates are held in thousandths of a percent (the source systems' `round(apr / 365, 3)`).
DAILY_SCALE = 100 * 1000


class InterestBasis(StrEnum):
    """How a period's interest is computed, with R the annual rate in percent and m the periods a year.

    Source: docs/business-rules.md, schedules and interest.
    """

    #: balance x R / 100 / m for a whole period, whatever its length; for a part of a period, in proportion to its days.
    PERIOD = "period"
    #: balance x R / 100 x the day-count fraction.
    DAYS = "days"
    #: balance x days x (R / 365, rounded half up to three decimals, in percent).
    DAILY_ROUNDED = "daily_rounded"


class RateInvalid(Invalid):
    """A rate is negative, not a number, finer than eight decimals, or not in force on the first day. Send a percentage
    from zero upwards."""

    code = "rate_invalid"


class SpanOutsidePeriod(Invalid):
    """The span is not inside the period whose interest is counted, or the period has no days. Report it: it is a fault
    of the program."""

    code = "span_outside_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """From this date on the annual rate is `rate_percent` (10.5 means 10.5 % a year)."""

    from_on: date
    rate_percent: Decimal


#: One rate for all days, or dated rates, one of them on or before the beginning.
Rates = Decimal | Sequence[RateChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMeasure:
    """The weight of the days of one period `[begin, end)`: interest is `balance x coefficient / denominator` paise.

    `periods` is the number of regular periods that this one counts for, as a ratio; it is (1, 1) for a regular period.
    Only the basis `period` uses `periods` and `periods_per_year`.
    """

    basis: InterestBasis
    begin: date
    end: date
    day_count: DayCount = DayCount.ACTUAL_365F
    periods_per_year: tuple[int, int] = (12, 1)
    periods: tuple[int, int] = (1, 1)
    maturity: date | None = None

    def denominator(self) -> int:
        """The divisor of every coefficient of this period."""
        if self.basis is InterestBasis.DAILY_ROUNDED:
            return DAILY_SCALE
        if self.basis is InterestBasis.DAYS:
            return PERCENT_SCALE * YEAR_UNITS[self.day_count]
        days = self.end.toordinal() - self.begin.toordinal()
        return PERCENT_SCALE * self.periods_per_year[0] * self.periods[1] * days

    def coefficient(self, rate_percent: Decimal, *, from_on: date, to_on: date) -> int:
        """The weight of the days `[from_on, to_on)` at a rate in percent a year. Raises RateInvalid.

        Thirty-day months do not add up when a period is split at any date. So both ends are counted from the start of
        the period, and the parts of a period always sum to the whole.
        """
        if self.basis is InterestBasis.DAILY_ROUNDED:
            return daily_rate_thousandths(rate_percent) * (to_on.toordinal() - from_on.toordinal())
        rate = scaled_rate(rate_percent)
        if self.basis is InterestBasis.PERIOD:
            days = to_on.toordinal() - from_on.toordinal()
            return rate * self.periods_per_year[1] * self.periods[0] * days
        until, _ = day_count_fraction(self.begin, to_on, day_count=self.day_count, maturity=self.maturity)
        if from_on == self.begin:
            return rate * until
        before, _ = day_count_fraction(self.begin, from_on, day_count=self.day_count, maturity=self.maturity)
        return rate * (until - before)


@lru_cache(maxsize=4096)
def scaled_rate(rate_percent: Decimal) -> int:
    """An annual rate in percent as an integer in units of 1e-8 percent. Raises RateInvalid."""
    if not rate_percent.is_finite() or rate_percent < 0:
        raise RateInvalid("an annual rate must be a percentage from zero upwards", field="annual_rate")
    numerator, denominator = rate_percent.as_integer_ratio()
    scaled, rest = divmod(numerator * _RATE_SCALE, denominator)
    if rest:
        raise RateInvalid("an annual rate has at most eight decimals", field="annual_rate")
    return scaled


@lru_cache(maxsize=4096)
def daily_rate_thousandths(rate_percent: Decimal) -> int:
    """The daily rate round(R / 365, 3), half up, as an integer in units of 0.001 percent (10.5 % a year -> 29).

    Source: source system 1 of docs/sources.md.
    """
    return round_ratio(scaled_rate(rate_percent) * 1000, 365 * _RATE_SCALE, mode=RoundingMode.HALF_UP)


def daily_rate_percent(rate_percent: Decimal) -> Decimal:
    """The daily rate of the basis `daily_rounded` in percent, with three decimals (10.5 -> 0.029)."""
    return Decimal(daily_rate_thousandths(rate_percent)).scaleb(-3)


def check_span(measure: PeriodMeasure, *, from_on: date, to_on: date) -> None:
    """Refuses a span that ends before it begins, begins before its period, or leaves it (basis `period` only).

    Raises DatesReversed, SpanOutsidePeriod.
    """
    if to_on < from_on:
        raise DatesReversed("the span ends before it begins", field="to_on", from_on=from_on, to_on=to_on)
    if from_on < measure.begin or (to_on > measure.end and measure.basis is InterestBasis.PERIOD):
        raise SpanOutsidePeriod("the span must lie inside its period", field="from_on", from_on=from_on, to_on=to_on)


def rates_over(rate_percent: Rates, *, from_on: date, to_on: date) -> tuple[RateChange, ...]:
    """The rates in force over `[from_on, to_on)`, by date; the first begins at `from_on`. Raises RateInvalid."""
    if isinstance(rate_percent, Decimal):
        return (RateChange(from_on=from_on, rate_percent=rate_percent),)
    in_force: RateChange | None = None
    later: list[RateChange] = []
    for change in sorted(rate_percent, key=attrgetter("from_on")):
        if change.from_on <= from_on:
            in_force = change
        elif change.from_on < to_on:
            later.append(change)
    if in_force is None:
        raise RateInvalid("no rate is in force on the first day", field="rate_percent", from_on=from_on)
    return (RateChange(from_on=from_on, rate_percent=in_force.rate_percent), *later)


def whole_period_ratio(
    rate_percent: Decimal,
    *,
    begin: date,
    end: date,
    basis: InterestBasis,
    day_count: DayCount,
    periods_per_year: tuple[int, int],
    periods: tuple[int, int] = (1, 1),
    maturity: date | None = None,
) -> tuple[int, int]:
    """The coefficient and denominator of one whole period `[begin, end)` at one rate. Raises RateInvalid."""
    if basis is InterestBasis.PERIOD:
        per_year, step = periods_per_year
        return scaled_rate(rate_percent) * step * periods[0], PERCENT_SCALE * per_year * periods[1]
    if basis is InterestBasis.DAILY_ROUNDED:
        return daily_rate_thousandths(rate_percent) * (end.toordinal() - begin.toordinal()), DAILY_SCALE
    units, year = day_count_fraction(begin, end, day_count=day_count, maturity=maturity)
    return scaled_rate(rate_percent) * units, PERCENT_SCALE * year
