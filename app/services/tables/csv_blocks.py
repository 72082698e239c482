"""Reads CSV files of any size in blocks of whole rows.

A file is read in pieces of a few megabytes, and each piece ends after its last whole row. So memory does not grow with
the file. All fields are texts here; `columns` converts them. Rows are numbered as a spreadsheet shows them: the header
is row 1, and blank rows are counted and left out.

A quote that is never closed would make the rest of the file one field. Therefore a block that does not parse is read
again line by line. That is slower, and only the wrong lines are lost.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from os import SEEK_CUR, SEEK_END
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
#: Rows below the first that are searched for the header if the first row is not one.
TOP_ROWS = 20
LONGEST_TOP_BYTES = 4 * 1024
#: The most fields that are parsed at once.
MOST_CELLS = 4_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file whose header was read: the header, where the rows begin, and the hash that identifies the file.

    `top` are the first rows below the header, with their numbers: the real header may be one of them.
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
    """Consecutive rows, without the blank ones.

    The columns are `row_number`, a text for each field of the header (`column_name(0)` and so on), and `extra`, which
    is not empty if a row has more fields than the header.
    """

    rows: pl.DataFrame
    bytes_read: int


def open_csv(path: Path, *, is_hashed: bool = True) -> CsvFile:
    """Reads a file's header, and computes its hash if it `is_hashed`. Raises `FileUnreadable`."""
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
    head = head_of(len(file.header))
    for raw in raw_blocks(file, block_bytes=block_bytes):
        for part in in_bounds(raw, width=len(file.header)):
            rows = parse(part, width=len(file.header), first_row=next_row)
            next_row, done = next_row + rows.height, done + len(part) - len(head)
            yield Block(rows=tidy(rows), bytes_read=done)


def scan(raws: Sequence[bytes], *, width: int, first_row: int) -> pl.LazyFrame:
    """The rows of consecutive raw blocks as one lazy query, numbered from `first_row` on, every field as written. One
    row that the parser cannot read, such as a row with more fields than the header, fails the query; then `parse` the
    blocks."""
    return pl.scan_csv(
        list(raws),
        schema=dict.fromkeys(map(column_name, range(width)), pl.String),
        row_index_name=ROW_NUMBER,
        row_index_offset=first_row,
        glob=False,
    ).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))


def head_of(width: int) -> bytes:
    """The line with which every raw block of so many columns begins: our own names of the columns."""
    return ",".join(map(column_name, range(width))).encode() + b"\n"


def tidy(rows: pl.DataFrame) -> pl.DataFrame:
    """Parsed rows without blank rows, and without spaces at the ends of fields."""
    return without_blank(rows.with_columns(stripped(pl.exclude(ROW_NUMBER))))


def raw_blocks(file: CsvFile, *, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The bytes of consecutive whole rows, block by block, below our own header. Raises `FileUnreadable`."""
    with file.path.open("rb") as opened:
        opened.seek(file.rows_begin_at)
        head = head_of(len(file.header))
        yield from _whole_rows(opened, head=head, block_bytes=block_bytes, longest_row=LONGEST_ROW_BYTES)


def most_rows(width: int) -> int:
    """The most rows of so many columns that are parsed at once. Four megabytes of empty rows under a wide header would
    parse to gigabytes."""
    return max(MOST_CELLS // (width + 1), 1)


def in_bounds(raw: bytes, *, width: int) -> Iterator[bytes]:
    """A raw block in parts of at most `most_rows`: nearly always the block itself."""
    most, head = most_rows(width), head_of(width)
    if raw.count(b"\n") > most:
        yield from _whole_rows(BytesIO(raw.removeprefix(head)), head=head, block_bytes=most, longest_row=most)
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
            raise FileUnreadable(
                "the lines of the file end in a carriage return alone: save the file as CSV again", field="file"
            )
        fields = _fields(line.removeprefix(BYTE_ORDER_MARK))
        if fields is None:
            break
        if not any(fields):
            continue
        return check_width(fields), number
    raise FileUnreadable("the file has no header row in CSV format", field="file")


def _read_top(file: BinaryIO, *, below: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    lines = ((number, file.readline(LONGEST_TOP_BYTES)) for number in range(below + 1, below + 1 + TOP_ROWS))
    return tuple((number, fields) for number, line in lines if (fields := _fields(line)))


def _fields(line: bytes) -> tuple[str, ...] | None:
    """A line's fields; None if it is not CSV in UTF-8."""
    try:
        return tuple(field.strip(SPACES) for field in next(csv.reader([line.decode()]), ()))
    except (UnicodeDecodeError, csv.Error):
        return None


def _whole_rows(file: BinaryIO, *, head: bytes, block_bytes: int, longest_row: int) -> Iterator[bytes]:
    kept = b""
    while piece := file.read(block_bytes):
        buffer = kept + piece
        end = _end_of_rows(buffer)
        if end == 0 and len(buffer) > longest_row:
            # No row is that long, so a quote is not closed. Cut after a line; the parser will report the fault.
            end = buffer.rfind(b"\n") + 1
            if end == 0 and len(buffer) > LONGEST_ROW_BYTES:
                raise FileUnreadable("a row of the file is longer than a megabyte", field="file")
        kept = b"" if end else buffer
        if end:
            # The next block reads the rest of its first row again, which takes less time than copying this one twice.
            file.seek(end - len(buffer), SEEK_CUR)
            yield b"".join((head, memoryview(buffer)[:end]))
    if kept:
        yield head + kept


def _end_of_rows(buffer: bytes) -> int:
    """Where the last whole row ends: after a line feed with an even number of quotes before it; 0 if there is none."""
    end = buffer.rfind(b"\n") + 1
    # Finding out that there is no quote is twenty times as fast as counting quotes.
    odd = buffer.count(b'"', 0, end) % 2 if b'"' in buffer else 0
    while odd and end:
        # Lines without a quote, after the last quote, can be skipped.
        before = buffer.rfind(b"\n", 0, buffer.rfind(b'"', 0, end)) + 1
        odd ^= buffer.count(b'"', before, end) % 2
        end = before
    return end


def parse(raw: bytes, *, width: int, first_row: int) -> pl.DataFrame:
    """A raw block as rows numbered from `first_row` on, every field as written, and beyond the header's in `extra`."""
    names = [*map(column_name, range(width)), EXTRA]
    try:
        rows = pl.read_csv(
            raw,
            schema=dict.fromkeys(names, pl.String),
            # The first line is our own header, which lacks `extra`.
            missing_columns="insert",
            truncate_ragged_lines=True,
            # Checking for ASCII costs almost nothing; decoding with replacement costs a quarter of the time.
            encoding="utf8" if raw.isascii() else "utf8-lossy",
        )
    except pl.exceptions.PolarsError:
        rows = _parse_line_by_line(raw.removeprefix(head_of(width)), names=names)
    numbers = pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias(ROW_NUMBER)
    return rows.select(numbers, pl.all())


def _parse_line_by_line(raw: bytes, *, names: list[str]) -> pl.DataFrame:
    records = []
    # Only a line feed ends a line; `splitlines` would also split at form feeds and seven other characters.
    for line in raw.decode(errors="replace").removesuffix("\n").split("\n"):
        text = line.removesuffix("\r")
        try:
            fields = next(csv.reader([text]), [])
        except csv.Error:
            # A lone carriage return, or a field longer than the reader accepts. The row is kept, split at commas.
            fields = text.split(",")
        found = [field or None for field in fields[: len(names)]]
        records.append(found + [None] * (len(names) - len(found)))
    return pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row")
