"""A table as CSV, for use in a spreadsheet: a header row, commas, CRLF. Amounts are rupees with two decimals.

A spreadsheet would run a text that begins like a formula, so such a text gets an apostrophe before it, which a
spreadsheet does not show. Spreadsheets look past white space at the beginning, and some take full-width signs too.
Source: OWASP, "CSV Injection".
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any, Final

from app.documents.table_columns import Column, Kind, Row, rupees

_SIGNS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BREAKS: Final = ("\t", "\r", "\n")


def harmless(text: str | None) -> str:
    """The text in a form that a spreadsheet does not run as a formula."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_BREAKS) or text.lstrip().startswith(_SIGNS) else text


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The file in UTF-8. A None is an empty cell; a number is never text here, so a negative one stays as it is."""
    return _lines([columns]) + _lines([_cell(cell) for cell in row] for row in rows)


def csv_head(columns: Sequence[Column]) -> bytes:
    """The header row of a table that is written in parts."""
    return _lines([[each.name for each in columns]])


def csv_rows(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """Some rows of such a table. Days and instants are written in ISO form."""
    writers = [_WRITERS.get(each.kind) for each in columns]
    return _lines(
        [
            "" if cell is None else cell if write is None else write(cell)
            for write, cell in zip(writers, row, strict=True)
        ]
        for row in rows
    )


def _cell(value: object) -> object:
    return harmless(value) if value is None or isinstance(value, str) else value


_WRITERS: Final[dict[Kind, Any]] = {Kind.TEXT: harmless, Kind.PAISE: rupees}


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    file = StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()
