"""Examples of the regulator, and of lenders that explain its circular to their customers, in numbers.

Each is one instalment that nobody pays: its due date, which is the first day past due, and the day-ends on which it is
SMA-1, SMA-2 and non-performing. Those that lenders publish agree with the circular of 2021-11-12; a few lenders count
from the day after the due date, and are not here.
"""

from datetime import date
from typing import Final, NamedTuple


class Unpaid(NamedTuple):
    """An instalment that nobody pays, and the first day-end of each class."""

    source: str
    due: date
    sma_1: date
    sma_2: date
    npa: date


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _unpaid(source: str, *days: str) -> Unpaid:
    return Unpaid(source, *map(_day, days))


PUBLISHED: Final = (
    _unpaid("DOR.STR.REC.68/21.04.048/2021-22", "2021-03-31", "2021-04-30", "2021-05-30", "2021-06-29"),
    _unpaid("a lender's page, monthly on the 1st", "2021-12-01", "2021-12-31", "2022-01-30", "2022-03-01"),
    _unpaid("a lender's page, monthly on the 5th", "2022-01-05", "2022-02-04", "2022-03-06", "2022-04-05"),
    _unpaid("a lender's page, year of 2023", "2023-03-31", "2023-04-30", "2023-05-30", "2023-06-29"),
    _unpaid("a lender's page, year of 2025", "2025-03-31", "2025-04-30", "2025-05-30", "2025-06-29"),
)
#: The same count across the end of February, in leap years and others.
COUNTED: Final = (
    _unpaid("over 29 February", "2024-01-31", "2024-03-01", "2024-03-31", "2024-04-30"),
    _unpaid("over 28 February", "2023-01-31", "2023-03-02", "2023-04-01", "2023-05-01"),
    _unpaid("due on 29 February", "2024-02-29", "2024-03-30", "2024-04-29", "2024-05-29"),
    _unpaid("due on 28 February", "2025-02-28", "2025-03-30", "2025-04-29", "2025-05-29"),
    _unpaid("over the end of a year into a leap year", "2023-12-31", "2024-01-30", "2024-02-29", "2024-03-30"),
)
