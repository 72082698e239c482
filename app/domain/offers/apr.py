"""The annual percentage rate (APR): the cost of credit as one figure, by four conventions.

Each convention solves for the rate at which the money that the borrower receives and the money that the borrower pays
have the same present value. The conventions differ in how they measure time between two dates, how they discount a
fraction of a period, and whether they multiply or compound the rate of a period to a year. So the caller names one.

The solver brackets a change of sign and narrows the bracket, so it cannot diverge. Flows that change direction once
have exactly one rate. Other flows may have none or several, and then an error says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from enum import StrEnum
from math import lcm
from typing import NamedTuple, cast

from app.domain.calendar import Frequency, add_months, add_periods, periods_per_year
from app.domain.errors import Invalid
from app.domain.offers.discounting import Time, Valuation
from app.domain.offers.rate_solver import NoConvergence, NoRoot, SeveralRoots, TooManyTurns, solve_growth

__all__ = [
    "AprConvention",
    "CashFlow",
    "NoConvergence",
    "NoRoot",
    "OneSignedFlows",
    "SeveralRoots",
    "TooManyTurns",
    "apr",
]

#: Compounding a daily rate over thousands of years needs larger exponents than the default.
_PRECISE = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN)
#: The rates in an error message are rounded to the sixth decimal of a percent.
_SHOWN = Decimal(1).scaleb(-6)


class AprConvention(StrEnum):
    """The conventions of the annual percentage rate, with their sources."""

    #: Periods a year x the rate of a period: the RBI key facts statement (RBI/2024-25/18 of 15 April 2024, Annex B).
    NOMINAL = "nominal"
    #: Compounded over the year: Directive 2008/48/EC, Annex I; days as in Directive 2014/17/EU, Annex I.
    EFFECTIVE = "effective"
    #: Unit-periods a year x the rate of a unit-period, odd days at simple interest: Regulation Z, Appendix J.
    REGULATION_Z = "regulation_z"
    #: Compounded over days / 365, as spreadsheets do.
    XIRR = "xirr"


class OneSignedFlows(Invalid):
    """All money flows in one direction, or none flows, so there is no rate. Send money in both directions."""

    code = "one_signed_flows"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlow:
    """An amount on a day, in paise: positive when the borrower receives it, negative when the borrower pays it.

    A Decimal amount is an unrounded instalment, which the key facts statement requires.
    """

    on: date
    amount_paise: int | Decimal


class _Scale(NamedTuple):
    """The times of all flows in steps. `steps_per_unit` steps are the unit of the rate; a year has `units_per_year`."""

    times: list[Time]
    steps_per_unit: int
    units_per_year: Decimal
    compounded: bool


_NO_DAYS = Decimal(0)


def apr(
    flows: Sequence[CashFlow], *, convention: AprConvention, frequency: Frequency = Frequency.MONTH, every: int = 1
) -> Decimal:
    """The annual percentage rate of dated flows, in percent a year, exact to at least twelve decimals.

    Flows may be in any order; flows of one day are added. Time begins on the first day. `frequency` and `every` are
    the distance of the instalments: the period of the nominal rate, the unit-period of Regulation Z, and the unit in
    which the effective rate counts whole intervals. The rate is negative when less is paid than received.
    Raises OneSignedFlows, NoRoot, SeveralRoots (`annual_rates`: the rates found, in percent a year), TooManyTurns,
    NoConvergence. Sources: `AprConvention`.
    """
    days, amounts = _by_day(flows)
    _check_directions(amounts)
    with localcontext(_PRECISE):
        scale = _time_scale(days, convention=convention, frequency=frequency, every=every)
        times, amounts = _by_time(scale.times, amounts)
        _check_directions(amounts)
        in_time = Valuation(amounts, times, steps_per_unit=scale.steps_per_unit)
        try:
            growth = solve_growth(in_time, units_per_year=scale.units_per_year)
        except SeveralRoots as several:
            rates = cast(tuple[Decimal, ...], several.details["rates"])
            annual = tuple(_annual_percent(1 + rate, scale).quantize(_SHOWN) for rate in rates)
            raise SeveralRoots(several.message, field=several.field, rates=rates, annual_rates=annual) from None
        return _annual_percent(growth, scale)


def _check_directions(amounts: Sequence[Decimal]) -> None:
    if not amounts or min(amounts) > 0 or max(amounts) < 0:
        raise OneSignedFlows("money must flow in both directions, or there is no rate", field="flows")


def _time_scale(days: Sequence[date], *, convention: AprConvention, frequency: Frequency, every: int) -> _Scale:
    match convention:
        case AprConvention.NOMINAL:
            return _in_periods(days, frequency=frequency, every=every)
        case AprConvention.EFFECTIVE:
            return _in_eu_years(days, frequency=frequency, every=every)
        case AprConvention.XIRR:
            return _Scale([Time((day - days[0]).days, _NO_DAYS) for day in days], 365, Decimal(1), True)
        case AprConvention.REGULATION_Z:
            return _in_unit_periods(days, frequency=frequency, every=every)


def _by_day(flows: Sequence[CashFlow]) -> tuple[list[date], list[Decimal]]:
    """The net flows in order of date, without days that sum to 0."""
    net: dict[date, Decimal] = {}
    with localcontext(_PRECISE):
        for flow in flows:
            net[flow.on] = net.get(flow.on, Decimal(0)) + flow.amount_paise
    days = sorted(day for day, amount in net.items() if amount)
    return days, [net[day] for day in days]


def _annual_percent(growth: Decimal, scale: _Scale) -> Decimal:
    if scale.compounded:
        return 100 * (growth**scale.units_per_year - 1)
    return 100 * (growth - 1) * scale.units_per_year


def _by_time(times: Sequence[Time], amounts: Sequence[Decimal]) -> tuple[list[Time], list[Decimal]]:
    """The net flows in order of time.

    A convention may give two days the same time (29 and 31 March, counted back by months to 28 February; 30 odd days
    and a month). Their flows are added, so that they are not counted as a change of direction.
    """
    net: dict[Time, Decimal] = {}
    for (steps, odd), amount in zip(times, amounts, strict=True):
        time = Time(steps + 1, _NO_DAYS) if odd == 1 else Time(steps, odd)
        net[time] = net.get(time, Decimal(0)) + amount
    kept = sorted(time for time, amount in net.items() if amount)
    return kept, [net[time] for time in kept]


def _in_periods(days: Sequence[date], *, frequency: Frequency, every: int) -> _Scale:
    """Whole periods from the first day, and the rest as a share of the days of the period in which it lies."""
    per_year, step = periods_per_year(frequency, every=every)
    whole_and_part: list[tuple[int, int, int]] = []
    for day in days:
        count = _whole_periods(days[0], day, frequency=frequency, every=every)
        begin = add_periods(days[0], count, frequency=frequency, every=every)
        end = add_periods(days[0], count + 1, frequency=frequency, every=every)
        whole_and_part.append((count, (day - begin).days, (end - begin).days))
    steps = lcm(*(length if part else 1 for _, part, length in whole_and_part))
    times = [Time(count * steps + part * steps // length, _NO_DAYS) for count, part, length in whole_and_part]
    return _Scale(times, steps, Decimal(per_year) / step, False)


def _whole_periods(start: date, day: date, *, frequency: Frequency, every: int) -> int:
    """The number of whole periods, counted forward from `start`, that end on or before a day."""
    if frequency in (Frequency.DAY, Frequency.WEEK):
        return (day - start).days // (every * (7 if frequency is Frequency.WEEK else 1))
    months = every * (12 if frequency is Frequency.YEAR else 1)
    count = (12 * (day.year - start.year) + day.month - start.month) // months
    return count - 1 if add_months(start, count * months) > day else count


def _months_back(start: date, day: date) -> int:
    """The number of whole months, measured back from a day, that begin on or after `start`.

    Measured back from a month's end, the other end is a month's end too (31 March, back to 28 February), as both
    regulations require.
    """
    months = 12 * (day.year - start.year) + day.month - start.month
    if months and add_months(start, months) == day:
        return months
    return months - 1 if add_months(day, -months) < start else months


def _begin_of_whole_months(start: date, day: date, months: int) -> date:
    """The date on which the whole months before a day begin. It is `start` when they reach it exactly."""
    return start if add_months(start, months) == day else add_months(day, -months)


def _in_eu_years(days: Sequence[date], *, frequency: Frequency, every: int) -> _Scale:
    """Whole weeks, months or years counted back to the first day, by the distance of the flows, and the rest in days.

    A year is 52 weeks or 12 equal months. The rest is always in days: when instalments are years, 12 months or days
    apart, whole years are counted. The rest is divided by the days (365 or 366) of the year that ends with it.
    Source: Directive 2008/48/EC, Annex I, remark c; Directive 2014/17/EU, Annex I, remark c, ii and iii.
    """
    fractions: list[tuple[int, int]] = []
    by_month = frequency is Frequency.MONTH and every % 12 != 0
    for day in days:
        if frequency is Frequency.WEEK:
            units, left = divmod((day - days[0]).days, 7)
            whole, since = (units, 52), date.fromordinal(days[0].toordinal() + left)
        else:
            months = _months_back(days[0], day)
            if not by_month:
                months -= months % 12
            whole, since = (months, 12), _begin_of_whole_months(days[0], day, months)
        odd = (since - days[0]).days
        year = (since - add_months(since, -12)).days if odd else 1
        fractions.append((whole[0] * year + odd * whole[1], whole[1] * year))
    steps = lcm(*(denominator for _, denominator in fractions))
    times = [Time(numerator * steps // denominator, _NO_DAYS) for numerator, denominator in fractions]
    return _Scale(times, steps, Decimal(1), True)


def _in_unit_periods(days: Sequence[date], *, frequency: Frequency, every: int) -> _Scale:
    """Full unit-periods and odd days from the beginning of the term. Source: Regulation Z, Appendix J, (b)(5)."""
    if len(days) == 2:
        return _single_payment(days[0], days[1])
    per_year, step = periods_per_year(frequency, every=every)
    times: list[Time] = []
    for day in days:
        if frequency in (Frequency.DAY, Frequency.WEEK):
            length = every * (7 if frequency is Frequency.WEEK else 1)
            full, odd = divmod((day - days[0]).days, length)
            times.append(Time(full, Decimal(odd) / length))
        else:
            times.append(
                _monthly_unit_periods(days[0], day, months=12 * every if frequency is Frequency.YEAR else every)
            )
    return _Scale(times, 1, Decimal(per_year) / step, False)


def _monthly_unit_periods(start: date, day: date, *, months: int) -> Time:
    """Unit-periods of months, measured back from a day. Odd days are divided by 30, or by 365 for a year."""
    whole_months = _months_back(start, day)
    odd = (_begin_of_whole_months(start, day, whole_months) - start).days
    full, left = divmod(whole_months, months)
    if months % 12:
        return Time(full, Decimal(30 * left + odd) / (30 * months))
    if not odd:
        return Time(full, Decimal(left) / months)
    since = _begin_of_whole_months(start, day, full * months)
    return Time(full, Decimal((since - start).days) / (365 * (months // 12)))


def _single_payment(start: date, day: date) -> _Scale:
    """One advance and one payment: the unit-period is the term, but at most a year."""
    months = _months_back(start, day)
    whole = _begin_of_whole_months(start, day, months) == start
    if months >= 12:
        return _Scale([Time(0, _NO_DAYS), _monthly_unit_periods(start, day, months=12)], 1, Decimal(1), False)
    per_year = Decimal(12) / months if whole else Decimal(365) / (day - start).days
    return _Scale([Time(0, _NO_DAYS), Time(1, _NO_DAYS)], 1, per_year, False)
