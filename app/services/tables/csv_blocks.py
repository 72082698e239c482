"""CSV files of any size, a block of whole rows at a time.

A file is read in pieces of a few megabytes and each piece is cut behind its last whole row, so that memory stays the
same however long the file is. Everything is text here: what a number or a date is, is for the reader of the rows to
prove. Rows are numbered as a spreadsheet shows them: the header is row 1, blank rows count and carry nothing.

A quote that is never closed would swallow the rest of a file. A block that does not parse is therefore read again line
by line, which costs time and limits the damage to the lines that are wrong.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

import polars as pl

from app.services.tables.columns import (
    EXTRA,
    ROW_NUMBER,
    SPACES,
    FileUnreadable,
    check_width,
    column_name,
    stripped,
    without_blank,
)

BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_ROW_BYTES = 1024 * 1024
#: Rows below the first that are looked at when the first is no header.
TOP_ROWS = 20
LONGEST_TOP_BYTES = 4 * 1024
#: Fields that a block may parse to.
MOST_CELLS = 4_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file that was looked at: its header, where its rows begin, and the hash that it is known by.

    `top` are the first rows below the header, with their numbers: where the header may be that ought to come first.
    """

    path: Path
    size_bytes: int
    content_hash: bytes
    header: tuple[str, ...]
    rows_begin_at: int
    header_row: int
    top: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows that follow each other, without the blank ones.

    The columns are `row_number`, a text for each field of the header (`column_name(0)` and so on), and `extra`, which
    holds something where a row has more fields than the header.
    """

    rows: pl.DataFrame
    bytes_read: int


def open_csv(path: Path, *, is_hashed: bool = True) -> CsvFile:
    """Reads a file's header and, unless nobody will know it again by it, its hash. Raises `FileUnreadable`."""
    try:
        with path.open("rb") as file:
            content_hash = hashlib.file_digest(file, "sha256").digest() if is_hashed else b""
            size = file.seek(0, SEEK_END)
            file.seek(0)
            header, header_row = _read_header(file)
            rows_begin_at = file.tell()
            top = _read_top(file, below=header_row)
    except OSError as error:
        raise FileUnreadable(f"the file cannot be read: {error.strerror}", field="file") from None
    return CsvFile(
        path=path,
        size_bytes=size,
        content_hash=content_hash,
        header=header,
        rows_begin_at=rows_begin_at,
        header_row=header_row,
        top=top,
    )


def read_blocks(file: CsvFile, *, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """The rows of a file, block by block. Raises `FileUnreadable`."""
    next_row, done = file.header_row + 1, file.rows_begin_at
    for raw in _raw_blocks(file, block_bytes=block_bytes):
        rows = _parse(raw, width=len(file.header), first_row=next_row)
        next_row, done = next_row + rows.height, done + len(raw)
        yield Block(rows=tidy(rows), bytes_read=done)


def scan(file: CsvFile) -> pl.LazyFrame:
    """All rows of a file as one query, every field as it is written, for who can begin anew with the blocks: what the
    parser cannot read, such as a row with more fields than the header, fails the whole."""
    return pl.scan_csv(
        file.path,
        schema=dict.fromkeys(map(column_name, range(len(file.header))), pl.String),
        has_header=False,
        skip_lines=file.header_row,
        row_index_name=ROW_NUMBER,
        row_index_offset=file.header_row + 1,
        glob=False,
    ).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))


def tidy(rows: pl.DataFrame) -> pl.DataFrame:
    """Parsed rows without the blank ones and without the spaces around the fields."""
    return without_blank(rows.with_columns(stripped(pl.exclude(ROW_NUMBER))))


def _raw_blocks(file: CsvFile, *, block_bytes: int) -> Iterator[bytes]:
    with file.path.open("rb") as opened:
        opened.seek(file.rows_begin_at)
        smaller = max(MOST_CELLS // (len(file.header) + 1), 1)
        for raw in _whole_rows(opened, block_bytes=block_bytes, longest_row=LONGEST_ROW_BYTES):
            if raw.count(b"\n") > smaller:
                # Millions of rows of nothing under a wide header: four megabytes that would parse to gigabytes.
                yield from _whole_rows(BytesIO(raw), block_bytes=smaller, longest_row=smaller)
            else:
                yield raw


def _read_header(file: BinaryIO) -> tuple[tuple[str, ...], int]:
    """The fields of the first row that is not blank, and its number."""
    number = 0
    while line := file.readline(LONGEST_ROW_BYTES):
        number += 1
        if not line.removeprefix(BYTE_ORDER_MARK).strip():
            continue
        if b"\r" in line.rstrip(b"\r\n"):
            raise FileUnreadable("its lines end in a carriage return alone: save the file as CSV again", field="file")
        fields = _fields(line.removeprefix(BYTE_ORDER_MARK))
        if fields is None:
            break
        if not any(fields):
            continue
        return check_width(fields), number
    raise FileUnreadable("the file has no header row of a CSV file", field="file")


def _read_top(file: BinaryIO, *, below: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    lines = ((number, file.readline(LONGEST_TOP_BYTES)) for number in range(below + 1, below + 1 + TOP_ROWS))
    return tuple((number, fields) for number, line in lines if (fields := _fields(line)))


def _fields(line: bytes) -> tuple[str, ...] | None:
    """A line's fields; None where it is none of a CSV file in UTF-8."""
    try:
        return tuple(field.strip(SPACES) for field in next(csv.reader([line.decode()]), ()))
    except (UnicodeDecodeError, csv.Error):
        return None


def _whole_rows(file: BinaryIO, *, block_bytes: int, longest_row: int) -> Iterator[bytes]:
    kept = b""
    while piece := file.read(block_bytes):
        buffer = kept + piece
        end = _end_of_rows(buffer)
        if end == 0 and len(buffer) > longest_row:
            # No row that long: some quote is never closed. Cut behind a line, and let the parser complain of it.
            end = buffer.rfind(b"\n") + 1
            if end == 0 and len(buffer) > LONGEST_ROW_BYTES:
                raise FileUnreadable("a row of the file is longer than a megabyte", field="file")
        kept = buffer[end:]
        if end:
            yield buffer[:end]
    if kept:
        yield kept


def _end_of_rows(buffer: bytes) -> int:
    """Where the last whole row ends: behind a line feed with an even number of quotes before it; 0 where none is."""
    end = buffer.rfind(b"\n") + 1
    # Finding none is twenty times as fast as counting them.
    odd = buffer.count(b'"', 0, end) % 2 if b'"' in buffer else 0
    while odd and end:
        # The lines without a quote between here and the last quote change nothing.
        before = buffer.rfind(b"\n", 0, buffer.rfind(b'"', 0, end)) + 1
        odd ^= buffer.count(b'"', before, end) % 2
        end = before
    return end


def _parse(raw: bytes, *, width: int, first_row: int) -> pl.DataFrame:
    """A raw block as rows that are numbered from `first_row` on, every field as it is written."""
    names = [*map(column_name, range(width)), EXTRA]
    schema = dict.fromkeys(names, pl.String)
    try:
        # Our own header in front of the rows: the parser counts the columns of the first line it sees.
        rows = pl.read_csv(
            ",".join(names).encode() + b"\n" + raw,
            schema=schema,
            truncate_ragged_lines=True,
            # Looking whether all is ASCII costs next to nothing, and looking for what is no UTF-8 costs a quarter.
            encoding="utf8" if raw.isascii() else "utf8-lossy",
        )
    except pl.exceptions.PolarsError:
        rows = _parse_line_by_line(raw, names=names)
    numbers = pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias(ROW_NUMBER)
    return rows.select(numbers, pl.all())


def _parse_line_by_line(raw: bytes, *, names: list[str]) -> pl.DataFrame:
    records = []
    # Only a line feed ends a line: `splitlines` also ends one at a form feed, a file separator and six others.
    for line in raw.decode(errors="replace").removesuffix("\n").split("\n"):
        text = line.removesuffix("\r")
        try:
            fields = next(csv.reader([text]), [])
        except csv.Error:
            # A lone carriage return, or a field longer than the reader takes: no row vanishes for that.
            fields = text.split(",")
        found = [field or None for field in fields[: len(names)]]
        records.append(found + [None] * (len(names) - len(found)))
    return pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row")
