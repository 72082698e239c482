"""Reads the rows of a file of bank transactions as amounts to add to balances, with the checks of an import.

Nearly all rows of a real file have the usual spelling. One query over the whole file finds those rows and their
amounts. The other rows are read again and checked by the import's own `check_rows`. If one query cannot read the file
(ragged rows, bytes that are not UTF-8, too many unusual spellings), the file is read again from the start, block by
block as an import reads it. The result is the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
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
from app.services.tables.csv_blocks import CsvFile, scan, tidy
from app.services.tables.files import Table

#: Rows of one piece: their sums by person are fewer. Twice as many take a tenth more memory and no less time.
ROWS_AT_ONCE: Final = 500_000
BLOCKS_AT_ONCE: Final = 16
#: The most rows with an unusual spelling that are read again after one query.
MOST_UNUSUAL: Final = 200_000
CODES: Final = pl.Enum(list(REASONS))
#: Read every column: a parser that leaves columns out does not detect rows with more fields than the header.
EVERY_FIELD: Final = pl.QueryOptFlags(projection_pushdown=False)
GOOD: Final = ["person", ROW_NUMBER, "paise", "key", "proof"]
NO_REJECTS: Final = pl.DataFrame(schema={ROW_NUMBER: pl.Int64, "code": CODES})


class NotVectorisable(Exception):
    """The file cannot be read by one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Checked rows. `good` has row_number, person, paise and the person's `keys`; `bad` has row_number and code."""

    good: pl.DataFrame
    bad: pl.DataFrame = field(default_factory=NO_REJECTS.clear)


def by_query(file: CsvFile, *, layout: Layout) -> Iterator[Checked]:
    """The rows of a CSV file by one query, and at the end those with an unusual spelling. Raises `NotVectorisable`."""
    rows = scan(file)
    plain = add_plain_paise(rows, layout=layout)
    # A quote that is closed late turns many rows into one long field. Such rows are checked again.
    others = pl.exclude(ROW_NUMBER, "paise", *layout.columns)
    is_short = pl.all_horizontal(others.str.len_bytes() <= LONGEST_DESCRIPTION).fill_null(value=True)
    if len(file.header) > len(layout.columns):
        plain = plain.with_columns(pl.when(is_short).then("paise").alias("paise"))
    query = plain.select(pl.col(layout.person).alias("person"), layout.date, ROW_NUMBER, "paise").with_columns(keys())
    unusual = pl.Series(ROW_NUMBER, dtype=pl.Int64)
    try:
        for found in query.collect_batches(chunk_size=ROWS_AT_ONCE, engine="streaming", optimizations=EVERY_FIELD):
            read = with_plain_days(found, layout=layout)
            if read["paise"].null_count():
                unusual.append(read.filter(pl.col("paise").is_null())[ROW_NUMBER])
                read = read.filter(pl.col("paise").is_not_null())
            if len(unusual) > MOST_UNUSUAL:
                raise NotVectorisable
            yield Checked(good=read.select(GOOD))
        again = rows.filter(pl.col(ROW_NUMBER).is_in(unusual.implode())) if len(unusual) else rows.clear()
        texts = again.collect(engine="streaming", optimizations=EVERY_FIELD)
    except pl.exceptions.PolarsError as error:
        raise NotVectorisable from error
    fields = pl.exclude(ROW_NUMBER)
    if texts.select(pl.any_horizontal(fields.str.contains_any(['"', "\n"]).any())).item():
        raise NotVectorisable
    yield check(texts.with_columns(pl.lit(None, dtype=pl.String).alias(EXTRA)), layout=layout)


def by_blocks(table: Table, *, layout: Layout) -> Iterator[Checked]:
    """The rows of any file, several blocks at a time."""
    every = table.blocks()
    while blocks := list(islice(every, BLOCKS_AT_ONCE)):
        parts = [part for block in blocks for part in check_block(block.rows, layout=layout)]
        yield Checked(good=pl.concat([part.good for part in parts]), bad=pl.concat([part.bad for part in parts]))


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
