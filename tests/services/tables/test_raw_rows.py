"""The bytes of a file in pieces of whole rows: slices have the blocks of an import."""

from pathlib import Path
from random import Random

import polars as pl
import pytest

from app.services.tables.csv_blocks import scan
from app.services.tables.raw_rows import read_slices, whole_rows

LINES = [b"1,2\n", b"\n", b"33,4\r\n", b"5\n", b"6,7,8\n", b"\xef\xbb\xbf9,10\n", b"long" * 9 + b",\n"]
QUOTED = [b'"a\nb",c\n', b'"\n', b'x,"y"\n', b'"' + b"\n" * 40 + b'",z\n']


@pytest.mark.parametrize("seed", range(60))
def test_the_blocks_of_slices_are_those_of_an_import(tmp_path: Path, seed: int) -> None:
    drawn = Random(seed)
    lines = [*LINES, *QUOTED] if seed % 2 else LINES
    content = b"".join(drawn.choice(lines) for _ in range(drawn.randint(0, 60))) + drawn.choice([b"", b"11,12"])
    path, block_bytes, most_blocks = tmp_path / "f.csv", drawn.choice([1, 9, 40, 200]), drawn.choice([1, 2, 5])
    path.write_bytes(b"head,er\n" + content)
    with path.open("rb") as file:
        file.seek(8)
        blocks = list(whole_rows(file, block_bytes=block_bytes, longest_row=1_000_000))
    slices = list(read_slices(path, begin=8, block_bytes=block_bytes, most_blocks=most_blocks))
    assert [block for one in slices for block in one.blocks()] == blocks
    assert b"".join(blocks) == content
    assert b"".join(piece for one in slices for piece in one.pieces) == content
    assert all(len(one.pieces) == 1 for one in slices if one.ends)
    assert max((len(list(one.blocks())) for one in slices), default=0) <= most_blocks


def test_rows_without_a_quote_are_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"1,2\n" * 10)
    first, last = read_slices(path, begin=0, block_bytes=10, most_blocks=4)
    assert (first.pieces, first.ends) == ([b"1,2\n" * 8], [8, 16, 24, 32])
    assert (last.pieces, list(last.blocks())) == ([b"1,2\n" * 2], [b"1,2\n" * 2])


@pytest.mark.parametrize(
    "piece, rows",
    [
        (b"a,b\nc,d\n", [("a", "b"), ("c", "d")]),
        (b"\n\na,b\n", [(None, None), (None, None), ("a", "b")]),
        (b"a\nc,d\n", [("a", None), ("c", "d")]),
        (b'"a,b",c\n', [("a,b", "c")]),
        (b"\xef\xbb\xbfa,b\n", [("\ufeffa", "b")]),
        (b"a,b", [("a", "b")]),
    ],
)
def test_the_first_row_of_a_piece_is_a_row_like_any_other(piece: bytes, rows: list[tuple[str | None, ...]]) -> None:
    found = scan([piece], width=2, first_row=7).collect()
    assert found.drop("row_number").rows() == rows
    assert found["row_number"].to_list() == list(range(7, 7 + len(rows)))


def test_a_first_row_with_too_many_fields_fails_the_query() -> None:
    with pytest.raises(pl.exceptions.PolarsError):
        scan([b"a,b,c\nd,e\n"], width=2, first_row=1).collect()
