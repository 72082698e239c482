"""Rows of a statement that an earlier file brought: the same statement comes twice, in other words and another order.

A row is known by its person, day, amount, direction and description. Two equal rows of one file are two; a row of this
file that equals one of another file is that one, and only what is in excess is loaded. So the books hold, of each row,
as many as the file that has the most of them. Descriptions are compared without regard to case, to how wide or which
their spaces are, and to how a letter is composed; a file without a column for them says nothing of them, and its rows
equal those of any description. A row of such a file that a described one met has that description from then on: another
description is another row. So, of rows that are alike in all else, the books hold as many as there are described ones,
or as the file without descriptions has, if that is more; in whatever order the files come.

Which of the rows that are there have been met is written with each block (`known_transactions`), so that a file may be
loaded in blocks, by programs that die. Rows of other imports are read once for each person and kept, up to a bound;
behind it, a block reads those that are like its own rows.
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

#: Rows of other imports that are kept, at some fifty bytes each.
MOST_KEPT: Final = 3_000_000
#: People who are remembered as asked for. A file of more asks for some of them again.
MOST_ASKED: Final = 400_000
#: Longer than a block of another import takes, and less than a statement may.
WAIT_SECONDS: Final = 10
#: People whose rows are read by one statement.
READ_AT_ONCE: Final = 2_000
SPACE: Final = f"[{SPACES}]+"
ALIKE: Final = ["customer_id", "transacted_on", "paise"]
FOUND: Final = {
    "customer_id": pl.Int64,
    "transacted_on": pl.Date,
    "paise": pl.Int64,
    "description": pl.String,
    "import_id": pl.Int64,
    "row_number": pl.Int32,
}
KEPT: Final = {
    "key": pl.UInt64, "customer_id": pl.Int64, "transacted_on": pl.Date, "paise": pl.Int64, "words": pl.UInt64,
    "of_import_id": pl.Int64, "of_row_number": pl.Int32,
}  # fmt: skip
MET: Final = ["of_import_id", "of_row_number"]
PAIRED: Final = {ROW_NUMBER: pl.Int64, **{name: KEPT[name] for name in MET}, "describes": pl.Boolean}


@dataclass(slots=True, kw_only=True)
class KnownRows:
    """What one import knows of the rows of others."""

    import_id: int
    _turn: int = -1
    _span: tuple[date, date] | None = None
    _asked: set[int] = field(default_factory=set)
    _statements: list[Statement] = field(default_factory=list)
    _others: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KEPT))
    _is_keeping: bool = True

    async def wait(self, uow: UnitOfWork, kind: str) -> None:
        """Until the transaction ends, no other import writes such rows: what is not there now will not come."""
        turn = await ingestion.take_turn(uow.session, kind, wait_seconds=WAIT_SECONDS)
        if turn != self._turn + 1:
            self._forget()
        self._turn = turn

    async def match(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        """Which of the rows are there already, and as which: `row_number`, `of_import_id`, `of_row_number`; and whether
        it `describes` that one, of which no description was known.

        The rows: customer_id, row_number, transacted_on, direction, amount_paise, and a description that is null only
        where the file has none.
        """
        await self._ask_of_all(uow, rows)
        people = set(rows["customer_id"].unique().to_list())
        here = [one for one in self._statements if one[0] in people]
        if not here:
            return pl.DataFrame(schema=PAIRED)
        signed = pl.when(pl.col("direction") == "CREDIT").then("amount_paise").otherwise(-pl.col("amount_paise"))
        ours = with_keys(rows.select("customer_id", ROW_NUMBER, "transacted_on", "description", paise=signed))
        if self._is_keeping:
            found = pair(ours, self._others.join(ours.select("key"), on="key", how="semi"))
            self._others = self._others.join(found, on=MET, how="anti")
            return found
        like = ours.select("customer_id", "transacted_on", pl.col("paise").abs()).unique().rows()
        return pair(
            ours, kept(await repository.list_others_like(uow.session, self.import_id, statements=here, like=like))
        )

    async def _ask_of_all(self, uow: UnitOfWork, rows: pl.DataFrame) -> None:
        """Asks for what other imports brought of the people of some rows, unless that was done."""
        span = months_of(rows["transacted_on"])
        is_outside = self._span is None or span[0] < self._span[0] or span[1] > self._span[1]
        if is_outside or len(self._asked) > MOST_ASKED:
            self._forget()
            self._span = span
        people: list[int] = rows["customer_id"].unique(maintain_order=True).to_list()
        strangers = [one for one in people if one not in self._asked]
        if strangers:
            await self._ask(uow, strangers)

    async def _ask(self, uow: UnitOfWork, people: Sequence[int]) -> None:
        assert self._span is not None, "somebody is asked for between two days"
        days = {"first_on": self._span[0], "last_on": self._span[1]}
        statements = await repository.list_other_statements(uow.session, self.import_id, customers=people, **days)
        self._asked.update(people)
        self._statements += statements
        for first in range(0, len(statements) if self._is_keeping else 0, READ_AT_ONCE):
            some, limit = statements[first : first + READ_AT_ONCE], MOST_KEPT - self._others.height + 1
            found = await repository.list_others_in_days(
                uow.session, self.import_id, statements=some, limit=limit, **days
            )
            self._others = pl.concat([self._others, kept(found)])
            if len(found) == limit:
                self._is_keeping, self._others = False, self._others.clear()
                break

    def _forget(self) -> None:
        self._span = None
        self._asked.clear()
        self._statements.clear()
        self._others = self._others.clear()


def months_of(days: pl.Series) -> tuple[date, date]:
    """The first day of the first month, and the last day of the last one."""
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])


def words(description: pl.Expr) -> pl.Expr:
    """What of a description is compared."""
    plain = description.str.normalize("NFKC").str.to_lowercase()
    return plain.str.replace_all(SPACE, " ").str.strip_chars(" ")


def with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `key`, which finds the like quickly, and a number for the `words` of their description."""
    said = pl.col("description").is_not_null()
    return rows.with_columns(
        key=pl.struct(ALIKE).hash(SEEDS[0]),
        words=pl.when(said).then(words(pl.col("description")).hash(SEEDS[1])),
    ).drop("description")


def kept(found: Sequence[Any]) -> pl.DataFrame:
    """Rows of the database in the form in which they are kept."""
    rows = pl.DataFrame([tuple(one) for one in found], schema=FOUND, orient="row")
    return with_keys(rows).rename({"import_id": "of_import_id", "row_number": "of_row_number"}).select(KEPT.keys())


def pair(ours: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Each of our rows with one of the others that it equals, as far as there are any.

    Equal descriptions first: a row of another import that says none equals any, and is left for who needs it.
    """
    others = others.sort(MET)
    ours = ours.join(others.select(ALIKE), on=ALIKE, how="semi").sort(ROW_NUMBER)
    first = _pair_by(ours, others, by=[*ALIKE, "words"])
    ours = ours.join(first, on=ROW_NUMBER, how="anti")
    others = others.join(first, on=MET, how="anti")
    silent = pl.col("words").is_null()
    second = _pair_by(ours.filter(~silent), others.filter(silent), by=ALIKE)
    third = _pair_by(ours.filter(silent), others.join(second, on=MET, how="anti"), by=ALIKE)
    return pl.concat([part.with_columns(describes=pl.lit(part is second)) for part in (first, second, third)])


def _pair_by(ours: pl.DataFrame, others: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """The first of ours with the first of the others that has the same, the second with the second, and so on."""
    nth = pl.int_range(pl.len()).over(by).alias("nth")
    left, right = ours.select(*by, ROW_NUMBER, nth), others.select(*by, *MET, nth)
    return left.join(right, on=[*by, "nth"], nulls_equal=True).select(ROW_NUMBER, *MET)
