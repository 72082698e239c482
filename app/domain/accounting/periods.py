"""Periods: the books are closed through a day, period after period. Two people do it.

A period begins on the day after the last closed one, so periods never overlap and leave no gap. Only days that are over
can be closed. One person proposes to close, an admin who is another person approves. A closed period stays closed: a
correction is booked on the day on which it is found.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.errors import Conflict, Invalid, NotFound, Rejected
from app.domain.people.access import Actor, Forbidden, Role

ONE_DAY = timedelta(days=1)


class PeriodStatus(StrEnum):
    """The status of a period. Only proposed periods and closed ones count; the others are history."""

    PROPOSED = "proposed"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class PeriodNotFound(NotFound):
    """There is no such period. Check its number."""

    code = "period_not_found"


class PeriodNotOver(Invalid):
    """A period can end only on a day that is over. Name a day before the business date."""

    code = "period_not_over"


class PeriodAlreadyClosed(Invalid):
    """The books are closed through this day or a later one already. Name a later day."""

    code = "period_already_closed"


class PeriodProposed(Conflict):
    """A period is proposed and not decided. Approve, reject or withdraw it first."""

    code = "period_proposed"


class PeriodDecided(Conflict):
    """The period was decided before. Read it to see how."""

    code = "period_decided"


class OwnPeriod(Rejected):
    """The person who proposed to close a period cannot decide it. Ask another admin."""

    code = "own_period"


class BooksBusy(Conflict):
    """Something that began before the period was proposed is still being written. Try again in a minute."""

    code = "books_busy"


class RunsOpen(Conflict):
    """A billing run of a day of the period has not ended, so bills of the period are missing. Let it finish or cancel
    it, and approve then."""

    code = "period_runs_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period, both days included. `maker_id` is the account that proposed to close it."""

    number: int
    begins_on: date
    ends_on: date
    status: PeriodStatus
    maker_id: int


def first_day(*, closed_through: date | None, first_booked_on: date | None, ends_on: date) -> date:
    """The day on which the next period begins: after the closed days, or with the first booking."""
    if closed_through is not None:
        return closed_through + ONE_DAY
    return min(first_booked_on or ends_on, ends_on)


def check_end(ends_on: date, *, today: date, closed_through: date | None) -> None:
    """Checks that a period may end on a day. Raises PeriodNotOver, PeriodAlreadyClosed."""
    if ends_on >= today:
        raise PeriodNotOver(f"the business date is {today}: a period ends before it", field="ends_on")
    if closed_through is not None and ends_on <= closed_through:
        raise PeriodAlreadyClosed(f"the books are closed through {closed_through}", field="ends_on")


def check_decision(period: Period, *, checker: Actor) -> None:
    """Checks that this person may close or reject the period. Raises Forbidden, OwnPeriod, PeriodDecided."""
    if checker.role is not Role.ADMIN:
        raise Forbidden("only an admin may close a period")
    if checker.user_account_id == period.maker_id:
        raise OwnPeriod("the maker of a period cannot decide it")
    _check_proposed(period)


def check_withdrawal(period: Period, *, by: Actor) -> None:
    """Checks that this person may withdraw the period. Raises Forbidden, PeriodDecided."""
    if by.user_account_id != period.maker_id:
        raise Forbidden("only the maker of a period can withdraw it")
    _check_proposed(period)


def _check_proposed(period: Period) -> None:
    if period.status is not PeriodStatus.PROPOSED:
        raise PeriodDecided(f"the period is {period.status} already", status=period.status)
