"""Generated data as files, in the forms in which such data comes: two workbooks and a CSV file.

The same sample is the same bytes: nothing of the clock or the machine gets into a workbook, so that a file that is made
again is known again by its hash. A workbook that would be too long for an import is written as CSV instead.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from app.services.samples.generator import (
    CUSTOMER_HEADER,
    LOAN_HEADER,
    Sample,
    make_customers,
    make_loans,
    make_transactions,
)
from app.services.tables.archives import MOST_ROWS

#: What the real workbooks end with: rows that have a format and no content.
BLANK_ROWS: Final = 3
ROWS_AT_ONCE: Final = 20_000
MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Above this, a column of a workbook would be refused when it is read again.
LONGEST_WORKBOOK: Final = MOST_ROWS - BLANK_ROWS - 1

Report = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedFiles:
    """Where the files are."""

    customers: Path
    loans: Path
    transactions: Path


def write_files(sample: Sample, *, folder: Path, report: Report = lambda _name, _rows: None) -> GeneratedFiles:
    """Writes the three files, over those that are there. `report` hears how many rows of which file are written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = GeneratedFiles(
        customers=folder / f"customer_data.{_suffix(sample.customers)}",
        loans=folder / f"loan_data.{_suffix(sample.loans)}",
        transactions=folder / "bank_transactions.csv",
    )
    people = make_customers(sample)
    _write(files.customers, CUSTOMER_HEADER, people.iter_rows(), report=lambda rows: report("customers", rows))
    _write(files.loans, LOAN_HEADER, _loans(sample), report=lambda rows: report("loans", rows))
    _write_transactions(sample, files.transactions, report=report)
    return files


def _suffix(rows: int) -> str:
    return "xlsx" if rows <= LONGEST_WORKBOOK else "csv"


def _loans(sample: Sample) -> Iterator[Sequence[Any]]:
    for first in range(0, sample.loans, ROWS_AT_ONCE):
        yield from make_loans(sample, first=first, count=ROWS_AT_ONCE)


def _write(path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]], *, report: Callable[[int], None]) -> None:
    if path.suffix == ".csv":
        _write_csv(path, header, rows, report=report)
    else:
        _write_workbook(path, header, rows, report=report)


def _write_workbook(
    path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]], *, report: Callable[[int], None]
) -> None:
    written = 0
    # Row by row to the disk: a sheet of any length takes no more memory than one of its rows.
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        book.set_properties({"created": MADE_AT})
        sheet = book.add_worksheet("Sheet1")
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        sheet.write_row(0, 0, header)
        for written, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(written, column, value, day)
                else:
                    sheet.write(written, column, value)
            if written % 1_000 == 0:
                report(1_000)
        for blank in range(BLANK_ROWS):
            sheet.write_blank(written + 1 + blank, 1, None, day)
    report(written % 1_000)


def _write_csv(
    path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]], *, report: Callable[[int], None]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(header) + "\r\n")
        buffer, held = StringIO(), 0
        for row in rows:
            buffer.write(",".join(map(str, row)) + "\r\n")
            held += 1
            if held == ROWS_AT_ONCE:
                file.write(buffer.getvalue())
                report(held)
                buffer, held = StringIO(), 0
        file.write(buffer.getvalue() + "\r\n" * BLANK_ROWS)
        report(held)


def _write_transactions(sample: Sample, path: Path, *, report: Report) -> None:
    with path.open("wb") as file:
        file.write(b"user_id,transaction_date,amount,type,description\r\n")
        for block in make_transactions(sample):
            block.write_csv(file, include_header=False, line_terminator="\r\n")
            report("transactions", block.height)
        file.write(b"\r\n" * BLANK_ROWS)
