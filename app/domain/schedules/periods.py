"""The periods of a plan and what each of them costs.

Terms become rows: a number, two dates, and how many regular periods the row stands for. A row's interest is linear in
the balance it opens with (`PeriodCost`); whatever is known to happen within it (money disbursed, a rate that changes,
interest accrued before a re-plan) only changes the two constants of the line. What is *not yet known* when an
instalment is set must not be in it: `costs(known_before=...)` leaves later events out.
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
    """A row of the plan before money: `[from_on, due_on)`, standing for `periods` regular periods (a ratio)."""

    number: int
    from_on: date
    due_on: date
    periods: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Periods from a day on, and the events known to lie ahead of it.

    `since` is the first day that is still to be charged, `accrued` the exact interest of the first period before it.
    `is_offer` tells a loan that is not made yet, and may be refused, from a living one.
    """

    terms: ScheduleTerms
    periods: Sequence[Period]
    since: date
    draws: Sequence[Disbursal]
    accrued: tuple[int, int] = (0, 1)
    is_offer: bool = False
    # Every stage asks for the same periods again.
    _priced: dict[RateChange, list[PeriodCost]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rates(self) -> tuple[RateChange, ...]:
        """The rates in force from `since` to the last due date."""
        terms = self.terms
        contract = RateChange(from_on=terms.disbursed_on, rate_percent=terms.annual_rate_percent)
        if not terms.rate_changes:
            return (contract,)
        return rates_over((contract, *terms.rate_changes), from_on=self.since, to_on=self.periods[-1].due_on)

    def stages(self, *, first: int, rates_too: bool) -> list[int]:
        """The rows from `first` on in which an instalment is set anew: the first, and those with an event in them."""
        days = [draw.on for draw in self.draws]
        if rates_too:
            days += [change.from_on for change in self.rates()[1:]]
        later = {index for index in map(self._period_of, days) if first < index < len(self.periods)}
        return [first, *sorted(later)]

    def drawn(self, *, first: int, known_before: date | None = None) -> list[int]:
        """What is disbursed within each period from `first` on."""
        amounts = [0] * (len(self.periods) - first)
        for draw in self.draws:
            index = self._period_of(draw.on)
            if (known_before is None or draw.on < known_before) and first <= index < len(self.periods):
                amounts[index - first] += draw.amount_paise
        return amounts

    def _period_of(self, day: date) -> int:
        """The index of the period that a day lies in; -1 before the first one, the number of periods after the last."""
        if day < self.periods[0].from_on:
            return -1
        return bisect_right(self.periods, day, key=attrgetter("due_on"))

    def costs(self, *, first: int, known_before: date | None = None) -> list[PeriodCost]:
        """What each period from `first` on costs, as far as is known before a date.

        Periods in which nothing happens cost what they are worth at the rate in force; the others are few, and looked
        at one by one, so that the work grows with the periods and not with periods times events.
        """
        now, *later = self.rates()
        rates = [now, *(change for change in later if known_before is None or change.from_on < known_before)]
        draws = [draw for draw in self.draws if known_before is None or draw.on < known_before]
        if first == 0:
            return [self._first_cost(rates, draws), *self._costs_behind(1, rates, draws)]
        return self._costs_behind(first, rates, draws)

    def _costs_behind(self, first: int, rates: list[RateChange], draws: list[Disbursal]) -> list[PeriodCost]:
        """The costs of whole periods, behind the first one."""
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
        """What periods behind the first one cost in which nothing happens, at a rate."""
        if begin >= end:
            return []
        if self.terms.interest_basis is InterestBasis.PERIOD:
            # All are whole and alike, however many days they have.
            return [self._whole(self.periods[begin], rate)] * (end - begin)
        if len(self.draws) < 2:
            return [self._whole(period, rate) for period in self.periods[begin:end]]
        if rate not in self._priced:
            self._priced[rate] = [self._whole(period, rate) for period in self.periods]
        return self._priced[rate][begin:end]

    def _first_cost(self, rates: list[RateChange], draws: list[Disbursal]) -> PeriodCost:
        coefficient, addition, denominator = self._cost(self.periods[0], self.since, rates, draws)
        accrued, per = self.accrued
        if not accrued:
            return PeriodCost(coefficient, addition, denominator)
        return PeriodCost(coefficient * per, addition * per + accrued * denominator, denominator * per)

    def _cost(self, period: Period, since: date, rates: Sequence[RateChange], draws: Sequence[Disbursal]) -> PeriodCost:
        """The cost of the days of a period from `since` on, at the known rates, with the known disbursals in it."""
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


def lay_out(terms: ScheduleTerms) -> list[Period]:
    """The periods of a new plan, from the day of disbursal through all its due dates."""
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
    """Disbursals after a day. Raises DisbursalsInvalid for one that no instalment is left to repay."""
    later = [part for part in terms.disbursals if part.on > after]
    for part in later:
        if part.on >= last_due_on:
            raise DisbursalsInvalid("every disbursal must be before the last due date", field="disbursals", on=part.on)
    return later


def first_period_weight(terms: ScheduleTerms) -> tuple[int, int]:
    """How many regular periods the first one stands for: whole ones, and days of another. One where that is ignored.

    Whole periods are counted back from the first due date (before holidays), and days are left over. On the basis
    `period` they count against the length of the regular period they lie in; on `flat`, whose interest is a matter of
    years, by the day count, and on every basis. The other bases count days anyway and need no weight.
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
    length = end.toordinal() - _back(terms, first, whole + 1).toordinal()
    return (whole * length + end.toordinal() - terms.disbursed_on.toordinal(), length)


def has_odd_first_period(terms: ScheduleTerms, periods: Sequence[Period]) -> bool:
    """Whether the first of these periods is the first of the loan, and counts for more or less than a regular one."""
    weight, parts = periods[0].periods
    return periods[0].number == 1 and weight != parts and terms.amortisation is Amortisation.FLAT


def _whole_periods_back(terms: ScheduleTerms, first: date) -> tuple[int, date]:
    """How many regular periods, counted back from the first due date, begin on the day of disbursal or after it, and
    where they begin."""
    start = terms.disbursed_on
    if terms.frequency in (Frequency.DAY, Frequency.WEEK):
        whole = (first.toordinal() - start.toordinal()) // _step(terms)
        return whole, _back(terms, first, whole)
    whole = (12 * (first.year - start.year) + first.month - start.month) // _step(terms)
    # A month's end, clamped, is reached from the front where it is not from the back.
    if whole and add_months(start, whole * _step(terms)) == first:
        return whole, start
    while (begin := _back(terms, first, whole)) < start:
        whole -= 1
    return whole, begin


def _step(terms: ScheduleTerms) -> int:
    """The length of a period in days, or in months."""
    return terms.every * {Frequency.WEEK: 7, Frequency.YEAR: 12}.get(terms.frequency, 1)


def _first_due_on(terms: ScheduleTerms) -> date:
    """The first due date, before holidays."""
    if terms.first_due_on is not None:
        return terms.first_due_on
    return add_months(terms.disbursed_on, _step(terms), day=terms.due_day)


def _back(terms: ScheduleTerms, first: date, periods: int) -> date:
    """The regular due date that many periods before the first one, on the due day where there is one."""
    if periods == 0:
        return first
    if terms.frequency in (Frequency.DAY, Frequency.WEEK):
        return first - timedelta(days=periods * _step(terms))
    # The due day may have been clamped in the first month and not be in this one.
    return add_months(first, -periods * _step(terms), day=terms.due_day)
