"""Reads the bytes of a CSV file in pieces of whole rows, and parses nothing.

A block is a few megabytes and ends after its last whole row: after a line feed with an even number of quotes before it.
A slice is several blocks. Bytes are copied as seldom as possible, because new memory costs as much as parsing it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from os import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

from app.services.tables.columns import FileUnreadable

LONGEST_ROW_BYTES = 1024 * 1024
#: The last line feed is searched for in so many bytes before the end of a block. Then whole rows are read, and not cut.
LAST_LINES_BYTES = 64 * 1024
#: The most fields that are parsed at once.
MOST_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The raw rows of consecutive blocks in few pieces: one piece, with no quote in it, or the blocks themselves."""

    pieces: list[bytes]
    #: Where the blocks end, if there is one piece.
    ends: list[int] = field(default_factory=list)

    def blocks(self) -> Iterator[bytes]:
        """The blocks, as an import reads them."""
        if not self.ends:
            yield from self.pieces
        for begin, end in zip([0, *self.ends], self.ends, strict=False):
            yield self.pieces[0][begin:end]

    def most_rows(self, width: int) -> int:
        """The most rows of so many columns that are parsed at once."""
        return max(len(self.ends), len(self.pieces)) * most_rows(width)


def most_rows(width: int) -> int:
    """The most rows of so many columns that are parsed at once. Four megabytes of empty rows under a wide header would
    parse to gigabytes."""
    return max(MOST_CELLS // (width + 1), 1)


def read_slices(path: Path, *, begin: int, block_bytes: int, most_blocks: int) -> Iterator[Slice]:
    """The raw rows of a file from a byte on, so many blocks at a time. Raises `FileUnreadable`."""
    with path.open("rb") as opened:
        opened.seek(begin)
        # No slice has a name here, so that it is gone as soon as its reader is done with it.
        yield from iter(partial(_read_slice, opened, block_bytes=block_bytes, most_blocks=most_blocks), None)


def _read_slice(file: BinaryIO, *, block_bytes: int, most_blocks: int) -> Slice | None:
    """The next blocks; None at the end of the file. Without a quote, rows end where lines end, so that only the ends of
    blocks are searched for, and all are read at once."""
    begin, ends = file.tell(), [0]
    while len(ends) <= most_blocks and (length := _length_of_lines(file, begin + ends[-1], most=block_bytes)):
        ends.append(ends[-1] + length)
    file.seek(begin)
    content = file.read(ends[-1])
    if content and len(content) == ends[-1] and content.endswith(b"\n") and b'"' not in content:
        return Slice(pieces=[content], ends=ends[1:])
    file.seek(begin)
    rows = whole_rows(file, block_bytes=block_bytes, longest_row=LONGEST_ROW_BYTES)
    blocks = list(islice(rows, most_blocks))
    return Slice(pieces=blocks) if blocks else None


def whole_rows(file: BinaryIO, *, block_bytes: int, longest_row: int) -> Iterator[bytes]:
    """The bytes of consecutive whole rows, block by block. Raises `FileUnreadable`."""
    kept = b""
    while piece := file.read(_length_of_lines(file, file.tell(), most=block_bytes) or block_bytes):
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
            # A slice of all bytes is the bytes themselves.
            yield buffer[:end]
    if kept:
        yield kept


def _length_of_lines(file: BinaryIO, begin: int, *, most: int) -> int:
    """How many of at most so many bytes are whole lines; 0 if that is not known. The file is where it was."""
    where, seen = file.tell(), min(most, LAST_LINES_BYTES)
    file.seek(begin + most - seen)
    last = file.read(seen)
    file.seek(where)
    end = last.rfind(b"\n") + 1
    return most - seen + end if end and len(last) == seen else 0


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
