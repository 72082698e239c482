"""The monitoring period of a restructured loan: when it begins and ends, and whether there was a default in it.

The period begins with the restructuring, or with the first payment after it, as the rulebook says; and not while
something is unpaid that had fallen due by the restructuring, because until then the new terms are not kept. It ends on
the day on which the loan has repaid enough and long enough. A default in it, of any facility of the borrower, counts
even when it is paid the day after: the loan is then standard only after another restructuring, whose own period begins
anew. Source: docs/decisions/0057.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.delinquency.classes import ClassRules
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.restructurings import Restructuring, Trial

_DAY = timedelta(days=1)


class Default(NamedTuple):
    """A default within a monitoring period: the instalment of which facility, and the first day-end that shows it."""

    key: FacilityKey
    arrear: Arrear
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """A restructured facility at a day-end. `begins_on` is None while the period has not begun, `passes_on` while the
    part is not repaid or the time has no beginning."""

    restructuring: Restructuring
    trial: Trial
    begins_on: date | None
    passes_on: date | None
    default: Default | None

    def is_open(self, on: date) -> bool:
        """Whether the loan has not shown yet what it has to show."""
        if self.default is not None and self.trial.anew_after_default:
            return True
        return self.begins_on is None or self.passes_on is None or on < self.passes_on


def monitoring_of(
    facility: Facility, facilities: Iterable[Facility], rules: ClassRules, *, on: date
) -> Monitoring | None:
    """How a facility stands at a day-end with what its latest restructuring asks for. None: it was not restructured for
    financial difficulty by then, or no rule asked for anything."""
    # Of two on one day the later one counts.
    made = facility.restructurings
    for place in sorted(range(len(made)), key=lambda place: (made[place].on, place), reverse=True):
        one = made[place]
        trial = rules.trial(one.on, borrower=facility.borrower) if one.on <= on else None
        if trial is not None:
            return _judged(one, trial, [(each.key, arrear) for each in facilities for arrear in each.arrears], on=on)
    return None


def _judged(
    restructuring: Restructuring, trial: Trial, arrears: Sequence[tuple[FacilityKey, Arrear]], *, on: date
) -> Monitoring:
    begins = _begins_on(restructuring, trial, arrears)
    passes = trial.passed_on(restructuring)
    if begins is not None and passes is not None:
        passes = max(begins, passes)
    default = None
    if begins is not None and begins <= on:
        ends = on + _DAY if passes is None else min(passes, on + _DAY)
        is_over = passes is not None and passes <= on
        default = _first_default(trial, arrears, begins=begins, ends=ends, is_over=is_over)
    return Monitoring(restructuring=restructuring, trial=trial, begins_on=begins, passes_on=passes, default=default)


def _begins_on(
    restructuring: Restructuring, trial: Trial, arrears: Sequence[tuple[FacilityKey, Arrear]]
) -> date | None:
    begins = restructuring.on if trial.at_once else restructuring.first_due_on
    for _, arrear in arrears:
        if begins is not None and arrear.is_unpaid(restructuring.on):
            begins = None if arrear.cleared_on is None else max(begins, arrear.cleared_on)
    return begins


def _first_default(
    trial: Trial, arrears: Sequence[tuple[FacilityKey, Arrear]], *, begins: date, ends: date, is_over: bool
) -> Default | None:
    """The first default at a day-end of the period, which ends the day before `ends`."""
    found = []
    for key, arrear in arrears:
        late_on = max(begins, arrear.due_on + trial.default_after_days * _DAY)
        if late_on < ends and arrear.is_unpaid(late_on):
            found.append(Default(key, arrear, late_on))
        elif is_over and trial.clear_at_end and arrear.is_unpaid(ends - _DAY):
            found.append(Default(key, arrear, ends - _DAY))
    return min(found, key=lambda each: (each.on, each.arrear.due_on, each.key), default=None)
