"""CSV in blocks: the rows do not depend on the block size, and bad quotes affect only their own lines."""

from itertools import pairwise
from pathlib import Path
from random import Random

import polars as pl
import pytest

from app.services.tables import csv_blocks
from app.services.tables.columns import FileUnreadable
from app.services.tables.csv_blocks import CsvFile, open_csv, read_blocks, tidy

Row = tuple[int, str | None, str | None, str | None]


def rows_of(path: Path, content: bytes, *, block_bytes: int) -> list[Row]:
    path.write_bytes(content)
    return [row for block in read_blocks(open_csv(path), block_bytes=block_bytes) for row in block.rows.rows()]


def largest_block(file: CsvFile) -> int:
    ends = [file.rows_begin_at, *(block.bytes_read for block in read_blocks(file))]
    return max(end - begin for begin, end in pairwise(ends))


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 16, 1000])
@pytest.mark.parametrize(
    "content, expected",
    [
        (b"a,b\n1,2\n3,4\n", [(2, "1", "2", None), (3, "3", "4", None)]),
        (b"a,b\r\n1,2\r\n3,4", [(2, "1", "2", None), (3, "3", "4", None)]),
        (b"\xef\xbb\xbf\na,b\n\n1,2\n,\n  ,  \n3,4\n\n\n", [(4, "1", "2", None), (7, "3", "4", None)]),
        (b'a,b\n"x\ny",2\n3,"q""q, r"\n', [(2, "x\ny", "2", None), (3, "3", 'q"q, r', None)]),
        (b"a,b\n1\n1,2,3,4\n", [(2, "1", None, None), (3, "1", "2", "3")]),
        (b"a,b\n", []),
        (b"a,b", []),
    ],
)
def test_rows_are_the_same_in_blocks_of_any_size(
    tmp_path: Path, content: bytes, expected: list[Row], block_bytes: int
) -> None:
    assert rows_of(tmp_path / "f.csv", content, block_bytes=block_bytes) == expected


#: Characters that end a line for Python but not in files.
NO_ENDS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r"]


@pytest.mark.parametrize("within", NO_ENDS, ids=[f"U+{ord(one):04X}" for one in NO_ENDS])
@pytest.mark.parametrize("is_broken", [False, True])
def test_only_a_line_feed_ends_a_row(tmp_path: Path, within: str, is_broken: bool) -> None:
    # Because of the open quote the whole block is read line by line.
    content = f"a,b\nx{within}y,2\n{chr(34) * is_broken}3,4\n{chr(34) * is_broken}5,6\n"
    rows = rows_of(tmp_path / "f.csv", content.encode(), block_bytes=1000)
    assert rows[0] == (2, f"x{within}y", "2", None)
    assert [row[0] for row in rows] == [2, 3, 4]


def test_both_parsers_agree_on_rows_without_quotes() -> None:
    words = [
        "a",
        "b c",
        "",
        " x ",
        "\u00a0",
        "\u00e9",
        "\t",
        "\x1f",
        "\ufeff",
        "\0",
        *NO_ENDS,
        *(f"p{one}q" for one in NO_ENDS),
    ]
    for seed in range(400):
        drawn = Random(seed)
        width = drawn.randint(1, 4)
        names = [*(f"c{number}" for number in range(width)), "extra"]
        end = drawn.choice(["\n", "\r\n"])
        widths = [width] * 4 + [width + 1, max(width - 1, 1), width + 2]
        lines = [",".join(drawn.choice(words) for _ in range(drawn.choice(widths))) for _ in range(drawn.randint(1, 6))]
        raw = (end.join(lines) + drawn.choice(["", end])).encode()
        by_polars = csv_blocks.parse(raw, width=width, first_row=2)
        by_line = csv_blocks._parse_line_by_line(raw, names=names)
        numbers = pl.int_range(2, 2 + pl.len(), dtype=pl.Int64).alias("row_number")
        parsed = [
            tidy(rows).with_columns(pl.col(names).replace("", None)).rows()
            for rows in (by_polars, by_line.select(numbers, pl.all()))
        ]
        assert parsed[0] == parsed[1], seed


def test_a_quote_that_is_never_closed_harms_only_its_own_line(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n"3,4\n5,6\n7,x"y\n8,9\n'
    rows = rows_of(tmp_path / "f.csv", content, block_bytes=1000)
    assert [row for row in rows if row[0] in {2, 4, 6}] == [
        (2, "1", "2", None),
        (4, "5", "6", None),
        (6, "8", "9", None),
    ]


def test_a_stray_quote_in_a_large_file_does_not_stop_it(tmp_path: Path) -> None:
    line = b"12345678,87654321\n"
    content = b"a,b\n" + line * 100_000 + b'1,2"\n' + line * 100_000
    rows = rows_of(tmp_path / "f.csv", content, block_bytes=64 * 1024)
    assert len(rows) == 200_001
    assert rows[100_000] == (100_002, "1", '2"', None)
    assert rows[-1] == (200_002, "12345678", "87654321", None)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x80\x81\xff\n", b"a,b\n" + b"x" * 3_000_000])
def test_what_is_no_csv_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        rows_of(tmp_path / "f.csv", content, block_bytes=100_000)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        open_csv(tmp_path / "missing.csv")
    with pytest.raises(FileUnreadable):
        open_csv(tmp_path)


def test_blank_rows_under_a_wide_header_stay_small(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    wide = b",".join(b"c%d" % number for number in range(256)) + b"\n"
    path.write_bytes(wide + b"\n" * 200_000 + b"1\n")
    file = open_csv(path)
    assert largest_block(file) < 16_000
    rows = [row[:2] for block in read_blocks(file) for row in block.rows.rows()]
    assert rows == [(200_002, "1")]


def test_an_open_quote_before_blank_rows_affects_only_its_row(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    wide = b",".join(b"c%d" % number for number in range(256)) + b"\n"
    path.write_bytes(wide + b'"' + b"\n" * 200_000 + b"1\n")
    file = open_csv(path)
    assert largest_block(file) < 32_000
    assert [row[:2] for block in read_blocks(file) for row in block.rows.rows()][-1] == (200_002, "1")
