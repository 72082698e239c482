"""Finds rows that an earlier file already loaded: one bank statement may arrive in several files, in different forms.

Two rows are equal if person, day, amount, direction and description are equal. Equal rows within one file are separate
transactions. A row that equals a row of another file is the same transaction, and only the excess is loaded. So the
books hold as many copies of a row as the file that has the most copies.

Descriptions are compared without regard to case, kind and number of spaces, and composition of letters. A file may have
no column for descriptions; its rows equal rows with any description. When such a row is paired with a row that has a
description, it keeps that description from then on, and no longer equals a row with another one. So, of rows that are
otherwise equal, the books hold as many as there are with descriptions, or as many as the file without descriptions has,
if that is more. The order of the files does not matter.

Each block stores the pairs that it found (`known_transactions`), so that a file can be loaded in blocks, across
crashes. Rows of other imports are read once for each person and cached, up to a limit. Above the limit, each block
reads only rows that resemble its own.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from app.db.repositories.imports import bank_transactions as repository
from app.db.repositories.imports import ingestion
from app.db.repositories.imports.bank_transactions import Statement
from app.services.imports.balance_sums import SEEDS
from app.services.tables.columns import ROW_NUMBER, SPACES
from app.services.unit_of_work import UnitOfWork

#: The most rows of other imports that are cached, at some fifty bytes each.
MOST_CACHED: Final = 3_000_000
#: The most people that are remembered as read. A file with more people reads some of them again.
MOST_READ: Final = 400_000
#: Longer than a block of another import takes, and less than the time limit of an SQL statement.
WAIT_SECONDS: Final = 10
#: People whose rows are read by one SQL statement.
READ_AT_ONCE: Final = 2_000
SPACE: Final = f"[{SPACES}]+"
EQUAL: Final = ["customer_id", "transacted_on", "paise"]
STORED: Final = {
    "customer_id": pl.Int64,
    "transacted_on": pl.Date,
    "paise": pl.Int64,
    "description": pl.String,
    "import_id": pl.Int64,
    "row_number": pl.Int32,
}
CACHED: Final = {
    "key": pl.UInt64, "customer_id": pl.Int64, "transacted_on": pl.Date, "paise": pl.Int64, "words": pl.UInt64,
    "of_import_id": pl.Int64, "of_row_number": pl.Int32,
}  # fmt: skip
OTHER: Final = ["of_import_id", "of_row_number"]
PAIRS: Final = {ROW_NUMBER: pl.Int64, **{name: CACHED[name] for name in OTHER}, "describes": pl.Boolean}


@dataclass(slots=True, kw_only=True)
class KnownRows:
    """The rows of other imports that one import may meet."""

    import_id: int
    _turn: int = -1
    _span: tuple[date, date] | None = None
    _people_read: set[int] = field(default_factory=set)
    _statements: list[Statement] = field(default_factory=list)
    _others: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CACHED))
    _is_caching: bool = True

    async def wait(self, uow: UnitOfWork, kind: str) -> None:
        """Takes a lock: until this transaction ends, no other import of this kind writes rows."""
        turn = await ingestion.take_turn(uow.session, kind, wait_seconds=WAIT_SECONDS)
        if turn != self._turn + 1:
            self._forget()
        self._turn = turn

    async def match(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        """Pairs rows with equal rows of other imports: `row_number`, `of_import_id`, `of_row_number`. `describes` says
        that the row gives the other one a description, which it lacked.

        The rows have customer_id, row_number, transacted_on, direction, amount_paise, and a description that is null
        only if the file has no descriptions.
        """
        await self._read_others(uow, rows)
        people = set(rows["customer_id"].unique().to_list())
        statements = [one for one in self._statements if one[0] in people]
        if not statements:
            return pl.DataFrame(schema=PAIRS)
        signed = pl.when(pl.col("direction") == "CREDIT").then("amount_paise").otherwise(-pl.col("amount_paise"))
        ours = with_keys(rows.select("customer_id", ROW_NUMBER, "transacted_on", "description", paise=signed))
        if self._is_caching:
            found = pair(ours, self._others.join(ours.select("key"), on="key", how="semi"))
            self._others = self._others.join(found, on=OTHER, how="anti")
            return found
        like = ours.select("customer_id", "transacted_on", pl.col("paise").abs()).unique().rows()
        return pair(
            ours,
            to_cache(await repository.list_others_like(uow.session, self.import_id, statements=statements, like=like)),
        )

    async def _read_others(self, uow: UnitOfWork, rows: pl.DataFrame) -> None:
        """Reads the rows that other imports loaded for the people of these rows, unless they were read before."""
        span = months_of(rows["transacted_on"])
        is_outside = self._span is None or span[0] < self._span[0] or span[1] > self._span[1]
        if is_outside or len(self._people_read) > MOST_READ:
            self._forget()
            self._span = span
        people: list[int] = rows["customer_id"].unique(maintain_order=True).to_list()
        new_people = [one for one in people if one not in self._people_read]
        if new_people:
            await self._read_people(uow, new_people)

    async def _read_people(self, uow: UnitOfWork, people: Sequence[int]) -> None:
        assert self._span is not None, "the caller has set the days"
        days = {"first_on": self._span[0], "last_on": self._span[1]}
        statements = await repository.list_other_statements(uow.session, self.import_id, customers=people, **days)
        self._people_read.update(people)
        self._statements += statements
        for first in range(0, len(statements) if self._is_caching else 0, READ_AT_ONCE):
            some, limit = statements[first : first + READ_AT_ONCE], MOST_CACHED - self._others.height + 1
            found = await repository.list_others_in_days(
                uow.session, self.import_id, statements=some, limit=limit, **days
            )
            self._others = pl.concat([self._others, to_cache(found)])
            if len(found) == limit:
                self._is_caching, self._others = False, self._others.clear()
                break

    def _forget(self) -> None:
        self._span = None
        self._people_read.clear()
        self._statements.clear()
        self._others = self._others.clear()


def months_of(days: pl.Series) -> tuple[date, date]:
    """The first day of the first month, and the last day of the last month."""
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])


def words(description: pl.Expr) -> pl.Expr:
    """The form in which descriptions are compared."""
    plain = description.str.normalize("NFKC").str.to_lowercase()
    return plain.str.replace_all(SPACE, " ").str.strip_chars(" ")


def with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `key`, a hash of the columns that must be equal, and `words`, a hash of the description or null."""
    has_description = pl.col("description").is_not_null()
    return rows.with_columns(
        key=pl.struct(EQUAL).hash(SEEDS[0]),
        words=pl.when(has_description).then(words(pl.col("description")).hash(SEEDS[1])),
    ).drop("description")


def to_cache(found: Sequence[Any]) -> pl.DataFrame:
    """Rows from the database in the form of the cache."""
    rows = pl.DataFrame([tuple(one) for one in found], schema=STORED, orient="row")
    return with_keys(rows).rename({"import_id": "of_import_id", "row_number": "of_row_number"}).select(CACHED.keys())


def pair(ours: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Pairs each of our rows with an equal row of the others, as far as there are any.

    Rows with equal descriptions are paired first, because a row without a description could be paired with any.
    """
    others = others.sort(OTHER)
    ours = ours.join(others.select(EQUAL), on=EQUAL, how="semi").sort(ROW_NUMBER)
    first = _pair_by(ours, others, by=[*EQUAL, "words"])
    ours = ours.join(first, on=ROW_NUMBER, how="anti")
    others = others.join(first, on=OTHER, how="anti")
    lacks_words = pl.col("words").is_null()
    second = _pair_by(ours.filter(~lacks_words), others.filter(lacks_words), by=EQUAL)
    third = _pair_by(ours.filter(lacks_words), others.join(second, on=OTHER, how="anti"), by=EQUAL)
    return pl.concat([part.with_columns(describes=pl.lit(part is second)) for part in (first, second, third)])


def _pair_by(ours: pl.DataFrame, others: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Pairs the first of our rows with the first equal row of the others, the second with the second, and so on."""
    nth = pl.int_range(pl.len()).over(by).alias("nth")
    left, right = ours.select(*by, ROW_NUMBER, nth), others.select(*by, *OTHER, nth)
    return left.join(right, on=[*by, "nth"], nulls_equal=True).select(ROW_NUMBER, *OTHER)
