"""The periods of a plan, and the interest of each.

Each period has a number, two dates, and the number of regular periods that it counts for. Its interest is a linear
function of its opening balance (`PeriodCost`). Events within the period (a disbursal, a change of rate, interest that
accrued before a new plan) only change the constants of that function. An instalment must not depend on events after it
is set: `costs(known_before=...)` leaves later events out.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from app.domain.calendar import Frequency, add_months, day_count_fraction, due_dates
from app.domain.schedules.interest_measure import (
    InterestBasis,
    PeriodMeasure,
    RateChange,
    rates_over,
    whole_period_ratio,
)
from app.domain.schedules.segments import PeriodCost
from app.domain.schedules.terms import Amortisation, Disbursal, DisbursalsInvalid, OddFirstPeriod, ScheduleTerms

REGULAR = (1, 1)


class Period(NamedTuple):
    """A period `[from_on, due_on)` of the plan. It counts for `periods` regular periods (a ratio)."""

    number: int
    from_on: date
    due_on: date
    periods: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The periods of a plan, and the events after a day.

    Interest is charged from `since` on. `accrued` is the exact interest of the first period before `since` (numerator,
    denominator; paise). `is_offer` is True for a loan that is not disbursed yet: such terms may be refused.
    """

    terms: ScheduleTerms
    periods: Sequence[Period]
    since: date
    draws: Sequence[Disbursal]
    accrued: tuple[int, int] = (0, 1)
    is_offer: bool = False
    # The costs of whole periods by rate: every stage reads the same periods again.
    _whole_period_costs: dict[RateChange, list[PeriodCost]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def rates(self) -> tuple[RateChange, ...]:
        """The rates in force from `since` to the last due date."""
        terms = self.terms
        contract = RateChange(from_on=terms.disbursed_on, rate_percent=terms.annual_rate_percent)
        if not terms.rate_changes:
            return (contract,)
        return rates_over((contract, *terms.rate_changes), from_on=self.since, to_on=self.periods[-1].due_on)

    def stages(self, *, first: int, rates_too: bool) -> list[int]:
        """The indexes of the periods in which the instalment is set: `first`, and later ones with an event."""
        days = [draw.on for draw in self.draws]
        if rates_too:
            days += [change.from_on for change in self.rates()[1:]]
        later = {index for index in map(self._period_of, days) if first < index < len(self.periods)}
        return [first, *sorted(later)]

    def drawn(self, *, first: int, known_before: date | None = None) -> list[int]:
        """The amount (paise) disbursed within each period from `first` on."""
        amounts = [0] * (len(self.periods) - first)
        for draw in self.draws:
            index = self._period_of(draw.on)
            if (known_before is None or draw.on < known_before) and first <= index < len(self.periods):
                amounts[index - first] += draw.amount_paise
        return amounts

    def _period_of(self, day: date) -> int:
        """The index of the period that contains a day; -1 before the first, the number of periods after the last."""
        if day < self.periods[0].from_on:
            return -1
        return bisect_right(self.periods, day, key=attrgetter("due_on"))

    def costs(self, *, first: int, known_before: date | None = None) -> list[PeriodCost]:
        """The cost of each period from `first` on, with the events before `known_before`.

        Periods without events are computed together, and only the others one by one. So the time grows with the number
        of periods and not with periods times events.
        """
        now, *later = self.rates()
        rates = [now, *(change for change in later if known_before is None or change.from_on < known_before)]
        draws = [draw for draw in self.draws if known_before is None or draw.on < known_before]
        if first == 0:
            return [self._first_cost(rates, draws), *self._costs_after_first(1, rates, draws)]
        return self._costs_after_first(first, rates, draws)

    def _costs_after_first(self, first: int, rates: list[RateChange], draws: list[Disbursal]) -> list[PeriodCost]:
        """The costs of the periods after the first one, which are charged as a whole."""
        count = len(self.periods)
        if not draws and len(rates) == 1:
            return self._whole_periods(first, count, rates[0])
        costs: list[PeriodCost] = []
        begins = [max(first, self._period_of(change.from_on) + 1) for change in rates[1:]]
        for rate, begin, end in zip(rates, [first, *begins], [*begins, count], strict=True):
            costs += self._whole_periods(begin, end, rate)
        events = [draw.on for draw in draws] + [change.from_on for change in rates[1:]]
        for index in {index for index in map(self._period_of, events) if first <= index < count}:
            period = self.periods[index]
            costs[index - first] = self._cost(period, period.from_on, rates, draws)
        return costs

    def _whole_periods(self, begin: int, end: int, rate: RateChange) -> list[PeriodCost]:
        """The costs of whole periods without events at one rate, from index `begin` up to `end`."""
        if begin >= end:
            return []
        if self.terms.interest_basis is InterestBasis.PERIOD:
            # On this basis all whole periods cost the same, whatever their number of days.
            return [self._whole(self.periods[begin], rate)] * (end - begin)
        if len(self.draws) < 2:
            return [self._whole(period, rate) for period in self.periods[begin:end]]
        if rate not in self._whole_period_costs:
            self._whole_period_costs[rate] = [self._whole(period, rate) for period in self.periods]
        return self._whole_period_costs[rate][begin:end]

    def _first_cost(self, rates: list[RateChange], draws: list[Disbursal]) -> PeriodCost:
        coefficient, addition, denominator = self._cost(self.periods[0], self.since, rates, draws)
        accrued, per = self.accrued
        if not accrued:
            return PeriodCost(coefficient, addition, denominator)
        return PeriodCost(coefficient * per, addition * per + accrued * denominator, denominator * per)

    def _cost(self, period: Period, since: date, rates: Sequence[RateChange], draws: Sequence[Disbursal]) -> PeriodCost:
        """The cost of a period's days from `since` on, with the known rates and disbursals."""
        inside = [draw for draw in draws if since <= draw.on < period.due_on]
        in_force = rates_over(rates, from_on=since, to_on=period.due_on)
        if since == period.from_on and not inside and len(in_force) == 1:
            return self._whole(period, in_force[0])
        measure = PeriodMeasure(
            basis=self.terms.interest_basis,
            begin=period.from_on,
            end=period.due_on,
            day_count=self.terms.day_count,
            periods_per_year=self.terms.periods_per_year,
            periods=period.periods,
            maturity=self.periods[-1].due_on,
        )
        ends = [change.from_on for change in in_force[1:]] + [period.due_on]

        def weight(from_on: date) -> int:
            return sum(
                measure.coefficient(change.rate_percent, from_on=max(change.from_on, from_on), to_on=end)
                for change, end in zip(in_force, ends, strict=True)
                if end > from_on
            )

        addition = sum(draw.amount_paise * weight(draw.on) for draw in inside)
        return PeriodCost(weight(since), addition, measure.denominator())

    def _whole(self, period: Period, rate: RateChange) -> PeriodCost:
        coefficient, denominator = whole_period_ratio(
            rate.rate_percent,
            begin=period.from_on,
            end=period.due_on,
            basis=self.terms.interest_basis,
            day_count=self.terms.day_count,
            periods_per_year=self.terms.periods_per_year,
            periods=period.periods,
            maturity=self.periods[-1].due_on,
        )
        return PeriodCost(coefficient, 0, denominator)


def build_periods(terms: ScheduleTerms) -> list[Period]:
    """The periods of a new plan, from the date of disbursal to the last due date. Raises what `due_dates` raises."""
    dates = due_dates(
        terms.disbursed_on,
        count=terms.instalments,
        frequency=terms.frequency,
        every=terms.every,
        first_due_on=terms.first_due_on,
        due_day=terms.due_day,
        holiday_rule=terms.holiday_rule,
        holidays=terms.holidays,
        weekend=terms.weekend,
    )
    periods = [Period(1, terms.disbursed_on, dates[0], first_period_weight(terms))]
    for number, due_on in enumerate(dates[1:], start=2):
        periods.append(Period(number, periods[-1].due_on, due_on, REGULAR))
    return periods


def later_disbursals(terms: ScheduleTerms, *, after: date, last_due_on: date) -> list[Disbursal]:
    """The disbursals after a day. Raises DisbursalsInvalid for one on or after the last due date."""
    later = [part for part in terms.disbursals if part.on > after]
    for part in later:
        if part.on >= last_due_on:
            raise DisbursalsInvalid("a disbursal must be before the last due date", field="disbursals", on=part.on)
    return later


def first_period_weight(terms: ScheduleTerms) -> tuple[int, int]:
    """The number of regular periods that the first period counts for, as a ratio: whole periods, and extra days.

    Whole periods are counted back from the first due date (before holidays); the rest is extra days. On the basis
    `period` the extra days are divided by the length of the regular period in which they lie. On `flat` they are
    measured by the day count, on every basis. Otherwise, and where the terms ignore the odd first period, it is (1, 1).
    Source: docs/business-rules.md, schedules and interest.
    """
    follows_plainly = terms.first_due_on is None and terms.due_day is None
    is_flat = terms.amortisation is Amortisation.FLAT
    ignored = is_flat if terms.odd_first_period is None else terms.odd_first_period is OddFirstPeriod.IGNORED
    if follows_plainly or ignored or not (is_flat or terms.interest_basis is InterestBasis.PERIOD):
        return REGULAR
    first = _first_due_on(terms)
    whole, end = _whole_periods_back(terms, first)
    if end == terms.disbursed_on:
        return (whole, 1)
    if is_flat:
        units, year = day_count_fraction(terms.disbursed_on, end, day_count=terms.day_count)
        per_year, step = terms.periods_per_year
        return (whole * year * step + units * per_year, year * step)
    length = end.toordinal() - _regular_date_before(terms, first, whole + 1).toordinal()
    return (whole * length + end.toordinal() - terms.disbursed_on.toordinal(), length)


def has_odd_first_period(terms: ScheduleTerms, periods: Sequence[Period]) -> bool:
    """Whether the first of these periods is period 1 of a flat loan and does not count for exactly one period."""
    weight, parts = periods[0].periods
    return periods[0].number == 1 and weight != parts and terms.amortisation is Amortisation.FLAT


def _whole_periods_back(terms: ScheduleTerms, first: date) -> tuple[int, date]:
    """The number of regular periods, counted back from the first due date, that begin on or after the disbursal.

    The second value is the date on which the earliest of them begins.
    """
    start = terms.disbursed_on
    if terms.frequency in (Frequency.DAY, Frequency.WEEK):
        whole = (first.toordinal() - start.toordinal()) // _step_length(terms)
        return whole, _regular_date_before(terms, first, whole)
    whole = (12 * (first.year - start.year) + first.month - start.month) // _step_length(terms)
    # Counting forward can match a month's end that counting back misses.
    if whole and add_months(start, whole * _step_length(terms)) == first:
        return whole, start
    while (begin := _regular_date_before(terms, first, whole)) < start:
        whole -= 1
    return whole, begin


def _step_length(terms: ScheduleTerms) -> int:
    """The length of a period: in days for days and weeks, in months for months and years."""
    return terms.every * {Frequency.WEEK: 7, Frequency.YEAR: 12}.get(terms.frequency, 1)


def _first_due_on(terms: ScheduleTerms) -> date:
    """The first due date, before holidays."""
    if terms.first_due_on is not None:
        return terms.first_due_on
    return add_months(terms.disbursed_on, _step_length(terms), day=terms.due_day)


def _regular_date_before(terms: ScheduleTerms, first: date, periods: int) -> date:
    """The regular due date that lies `periods` periods before the first due date, on the due day if there is one."""
    if periods == 0:
        return first
    if terms.frequency in (Frequency.DAY, Frequency.WEEK):
        return first - timedelta(days=periods * _step_length(terms))
    # The first month may have been too short for the due day, and this month may not be.
    return add_months(first, -periods * _step_length(terms), day=terms.due_day)
