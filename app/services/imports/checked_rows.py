"""Reads the rows of a file of bank transactions as amounts to add to balances, with the checks of an import.

A CSV file is read in slices: several of the blocks in which an import reads it. Nearly all rows of a real file have the
usual spelling. One query over a slice finds those rows and their amounts. The other rows are checked by the import's
own `check_rows`. If one query cannot read a slice (ragged rows, bytes that are not UTF-8, too many unusual spellings),
its blocks are read one by one as an import reads them. The result is the same.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

import polars as pl

from app.services.imports.balance_sums import keys
from app.services.imports.bank_transactions import (
    LONGEST_DESCRIPTION,
    REASONS,
    Layout,
    add_plain_paise,
    check_rows,
    with_plain_days,
)
from app.services.tables.columns import EXTRA, ROW_NUMBER
from app.services.tables.csv_blocks import BLOCK_BYTES, CsvFile, in_bounds, parse, scan, tidy
from app.services.tables.files import Table
from app.services.tables.raw_rows import Slice, read_slices

#: Blocks of one slice. Larger slices take more memory, and smaller ones more time (docs/performance.md).
BLOCKS_AT_ONCE: Final = 3
#: Rows that are given on together. Sums of fewer rows are nearly as many as the rows.
ROWS_AT_ONCE: Final = 250_000
#: The most rows of a slice with an unusual spelling that are read again after its query.
MOST_UNUSUAL: Final = 20_000
CODES: Final = pl.Enum(list(REASONS))
#: Read every column: a parser that leaves columns out does not detect rows with more fields than the header.
EVERY_FIELD: Final = pl.QueryOptFlags(projection_pushdown=False)
GOOD: Final = ["person", ROW_NUMBER, "paise", "key", "proof"]
NO_REJECTS: Final = pl.DataFrame(schema={ROW_NUMBER: pl.Int64, "code": CODES})


class NotVectorisable(Exception):
    """A slice of the file cannot be read by one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Checked rows. `good` has row_number, person, paise and the person's `keys`; `bad` has row_number and code."""

    good: pl.DataFrame
    bad: pl.DataFrame = field(default_factory=NO_REJECTS.clear)


def by_slices(file: CsvFile, *, layout: Layout) -> Iterator[Checked]:
    """The rows of a CSV file, several slices at a time."""
    first_row, parts = file.header_row + 1, []
    slices = read_slices(file.path, begin=file.rows_begin_at, block_bytes=BLOCK_BYTES, most_blocks=BLOCKS_AT_ONCE)
    for one in _ahead(slices):
        try:
            height, checked = check_at_once(one, file=file, layout=layout, first_row=first_row)
        except NotVectorisable:
            height, checked = check_one_by_one(one, file=file, layout=layout, first_row=first_row)
        first_row += height
        parts.append(checked)
        # What has a name here stays in memory while the next slice is read.
        del one, checked
        if sum(part.good.height + part.bad.height for part in parts) >= ROWS_AT_ONCE:
            ready, parts = [_joined(parts)], []
            yield ready.pop()
    if parts:
        yield _joined(parts)


def _ahead(slices: Iterator[Slice]) -> Iterator[Slice]:
    """The same. The next slice is read in a thread while the query of the one before it runs."""
    with ThreadPoolExecutor(max_workers=1) as ahead:
        following = ahead.submit(next, slices, None)
        # A slice has no name here, so that it is gone as soon as its reader is done with it.
        while ready := [one for one in [following.result()] if one]:
            following = ahead.submit(next, slices, None)
            yield ready.pop()


def by_blocks(table: Table, *, layout: Layout) -> Iterator[Checked]:
    """The rows of any file, several blocks at a time."""
    every = table.blocks()
    while blocks := list(islice(every, BLOCKS_AT_ONCE)):
        yield _joined([part for block in blocks for part in check_block(block.rows, layout=layout)])


def check_at_once(one: Slice, *, file: CsvFile, layout: Layout, first_row: int) -> tuple[int, Checked]:
    """How many rows a slice has, blank ones included, and its checked rows, by one query. Raises `NotVectorisable`."""
    width = len(file.header)
    rows, most = scan(one.pieces, width=width, first_row=first_row), one.most_rows(width)
    try:
        # Not `head`: a query with a limit answers nothing, instead of failing, if the parser cannot read a row.
        plain = _plain(rows, file=file, layout=layout).filter(pl.col(ROW_NUMBER) <= first_row + most)
        read = with_plain_days(plain.collect(engine="streaming", optimizations=EVERY_FIELD), layout=layout)
        if read.height > most:
            raise NotVectorisable
        if not (unusual := read["paise"].null_count()):
            return read.height, Checked(good=read.select(GOOD))
        if unusual > MOST_UNUSUAL:
            raise NotVectorisable
        others = read.filter(pl.col("paise").is_null())[ROW_NUMBER]
        again = rows.filter(pl.col(ROW_NUMBER).is_in(others.implode()))
        texts = again.collect(engine="streaming", optimizations=EVERY_FIELD)
    except pl.exceptions.PolarsError as error:
        raise NotVectorisable from error
    if texts.select(pl.any_horizontal(pl.exclude(ROW_NUMBER).str.contains_any(['"', "\n"]).any())).item():
        raise NotVectorisable
    good = Checked(good=read.filter(pl.col("paise").is_not_null()).select(GOOD))
    rest = check(texts.with_columns(pl.lit(None, dtype=pl.String).alias(EXTRA)), layout=layout)
    return read.height, _joined([good, rest])


def check_one_by_one(one: Slice, *, file: CsvFile, layout: Layout, first_row: int) -> tuple[int, Checked]:
    """The same as `check_at_once`, by reading each block as an import reads it."""
    height, parts = 0, []
    for raw in chain.from_iterable(in_bounds(block, width=len(file.header)) for block in one.blocks()):
        rows = parse(raw, width=len(file.header), first_row=first_row + height)
        height += rows.height
        parts += check_block(tidy(rows), layout=layout)
    return height, _joined(parts)


def _plain(rows: pl.LazyFrame, *, file: CsvFile, layout: Layout) -> pl.LazyFrame:
    """Each row as its person with `keys`, day, number and `paise`, which is null if the row is not a plain one."""
    plain = add_plain_paise(rows, layout=layout)
    if len(file.header) > len(layout.columns):
        # A quote that is closed late turns many rows into one long field. Such rows are checked again.
        others = pl.exclude(ROW_NUMBER, "paise", *layout.columns)
        is_short = pl.all_horizontal(others.str.len_bytes() <= LONGEST_DESCRIPTION).fill_null(value=True)
        plain = plain.with_columns(pl.when(is_short).then("paise").alias("paise"))
    return plain.select(pl.col(layout.person).alias("person"), layout.date, ROW_NUMBER, "paise").with_columns(keys())


def _joined(parts: list[Checked]) -> Checked:
    return Checked(good=pl.concat([part.good for part in parts]), bad=pl.concat([part.bad for part in parts]))


def check_block(rows: pl.DataFrame, *, layout: Layout) -> list[Checked]:
    """A block's rows: first those with the usual spelling, then the others."""
    read = with_plain_days(add_plain_paise(rows.lazy(), layout=layout).collect(), layout=layout)
    is_plain = pl.col("paise").is_not_null() & pl.col(EXTRA).is_null()
    good = read.filter(is_plain).select(pl.col(layout.person).alias("person"), ROW_NUMBER, "paise").with_columns(keys())
    return [Checked(good=good.select(GOOD)), check(read.filter(~is_plain).drop("paise"), layout=layout)]


def check(rows: pl.DataFrame, *, layout: Layout) -> Checked:
    """Rows as an import checks them."""
    checked = check_rows(tidy(rows), layout=layout)
    is_good = pl.col("code").is_null()
    signed = pl.when(pl.col("direction") == "CREDIT").then("amount_paise").otherwise(-pl.col("amount_paise"))
    good = checked.filter(is_good).select("person", ROW_NUMBER, paise=signed).with_columns(keys())
    bad = checked.filter(~is_good).select(ROW_NUMBER, pl.col("code").cast(CODES))
    return Checked(good=good.select(GOOD), bad=bad)
