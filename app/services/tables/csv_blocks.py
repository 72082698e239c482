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
from app.services.tables.raw_rows import LONGEST_ROW_BYTES, most_rows, whole_rows

BLOCK_BYTES = 4 * 1024 * 1024
#: Rows below the first that are searched for the header if the first row is not one.
TOP_ROWS = 20
LONGEST_TOP_BYTES = 4 * 1024
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
    with file.path.open("rb") as opened:
        opened.seek(file.rows_begin_at)
        for raw in whole_rows(opened, block_bytes=block_bytes, longest_row=LONGEST_ROW_BYTES):
            for part in in_bounds(raw, width=len(file.header)):
                rows = parse(part, width=len(file.header), first_row=next_row)
                next_row, done = next_row + rows.height, done + len(part)
                yield Block(rows=tidy(rows), bytes_read=done)


def scan(pieces: Sequence[bytes], *, width: int, first_row: int) -> pl.LazyFrame:
    """The rows of consecutive raw pieces as one lazy query, numbered from `first_row` on, every field as written. One
    row that the parser cannot read, such as a row with more fields than the header, fails the query; then `parse` the
    blocks."""
    # A parser without a header takes the first row for the widest, and drops a byte order mark.
    has_header = not all(_is_full(piece, width=width) for piece in pieces)
    return pl.scan_csv(
        [head_of(width) + piece for piece in pieces] if has_header else list(pieces),
        has_header=has_header,
        schema=dict.fromkeys(map(column_name, range(width)), pl.String),
        row_index_name=ROW_NUMBER,
        row_index_offset=first_row,
        glob=False,
    ).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))


def _is_full(piece: bytes, *, width: int) -> bool:
    """Whether the first row certainly has as many fields as the header."""
    line = piece[: piece.find(b"\n") + 1]
    return line.count(b",") == width - 1 and b'"' not in line and not line.startswith(BYTE_ORDER_MARK)


def head_of(width: int) -> bytes:
    """A header of so many columns, with our own names of the columns."""
    return ",".join(map(column_name, range(width))).encode() + b"\n"


def tidy(rows: pl.DataFrame) -> pl.DataFrame:
    """Parsed rows without blank rows, and without spaces at the ends of fields."""
    return without_blank(rows.with_columns(stripped(pl.exclude(ROW_NUMBER))))


def in_bounds(raw: bytes, *, width: int) -> Iterator[bytes]:
    """A raw block in parts of at most `most_rows`: nearly always the block itself."""
    most = most_rows(width)
    if raw.count(b"\n") > most:
        yield from whole_rows(BytesIO(raw), block_bytes=most, longest_row=most)
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


def parse(raw: bytes, *, width: int, first_row: int) -> pl.DataFrame:
    """A raw piece as rows numbered from `first_row` on, every field as written, and beyond the header's in `extra`."""
    names = [*map(column_name, range(width)), EXTRA]
    try:
        rows = pl.read_csv(
            # Our own header lacks `extra`, so that this column is added.
            head_of(width) + raw,
            schema=dict.fromkeys(names, pl.String),
            missing_columns="insert",
            truncate_ragged_lines=True,
            # Checking for ASCII costs almost nothing; decoding with replacement costs a quarter of the time.
            encoding="utf8" if raw.isascii() else "utf8-lossy",
        )
    except pl.exceptions.PolarsError:
        rows = _parse_line_by_line(raw, names=names)
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
