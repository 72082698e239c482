"""Closed periods: the books are closed through a day, and nothing is booked on that day or before it.

A transfer is booked on the business date on which it is written, whatever its value date. So a payment with an earlier
value date books its difference today. The business date only moves forward, and a day is closed after it has passed:
the check finds what began before the day was over and is written after it was closed.
"""

from collections.abc import Iterable
from datetime import date

from app.domain.errors import Conflict


class PeriodClosed(Conflict):
    """The transfers would be booked into a period that is closed. Send the request again: it is booked on the present
    business date."""

    code = "period_closed"


def check_open(booked_on: Iterable[date], *, closed_through: date | None) -> None:
    """Checks that none of these days is closed. Raises PeriodClosed."""
    if closed_through is None:
        return
    if (first := min(booked_on, default=None)) is not None and first <= closed_through:
        raise PeriodClosed(f"the books are closed through {closed_through}", closed_through=closed_through)
