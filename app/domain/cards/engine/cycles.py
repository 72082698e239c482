"""Statement days: when a cycle of a card account ends.

The statement day is a day of the month from 1 to 28, or the last day. A cycle is the day after the last statement to
the statement day, both included. When the holder moves the statement day, the open cycle ends on the first new day on
or after the date on which it would have ended, so it is never shorter: it has 28 to 62 days.
Source: docs/cards.md, cycles.
"""

from datetime import date, timedelta
from typing import Final

from app.domain.calendar import add_months
from app.domain.errors import Invalid

#: The statement day that means the last day of the month.
LAST_DAY: Final = 31
ONE_DAY: Final = timedelta(days=1)


class StatementDayInvalid(Invalid):
    """A statement day is a day from 1 to 28, or the last day of the month. Choose one of them."""

    code = "statement_day_invalid"


def check_statement_day(day: int) -> None:
    """Raises StatementDayInvalid for a day that is neither 1 to 28 nor `LAST_DAY`."""
    if not (1 <= day <= 28 or day == LAST_DAY):
        raise StatementDayInvalid("a statement day is 1 to 28, or the last day", field="statement_day")


def usual_statement_day(opened_on: date) -> int:
    """The statement day of an account for which nobody chose one: a month after it is opened."""
    return min(opened_on.day, 28)


def statement_on_or_after(on: date, *, day: int) -> date:
    """The first statement date that is not before `on`."""
    found = add_months(on, 0, day=day)
    return found if found >= on else add_months(on, 1, day=day)


def next_statement_on(last_on: date, *, day: int) -> date:
    """The statement date after a statement."""
    return statement_on_or_after(last_on + ONE_DAY, day=day)


def longest_interest_free_days(begins_on: date, ends_on: date, *, due_after_days: int) -> int:
    """The days from the first day of a cycle to the due date of its statement: the longest interest-free time in it."""
    return (ends_on - begins_on).days + due_after_days
