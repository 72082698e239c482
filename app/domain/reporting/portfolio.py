"""The portfolio at a glance: the ages of debt, the months of a year, and scores put into bands.

An age of debt is how many days the oldest unpaid bill of a loan is past its due date. The classes are the usual ones,
of thirty days each; the class 0 owes nothing that is late.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

MONTHS: Final = 12
#: The last day of each class of age but the first and the last.
AGE_BOUNDS: Final = (30, 60, 90)
AGE_NAMES: Final = ("0", "1-30", "31-60", "61-90", "90+")
#: Of which scorecards how many points are one band, and from where to where scores go.
BANDS: Final[Mapping[str, tuple[int, int, int]]] = {"bank_balance": (50, 300, 900), "loan_history": (10, 0, 100)}
DEFAULT_BAND: Final = (50, 0, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of scores, both ends included, and how many customers are in it."""

    low: int
    high: int
    customers: int


def last_months(on: date, *, count: int = MONTHS) -> tuple[date, ...]:
    """The first days of the `count` months that end with the month of `on`, oldest first."""
    last = on.year * 12 + on.month - 1
    return tuple(date(month // 12, month % 12 + 1, 1) for month in range(last - count + 1, last + 1))


def score_bands(scorecard: str, counts: Iterable[tuple[int, int]]) -> Sequence[Band]:
    """Counts of scores by their lowest point as bands over the whole range of a scorecard, empty ones included.

    The highest score belongs to the band below it: 900 is in 850 to 900. A scorecard of which we know no range has
    bands from its lowest score to its highest.
    """
    found = dict(counts)
    if not found:
        return ()
    width, lowest, highest = BANDS.get(scorecard, DEFAULT_BAND)
    if scorecard not in BANDS:
        lowest, highest = min(found) // width * width, max(found) // width * width + width
    starts = range(lowest, highest, width)
    customers = dict.fromkeys(starts, 0)
    for low, count in found.items():
        # A score outside the range of its card belongs to the band at that end.
        customers[min(max((low - lowest) // width * width + lowest, lowest), starts[-1])] += count
    return tuple(
        Band(low=start, high=highest if start == starts[-1] else start + width - 1, customers=customers[start])
        for start in starts
    )
