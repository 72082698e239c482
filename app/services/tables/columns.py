"""Reads the texts of a table's columns as days, amounts and numbers.

A file of any kind becomes a header, and rows of text with their numbers in the file. Texts are converted a whole column
at a time. A text that cannot be converted becomes null and is not guessed, because a guessed amount or identity is
worse than a missing one. The fault of a row is the first one found in it.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from app.domain.errors import Invalid
from app.domain.money import MAX_PAISE, PAISE_PER_RUPEE

EXTRA: Final = "extra"
ROW_NUMBER: Final = "row_number"
YEARS: Final = (1900, 2200)
#: No layout has more than a dozen columns; a header of thousands is an attack or a mistake.
MOST_COLUMNS: Final = 256
#: Characters that are stripped from the ends of a field: Unicode white space; U+001C to U+001F, which are white space
#: for Python and not for polars; and characters without width. A row of only these is blank.
SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)
#: What may stand around an amount of rupees: one currency word or sign before it, and `/-` (as on a cheque) after it.
CURRENCY: Final = r"(?i)^(-?)\s*(?:₹|₨|(?:rs|re|inr|rupees)\.?)\s*"
CHEQUE_END: Final = r"\s*/-$"
#: Groups begin with no zero: `0,500` is half a rupee for whoever writes decimals with a comma.
GROUPED: Final = r"^-?[1-9][0-9]{0,2}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]*)?$"


class FileUnreadable(Invalid):
    """The file is not there, is empty, or cannot be read as a table. Check the file."""

    code = "file_unreadable"


class TooManyColumns(FileUnreadable):
    """The header has more columns than any layout needs. Remove the others."""

    code = "too_many_columns"


class LayoutUnknown(Invalid):
    """The header lacks a column that the rows need, or has two for one meaning. Correct the header as the message
    says."""

    code = "layout_unknown"


def column_name(position: int) -> str:
    """The name of the column at a position of the header, from 0."""
    return f"c{position}"


def column_position(name: str) -> int:
    """The position in the header, from 0, of a column."""
    return int(name.removeprefix("c"))


def check_width(header: tuple[str, ...]) -> tuple[str, ...]:
    """The header, if it has no more than `MOST_COLUMNS`. Raises `TooManyColumns`."""
    if len(header) > MOST_COLUMNS:
        raise TooManyColumns(f"the file has more than {MOST_COLUMNS} columns", field="file")
    return header


def stripped(texts: pl.Expr) -> pl.Expr:
    """Fields without spaces at their ends."""
    return texts.str.strip_chars(SPACES)


def without_blank(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not blank. They keep their row numbers."""
    cells = pl.all().exclude(ROW_NUMBER)
    return rows.filter(pl.any_horizontal(cells.is_not_null() & (cells != "")))


def or_null(column: str) -> pl.Expr:
    """A column, null where it is empty."""
    return pl.when(pl.col(column) != "").then(pl.col(column))


def too_many_fields() -> pl.Expr:
    """Whether a row has more fields than the header."""
    return pl.col(EXTRA).is_not_null() & (pl.col(EXTRA) != "")


def first_fault(faults: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The code of the first fault of a row; null if it has none."""
    return pl.coalesce([pl.when(fault).then(pl.lit(code)) for fault, code in faults])


def read_days(texts: pl.Series) -> pl.Series:
    """Days from texts in the form YYYY-MM-DD or D/M/YYYY; null if there is no such day."""
    days = texts.str.to_date("%Y-%m-%d", strict=False)
    if days.null_count() > texts.null_count():
        others = texts.set(days.is_not_null(), None).str.to_date("%d/%m/%Y", strict=False)
        days = days.fill_null(others)
    # The parser reads a two-digit year as a year of the first century, which is out of range.
    return days.set(~days.dt.year().is_between(*YEARS), None)


def read_paise(texts: pl.Series) -> pl.Series:
    """Amounts of rupees as exact paise; null if the text is not an amount. `₹ 1,00,000/-` is one; `-5` is negative."""
    paise = _read_bare_paise(texts)
    if paise.null_count() == texts.null_count():
        return paise
    others = texts.set(paise.is_not_null(), None)
    return paise.fill_null(_read_bare_paise(others.str.replace(CURRENCY, "$1").str.replace(CHEQUE_END, "")))


def _read_bare_paise(texts: pl.Series) -> pl.Series:
    """`read_paise` for texts without a currency."""
    whole = texts.cast(pl.Int64, strict=False)
    limit = MAX_PAISE // PAISE_PER_RUPEE
    paise = whole.clip(-1, limit + 1) * PAISE_PER_RUPEE
    if whole.null_count() == texts.null_count():
        return paise
    # Thousands may be grouped in the Indian or the western way: 1,00,000.50 or 100,000.50.
    text = pl.when(pl.col("text").str.contains(GROUPED)).then(pl.col("text").str.replace_all(",", "", literal=True))
    plain = texts.set(whole.is_not_null(), None).to_frame("text").select(text.otherwise("text"))
    sign, rupees, hundredths = (
        pl.col("text").str.extract(r"^(-?)([0-9]{1,12})(?:\.([0-9]{1,2})0*)?$", n) for n in (1, 2, 3)
    )
    exact = rupees.cast(pl.Int64) * PAISE_PER_RUPEE + hundredths.fill_null("").str.pad_end(2, "0").cast(pl.Int64)
    return paise.fill_null(plain.select(pl.when(sign == "-").then(-1).otherwise(exact)).to_series())


def read_whole(column: str) -> pl.Expr:
    """Whole numbers of up to six digits, also as a spreadsheet writes them (`36.0`); null for other texts."""
    return pl.col(column).str.extract(r"^([0-9]{1,6})(?:\.0*)?$", 1).cast(pl.Int64)


def read_percent(column: str) -> pl.Expr:
    """Percentages of up to three digits and eight decimals, as exact texts without the sign; null for other texts."""
    text = pl.col(column)
    whole = text.str.extract(r"^([0-9]{1,3})(?:\s*%)?$", 1)
    return pl.coalesce(whole, text.str.extract(r"^([0-9]{1,3}\.[0-9]{1,8})0*(?:\s*%)?$", 1))
