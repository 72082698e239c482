"""The portfolio summary: classes of days past due, the months of a year, and bands of scores.

The days past due of a loan are counted from the due date of its oldest unpaid bill, as they stand at the last day-end.
The classes end where the rulebook ends SMA-0, SMA-1 and SMA-2. A loan in class 0 has nothing overdue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Rule

MONTHS: Final = 12
#: For each scorecard: the points of one band, the lowest score and the highest score.
BANDS: Final[Mapping[str, tuple[int, int, int]]] = {"bank_balance": (50, 300, 900), "loan_history": (10, 0, 100)}
DEFAULT_BAND: Final = (50, 0, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of scores, both ends included, and its number of customers."""

    low: int
    high: int
    customers: int


def age_bounds(rulebook: Rulebook, *, on: date, lender: LenderKind) -> tuple[int, ...]:
    """The last day past due of each class of late loans, except of the last class, which has no end."""
    rules = (Rule.SMA_1_AFTER_DAYS, Rule.SMA_2_AFTER_DAYS, Rule.NPA_AFTER_DAYS)
    rows = (rulebook.find_or_none(rule, on=on, lender=lender) for rule in rules)
    return tuple(row.number for row in rows if row is not None)


def age_names(bounds: Sequence[int]) -> tuple[str, ...]:
    """The names of the classes: `0`, `1-30`, `31-60`, `61-90`, `90+`."""
    starts = (1, *(bound + 1 for bound in bounds))
    spans = (f"{first}-{last}" for first, last in zip(starts, bounds, strict=False))
    return ("0", *spans, f"{bounds[-1]}+" if bounds else "1+")


def last_months(on: date, *, count: int = MONTHS) -> tuple[date, ...]:
    """The first days of the last `count` months, the month of `on` included, oldest first."""
    last = on.year * 12 + on.month - 1
    return tuple(date(month // 12, month % 12 + 1, 1) for month in range(last - count + 1, last + 1))


def score_bands(scorecard: str, counts: Iterable[tuple[int, int]]) -> Sequence[Band]:
    """The bands over the whole range of a scorecard, including empty ones, from pairs (score, number of customers).

    The highest score belongs to the last band: 900 is in 850 to 900. A scorecard without a known range has bands from
    the lowest found score to the highest.
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
        # A score outside the range belongs to the first or the last band.
        customers[min(max((low - lowest) // width * width + lowest, lowest), starts[-1])] += count
    return tuple(
        Band(low=start, high=highest if start == starts[-1] else start + width - 1, customers=customers[start])
        for start in starts
    )
