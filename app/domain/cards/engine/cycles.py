"""Statement days: when a cycle of a card account ends.

The statement day is a day of the month from 1 to 28, or the last day. A cycle is the day after the last statement to
the statement day, both included. When the holder moves the statement day, the open cycle ends on the first new day on
or after the date on which it would have ended, so it is never shorter: it has 28 to 62 days.
Source: docs/cards.md, cycles.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from app.domain.calendar import add_months
from app.domain.errors import Invalid, Rejected

#: The statement day that means the last day of the month.
LAST_DAY: Final = 31
ONE_DAY: Final = timedelta(days=1)


#: A cycle has no more days than this, however often its end is moved.
LONGEST_CYCLE: Final = 62


class CycleTooLong(Rejected):
    """The open cycle was made longer before, and with this day it would have more than 62 days. Choose another day, or
    wait for the next statement."""

    code = "card_cycle_too_long"


class StatementDayInvalid(Invalid):
    """A statement day is a day from 1 to 28, or the last day of the month. Choose one of them."""

    code = "statement_day_invalid"


def check_statement_day(day: int) -> None:
    """Raises StatementDayInvalid for a day that is neither 1 to 28 nor `LAST_DAY`."""
    if not (1 <= day <= 28 or day == LAST_DAY):
        raise StatementDayInvalid("a statement day is 1 to 28, or the last day", field="statement_day")


def usual_statement_day(opened_on: date) -> int:
    """The statement day of an account for which nobody chose one: the first cycle is a whole month, or a little more
    where it is opened on one of the last days of a month."""
    return min((opened_on - ONE_DAY).day, 28)


def statement_on_or_after(on: date, *, day: int) -> date:
    """The first statement date that is not before `on`."""
    found = add_months(on, 0, day=day)
    return found if found >= on else add_months(on, 1, day=day)


@lru_cache(maxsize=512)
def next_statement_on(last_on: date, *, day: int) -> date:
    """The statement date after a statement."""
    return statement_on_or_after(last_on + ONE_DAY, day=day)


def moved_end_on(would_end_on: date, *, day: int, on: date) -> date:
    """When the open cycle ends after its statement day is moved on a day: on the first new day on or after the date on
    which it would have ended. An earlier move of the same cycle does not count, but no cycle ends in the past."""
    return statement_on_or_after(max(would_end_on, on), day=day)


def check_cycle(began_on: date, ends_on: date) -> None:
    """Raises CycleTooLong."""
    if (ends_on - began_on).days >= LONGEST_CYCLE:
        raise CycleTooLong(f"a cycle has at most {LONGEST_CYCLE} days", field="statement_day", ends_on=ends_on)


def longest_interest_free_days(begins_on: date, ends_on: date, *, due_after_days: int) -> int:
    """The days from the first day of a cycle to the due date of its statement: the longest interest-free time in it."""
    return (ends_on - begins_on).days + due_after_days
