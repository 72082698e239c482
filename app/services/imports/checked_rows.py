"""Reads the rows of a file of bank transactions as amounts to add to balances, with the checks of an import.

A CSV file is read in slices: several of the blocks in which an import reads it. Nearly all rows of a real file have the
usual spelling. One query over a slice finds those rows and their amounts. The other rows are checked by the import's
own `check_rows`. If one query cannot read a slice (ragged rows, bytes that are not UTF-8, too many unusual spellings),
its blocks are read one by one as an import reads them. The result is the same.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Final, TypeVar

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
#: Slices that are in memory at the same time, as bytes or as checked rows that were not yet asked for.
SLICES_AT_ONCE: Final = 4
#: The most rows of a slice with an unusual spelling that are read again after its query.
MOST_UNUSUAL: Final = 20_000
CODES: Final = pl.Enum(list(REASONS))
#: Read every column: a parser that leaves columns out does not detect rows with more fields than the header.
EVERY_FIELD: Final = pl.QueryOptFlags(projection_pushdown=False)
GOOD: Final = ["person", ROW_NUMBER, "paise", "key", "proof"]
NO_REJECTS: Final = pl.DataFrame(schema={ROW_NUMBER: pl.Int64, "code": CODES})

Result = TypeVar("Result")


class NotVectorisable(Exception):
    """A slice of the file cannot be read by one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Checked rows. `good` has row_number, person, paise and the person's `keys`; `bad` has row_number and code."""

    good: pl.DataFrame
    bad: pl.DataFrame = field(default_factory=NO_REJECTS.clear)

    def below(self, row: int) -> "Checked":
        """The same rows with numbers that begin at this one instead of 0."""
        number = pl.col(ROW_NUMBER) + row
        return Checked(good=self.good.with_columns(number), bad=self.bad.with_columns(number))


def by_slices(file: CsvFile, *, layout: Layout) -> Iterator[Checked]:
    """The rows of a CSV file, several slices at a time."""
    first_row = file.header_row + 1
    slices = read_slices(file.path, begin=file.rows_begin_at, block_bytes=BLOCK_BYTES, most_blocks=BLOCKS_AT_ONCE)
    for height, checked in _ahead(slices, partial(_check_slice, file=file, layout=layout)):
        ready = [checked.below(first_row)]
        first_row += height
        # What has a name here stays in memory while the next slice is checked.
        del checked
        yield ready.pop()


def _ahead(slices: Iterator[Slice], check_slice: Callable[[Slice], Result]) -> Iterator[Result]:
    """The result of each slice, in order. One thread reads the slices, and others check them: one query does not keep
    all cores busy, because it begins and ends in one thread."""
    with ThreadPoolExecutor(max_workers=1) as reader, ThreadPoolExecutor(max_workers=SLICES_AT_ONCE) as checkers:

        def check_next() -> Future[Result | None]:
            read = reader.submit(next, slices, None)
            return checkers.submit(lambda: check_slice(one) if (one := read.result()) else None)

        following = deque(check_next() for _ in range(SLICES_AT_ONCE))
        # A result has no name here, so that it is gone as soon as it is summed.
        while ready := [one for one in [following.popleft().result()] if one]:
            following.append(check_next())
            yield ready.pop()


def _check_slice(one: Slice, *, file: CsvFile, layout: Layout) -> tuple[int, Checked]:
    """How many rows a slice has, blank ones included, and its checked rows, numbered from 0 on."""
    try:
        return check_at_once(one, file=file, layout=layout)
    except NotVectorisable:
        return check_one_by_one(one, file=file, layout=layout)


def by_blocks(table: Table, *, layout: Layout) -> Iterator[Checked]:
    """The rows of any file, several blocks at a time."""
    every = table.blocks()
    while blocks := list(islice(every, BLOCKS_AT_ONCE)):
        yield _joined([part for block in blocks for part in check_block(block.rows, layout=layout)])


def check_at_once(one: Slice, *, file: CsvFile, layout: Layout) -> tuple[int, Checked]:
    """The same as `_check_slice`, by one query. Raises `NotVectorisable`."""
    width = len(file.header)
    rows, most = scan(one.pieces, width=width, first_row=0), one.most_rows(width)
    try:
        # Not `head`: a query with a limit answers nothing, instead of failing, if the parser cannot read a row.
        plain = _plain(rows, file=file, layout=layout, is_clean=one.is_clean()).filter(pl.col(ROW_NUMBER) <= most)
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


def check_one_by_one(one: Slice, *, file: CsvFile, layout: Layout) -> tuple[int, Checked]:
    """The same as `_check_slice`, by reading each block as an import reads it."""
    height, parts = 0, []
    for raw in chain.from_iterable(in_bounds(block, width=len(file.header)) for block in one.blocks()):
        rows = parse(raw, width=len(file.header), first_row=height)
        height += rows.height
        parts += check_block(tidy(rows), layout=layout)
    return height, _joined(parts)


def _plain(rows: pl.LazyFrame, *, file: CsvFile, layout: Layout, is_clean: bool) -> pl.LazyFrame:
    """Each row as its person with `keys`, day, number and `paise`, which is null if the row is not a plain one."""
    plain = add_plain_paise(rows, layout=layout, is_clean=is_clean)
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
