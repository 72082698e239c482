"""How days become interest: rates as integers, and the weight of a run of days on each interest basis.

An annual rate in percent is turned once into an integer of a fixed unit. From then on interest is integer arithmetic:
`balance x coefficient / denominator`, where the coefficient is a matter of the days and the denominator of the basis
and the period alone, so that the parts of a period are added by adding numerators.
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

#: Annual rates carry at most eight decimals of a percent, so that every rate is an integer in one common unit.
_RATE_SCALE = 100_000_000
#: Divides `balance x scaled rate` into paise a year: the scale, and the hundred of "percent".
PERCENT_SCALE = 100 * _RATE_SCALE
#: Daily rates are held in thousandths of a percent (the source systems' `round(apr / 365, 3)`).
DAILY_SCALE = 100 * 1000


class InterestBasis(StrEnum):
    """What a period's interest is counted by (domain.md, section 6)."""

    #: R / m for a whole period whatever its length, a part of one by its days.
    PERIOD = "period"
    #: balance x R / 100 x the day-count fraction.
    DAYS = "days"
    #: balance x days x (R / 365 rounded half up to three decimals of a percent).
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


#: One rate throughout, or changes in order of date, the first of them on or before the beginning.
Rates = Decimal | Sequence[RateChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMeasure:
    """How the days of one period `[begin, end)` turn into interest: `balance x coefficient / denominator` paise.

    `periods` is how many regular periods an odd one stands for (a ratio; (1, 1) for every regular one) and matters to
    the basis `period` only, as `periods_per_year` does.
    """

    basis: InterestBasis
    begin: date
    end: date
    day_count: DayCount = DayCount.ACTUAL_365F
    periods_per_year: tuple[int, int] = (12, 1)
    periods: tuple[int, int] = (1, 1)
    maturity: date | None = None

    def denominator(self) -> int:
        """What every coefficient of this period is divided by."""
        if self.basis is InterestBasis.DAILY_ROUNDED:
            return DAILY_SCALE
        if self.basis is InterestBasis.DAYS:
            return PERCENT_SCALE * YEAR_UNITS[self.day_count]
        days = self.end.toordinal() - self.begin.toordinal()
        return PERCENT_SCALE * self.periods_per_year[0] * self.periods[1] * days

    def coefficient(self, rate_percent: Decimal, *, from_on: date, to_on: date) -> int:
        """The weight of the days `[from_on, to_on)` at a rate.

        Thirty-day months do not add up over an arbitrary split, so both ends are counted from the period's begin:
        the parts of a period always sum to the whole.
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
    """An annual rate in percent as an integer of 1e-8 percent. Raises RateInvalid."""
    if not rate_percent.is_finite() or rate_percent < 0:
        raise RateInvalid("an annual rate must be a percentage from zero upwards", field="annual_rate")
    numerator, denominator = rate_percent.as_integer_ratio()
    scaled, rest = divmod(numerator * _RATE_SCALE, denominator)
    if rest:
        raise RateInvalid("an annual rate has at most eight decimals", field="annual_rate")
    return scaled


@lru_cache(maxsize=4096)
def daily_rate_thousandths(rate_percent: Decimal) -> int:
    """The daily rate round(R / 365, 3), half up, as an integer of 0.001 percent (10.5 % a year -> 29)."""
    return round_ratio(scaled_rate(rate_percent) * 1000, 365 * _RATE_SCALE, mode=RoundingMode.HALF_UP)


def daily_rate_percent(rate_percent: Decimal) -> Decimal:
    """The daily rate of the basis `daily_rounded` in percent, with three decimals (10.5 -> 0.029)."""
    return Decimal(daily_rate_thousandths(rate_percent)).scaleb(-3)


def check_span(measure: PeriodMeasure, *, from_on: date, to_on: date) -> None:
    """Refuse a span that runs backwards or, on the basis `period`, one that leaves its period."""
    if to_on < from_on:
        raise DatesReversed("the span ends before it begins", field="to_on", from_on=from_on, to_on=to_on)
    if from_on < measure.begin or (to_on > measure.end and measure.basis is InterestBasis.PERIOD):
        raise SpanOutsidePeriod("the span must be inside its period", field="from_on", from_on=from_on, to_on=to_on)


def rates_over(rate_percent: Rates, *, from_on: date, to_on: date) -> tuple[RateChange, ...]:
    """The rates in force over `[from_on, to_on)`; the first one begins at `from_on`. Raises RateInvalid."""
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
    """Coefficient and denominator of one whole period `[begin, end)` at one rate, without a PeriodMeasure."""
    if basis is InterestBasis.PERIOD:
        per_year, step = periods_per_year
        return scaled_rate(rate_percent) * step * periods[0], PERCENT_SCALE * per_year * periods[1]
    if basis is InterestBasis.DAILY_ROUNDED:
        return daily_rate_thousandths(rate_percent) * (end.toordinal() - begin.toordinal()), DAILY_SCALE
    units, year = day_count_fraction(begin, end, day_count=day_count, maturity=maturity)
    return scaled_rate(rate_percent) * units, PERCENT_SCALE * year
