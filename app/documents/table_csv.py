"""A table as CSV, for use in a spreadsheet: a header row, commas, CRLF. Amounts are rupees with two decimals."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The file in UTF-8. A None is an empty cell."""
    return csv_rows([columns]) + csv_rows(rows)


def csv_rows(rows: Iterable[Sequence[object]]) -> bytes:
    """Some rows of such a file. A None is an empty cell."""
    file = StringIO(newline="")
    writer = csv.writer(file)
    for row in rows:
        writer.writerow(["" if cell is None else cell for cell in row])
    return file.getvalue().encode()
