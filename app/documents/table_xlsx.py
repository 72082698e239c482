"""A table as a workbook, for use in a spreadsheet: a header row that stays in view, days as days, rupees as numbers.

Rows are written to a temporary file as they come, so a long table takes no more memory than a short one. An amount is
written as the exact decimal number. Its commas are those of lakhs and crores, from a format that is chosen for each
cell: one format for all sizes makes some programs drop the minus.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from app.domain.money import paise_to_rupees

#: Amounts below so many rupees have this format. Each has a part for amounts below zero.
_FORMATS: Final = (
    (1_000, "0.00"),
    (1_00_000, r"##\,##0.00"),
    (1_00_00_000, r"##\,##\,##0.00"),
    (100_00_00_000, r"##\,##\,##\,##0.00"),
    (10_000_00_00_000, r"##\,##\,##\,##\,##0.00"),
)
_LARGEST: Final = r"##\,##\,##\,##\,##\,##0.00"
_DAY: Final = "dd-mmm-yyyy"
_INSTANT: Final = "dd-mmm-yyyy hh:mm"
_WIDTH: Final = 16
#: Bytes that are sent at a time.
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Paise:
    """An amount of a cell."""

    paise: int


def amount_format(paise: int) -> str:
    """The format of an amount: its commas at thousands, lakhs and crores, and a minus below zero."""
    for below, pattern in _FORMATS:
        if abs(paise) < below * 100:
            return f"{pattern};-{pattern}"
    return f"{_LARGEST};-{_LARGEST}"


class TableWorkbook:
    """A workbook of one sheet that is written row by row. `open_workbook` makes one."""

    def __init__(self, path: Path, columns: Sequence[str], *, sheet: str) -> None:
        self._path = path
        # Without a number of its own, a text that begins with `=` would become a formula and a `http` text a link.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(sheet)
        self._formats: dict[str, Any] = {}
        heading = self._book.add_format({"bold": True, "bottom": 1})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(columns) - 1, _WIDTH)
        self._sheet.write_row(0, 0, columns, heading)
        self._sheet.autofilter(0, 0, 0, len(columns) - 1)
        self._rows = 0

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Writes rows. A None is an empty cell. An instant is written as it is in its own time zone."""
        for row in rows:
            self._rows += 1
            for place, value in enumerate(row):
                self._write(place, value)

    def read(self) -> Iterator[bytes]:
        """Ends the workbook, and gives the file a part at a time."""
        self._book.close()
        with self._path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block

    def _write(self, place: int, value: object) -> None:
        sheet, row = self._sheet, self._rows
        if value is None:
            return
        if isinstance(value, Paise):
            pattern = amount_format(value.paise)
            sheet.write_number(row, place, paise_to_rupees(value.paise), self._format(pattern))
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value.replace(tzinfo=None), self._format(_INSTANT))
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, self._format(_DAY))
        elif isinstance(value, int) and not isinstance(value, bool):
            sheet.write_number(row, place, value)
        else:
            sheet.write_string(row, place, str(value))

    def _format(self, pattern: str) -> Any:
        if pattern not in self._formats:
            self._formats[pattern] = self._book.add_format({"num_format": pattern})
        return self._formats[pattern]


@contextmanager
def open_workbook(columns: Sequence[str], *, sheet: str) -> Iterator[TableWorkbook]:
    """A workbook in a temporary file, which is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="kist-") as folder:
        yield TableWorkbook(Path(folder) / "table.xlsx", columns, sheet=sheet)
