"""The columns of a table that is written as a file: their names, and what their cells hold.

Rows hold plain values: text, whole numbers, whole paise, days and instants; None is an empty cell. `table_csv` and
`table_xlsx` write the same rows.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from app.domain.money import PAISE_PER_RUPEE

#: A row, with a value for each column.
Row = Sequence[Any]


class Kind(Enum):
    """What the cells of a column hold. `PAISE` are whole paise, which are written as rupees; `INSTANT` is written as it
    is in its own time zone."""

    TEXT = "text"
    NUMBER = "number"
    PAISE = "paise"
    DAY = "day"
    INSTANT = "instant"


def rupees(paise: int) -> str:
    """Whole paise as the exact number of rupees, as programs write it: `-1234.05`."""
    whole, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    return f"{'-' if paise < 0 else ''}{whole}.{rest:02d}"


class Column(NamedTuple):
    """A column."""

    name: str
    kind: Kind = Kind.TEXT
