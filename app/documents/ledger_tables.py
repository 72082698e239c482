"""The journal and the transfers as rows of a table, and these rows as CSV or as a workbook.

A workbook is written row by row into a file, so its size does not matter. The same rows make the same bytes. An amount
has two columns: rupees for people, and whole paise for programs, because a spreadsheet keeps amounts as binary
fractions.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from app.documents.cell_money import amount_format
from app.domain.accounting.chart import Chart
from app.domain.accounting.journal import JournalDay
from app.domain.money import paise_to_rupees

JOURNAL_COLUMNS: Final = (
    "date", "code", "account", "nature", "book", "product", "debit", "credit", "debit_paise", "credit_paise",
    "transfers",
)  # fmt: skip
TRANSFER_COLUMNS: Final = (
    "booked_on", "value_date", "book", "of", "number", "product", "kind", "debit_code", "debit_account", "credit_code",
    "credit_account", "amount", "amount_paise",
)  # fmt: skip
_MONEY: Final = {"debit": "debit_paise", "credit": "credit_paise", "amount": "amount_paise"}
#: The most rows of a sheet, the header included.
SHEET_ROWS: Final = 1_048_576
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)

Row = Sequence[object]


def journal_rows(day: JournalDay, chart: Chart) -> list[Row]:
    """The lines of a day, in order of their codes."""
    rows = []
    for line in day.lines:
        entry = chart[line.key]
        rows.append(
            (
                day.on, entry.code, entry.name, entry.nature.value, line.book.value, line.product,
                paise_to_rupees(line.debit_paise), paise_to_rupees(line.credit_paise), line.debit_paise,
                line.credit_paise, line.transfers,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row[1], row[4], row[5]))


def csv_head(columns: Sequence[str]) -> bytes:
    """The header row."""
    return csv_lines([columns])


def csv_lines(rows: Iterable[Row]) -> bytes:
    """Rows in UTF-8, with commas and CRLF."""
    file = StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


class LedgerWorkbook:
    """A workbook that is written row by row. After as many rows as a sheet can hold, another sheet begins."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._columns = columns
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
        # Without this the bytes would differ with the time.
        self._book.set_properties({"created": _ANY_DAY})
        self._head = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._formats: dict[str, Any] = {}
        self._places = {name: columns.index(paise) for name, paise in _MONEY.items() if name in columns}
        self._add_sheet()

    def add(self, rows: Iterable[Row]) -> None:
        """Writes rows."""
        for row in rows:
            if self._row == SHEET_ROWS:
                self._add_sheet()
            for column, value in enumerate(row):
                self._write(column, self._columns[column], value, row)
            self._row += 1

    def close(self) -> None:
        """Finishes the file."""
        self._book.close()

    def _add_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._columns) - 1, 16)
        for column, name in enumerate(self._columns):
            self._sheet.write_string(0, column, name, self._head)
        self._row = 1

    def _write(self, column: int, name: str, value: object, row: Row) -> None:
        if name in self._places:
            paise = row[self._places[name]]
            assert isinstance(paise, int), "an amount has its paise"
            self._sheet.write_number(self._row, column, value, self._money(paise))
        elif isinstance(value, date):
            self._sheet.write_datetime(self._row, column, value, self._day)
        elif isinstance(value, int):
            self._sheet.write_number(self._row, column, value)
        else:
            self._sheet.write_string(self._row, column, str(value))

    def _money(self, paise: int) -> Any:
        wanted = amount_format(paise)
        if wanted not in self._formats:
            self._formats[wanted] = self._book.add_format({"num_format": wanted})
        return self._formats[wanted]
