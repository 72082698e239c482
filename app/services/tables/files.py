"""Opens a file of rows: a CSV file, read in blocks, or the first sheet of a workbook.

The first bytes decide the kind of a file, not its name; a file whose name says another kind is refused. Both kinds
become the same table of texts. Numbers are as written, or as a workbook displays them if the format changes their
meaning. Days of a workbook become ISO dates. Rows are numbered as a spreadsheet shows them.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import fastexcel
import polars as pl

from app.services.tables.archives import FileDamaged, FileDisguised, FormattedCells, repack
from app.services.tables.columns import (
    EXTRA,
    ROW_NUMBER,
    FileUnreadable,
    check_width,
    column_name,
    or_null,
    stripped,
    without_blank,
)
from app.services.tables.csv_blocks import BLOCK_BYTES, BYTE_ORDER_MARK, TOP_ROWS, Block, CsvFile, open_csv, read_blocks

ROWS_AT_ONCE: Final = 20_000
HEAD_BYTES: Final = 4_096
ZIP: Final = b"PK\x03\x04"
OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
UTF16_OR_32: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
#: The first bytes of files of other kinds: PDF, pictures, other archives, programs.
OTHERS: Final = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"MZ",
    b"\x7fELF", b"PK\x05\x06", b"SQLite format 3", b"{\\rtf",
)  # fmt: skip
MARKUP: Final = (b"<?xml", b"<!doctype", b"<html", b"<table", b"<head")
WORKBOOK_NAMES: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXT_NAMES: Final = (".csv", ".txt", ".tsv")
Top = tuple[tuple[int, tuple[str, ...]], ...]
_DAY_WITH_TIME: Final = r"^(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?$"


class EncodingUnknown(FileUnreadable):
    """The text file is not in UTF-8. Save it as CSV in UTF-8."""

    code = "encoding_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An opened file: the hash that identifies it, its header, and its rows, which can be read several times. `top` are
    the first rows below the header, with their numbers. `csv` is set for a CSV file, so that one query can read it."""

    content_hash: bytes
    size_bytes: int
    header: tuple[str, ...]
    read: Callable[[int], Iterator[Block]]
    top: Top = ()
    csv: CsvFile | None = None

    def blocks(self, *, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        return self.read(block_bytes)


def open_table(path: Path, *, file_name: str | None = None, is_hashed: bool = True) -> Table:
    """Finds out the kind of a file, its hash and its header. A workbook is read whole. A CSV file is read whole only if
    it `is_hashed`.

    Raises FileUnreadable or one of its kinds (FileDisguised, FileDamaged, FileTooLarge, TooManyRows, TooManyColumns,
    EncodingUnknown).
    """
    name = (file_name or path.name).lower()
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise FileUnreadable(f"the file cannot be read: {error.strerror}", field="file") from None
    if head.startswith(ZIP):
        if name.endswith(TEXT_NAMES):
            raise FileDisguised(
                "the file is named as text and is a workbook (.xlsx) or an archive: rename it, or save it as CSV",
                field="file",
            )
        return _open_workbook(path)
    _refuse_what_is_no_text(head, name=name)
    csv = open_csv(path, is_hashed=is_hashed)
    return Table(
        content_hash=csv.content_hash,
        size_bytes=csv.size_bytes,
        header=csv.header,
        read=lambda block_bytes: read_blocks(csv, block_bytes=block_bytes),
        top=csv.top,
        csv=csv,
    )


def _refuse_what_is_no_text(head: bytes, *, name: str) -> None:
    if not head.strip():
        raise FileUnreadable("the file is empty", field="file")
    if head.startswith(OLD_OR_LOCKED):
        raise FileDisguised("the file is an old workbook (.xls) or locked: save it as .xlsx, unlocked", field="file")
    if head.startswith(UTF16_OR_32):
        raise EncodingUnknown("the file is in UTF-16: save it as CSV in UTF-8", field="file")
    if head.removeprefix(BYTE_ORDER_MARK).lstrip().lower().startswith(MARKUP):
        raise FileDisguised(
            "the file is a web page or XML (some banks name these .xls): open it in a spreadsheet and save it as .xlsx",
            field="file",
        )
    if head.startswith(OTHERS) or b"\0" in head.partition(b"\n")[0]:
        raise FileDisguised("the file is neither a workbook (.xlsx) nor a CSV file", field="file")
    if name.endswith(WORKBOOK_NAMES):
        raise FileDisguised("the file is named as a workbook and is not one: if it is CSV, name it .csv", field="file")


def _open_workbook(path: Path) -> Table:
    with path.open("rb") as file:
        content_hash = hashlib.file_digest(file, "sha256").digest()
    size = path.stat().st_size
    repacked = repack(path)
    cells = _as_displayed(_read_sheet(repacked.content), formatted=repacked.formatted)
    header, top, rows = _split_header(cells)
    return Table(
        content_hash=content_hash,
        size_bytes=size,
        header=header,
        read=partial(_slices, rows, size_bytes=size),
        top=top,
    )


def _read_sheet(workbook: bytes) -> pl.DataFrame:
    """The first sheet as texts, from its first row on. Raises `FileDamaged`."""
    try:
        reader = fastexcel.read_excel(workbook)
        sheet: Any = reader.load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
        cells: pl.DataFrame = sheet.to_polars()
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        raise FileDamaged(
            "the workbook cannot be read: it is damaged, or has no sheet of cells", field="file"
        ) from error
    except BaseException as error:
        # A panic of the parser arrives as a BaseException that is not an Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise FileDamaged("the workbook cannot be read: it is damaged", field="file") from None
    return cells.select(stripped(pl.all()))


def _as_displayed(cells: pl.DataFrame, *, formatted: FormattedCells) -> pl.DataFrame:
    """The sheet with the formatted cells as they are displayed. Raises `FileDamaged` if the columns do not match."""
    if not formatted.rows:
        return cells
    if cells.width != formatted.last_column - formatted.first_column + 1:
        # The parser leaves out the columns before the first value. Check that we count the same columns.
        raise FileDamaged("the workbook cannot be read: the positions of its cells are inconsistent", field="file")
    number = pl.int_range(1, pl.len() + 1)
    result = cells
    for (column, display), rows in formatted.rows.items():
        name = cells.columns[column - formatted.first_column]
        row_numbers = pl.Series("row_numbers", rows, dtype=pl.Int64)
        texts = cells.filter(number.is_in(row_numbers.implode()))[name].unique().to_list()
        as_displayed = pl.col(name).replace_strict(texts, [display.display(text or "") for text in texts], default=None)
        result = result.with_columns(
            pl.when(number.is_in(row_numbers.implode())).then(as_displayed).otherwise(pl.col(name)).alias(name)
        )
    return result


def _split_header(cells: pl.DataFrame) -> tuple[tuple[str, ...], Top, pl.DataFrame]:
    """The first row that is not blank as the header, the first rows below it, and all rows below it as a `Block` has
    them."""
    numbered = without_blank(cells.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW_NUMBER)))
    if numbered.is_empty():
        raise FileUnreadable("the first sheet is empty", field="file")
    first = numbered.select(cells.columns).row(0)
    width = max(position for position, name in enumerate(first, start=1) if name)
    header = check_width(tuple(name or "" for name in first[:width]))
    known, beyond = cells.columns[:width], cells.columns[width:]
    fields = [
        pl.col(old).str.replace(_DAY_WITH_TIME, "$1").alias(column_name(position)) for position, old in enumerate(known)
    ]
    more = [pl.lit(None, dtype=pl.String), *(or_null(old) for old in beyond)]
    rows = numbered.slice(1).select(ROW_NUMBER, *fields, pl.coalesce(more).alias(EXTRA))
    below = numbered.slice(1, TOP_ROWS)
    named = zip(below[ROW_NUMBER].to_list(), below.select(cells.columns).iter_rows(), strict=True)
    return header, tuple((number, tuple(cell or "" for cell in row)) for number, row in named), rows


def _slices(rows: pl.DataFrame, _: int, *, size_bytes: int) -> Iterator[Block]:
    for first in range(0, rows.height, ROWS_AT_ONCE):
        done = min(first + ROWS_AT_ONCE, rows.height)
        yield Block(rows=rows.slice(first, ROWS_AT_ONCE), bytes_read=size_bytes * done // rows.height)
