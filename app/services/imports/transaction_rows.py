"""Bank transactions as an import writes them: of whomever a file names, without those that an earlier file brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

import polars as pl

from app.db.repositories.imports import bank_transactions as transactions
from app.db.repositories.people import customers
from app.services.imports import bank_transactions
from app.services.imports.asked_scores import JOBS_AT_ONCE, as_csv, ask_for_scores
from app.services.imports.known_rows import KnownRows, months_of
from app.services.imports.prospects import People
from app.services.tables.columns import ROW_NUMBER
from app.services.unit_of_work import UnitOfWork

TRANSACTIONS: Final = "transactions"
#: People who are remembered as noted.
MOST_NOTED: Final = 400_000


@dataclass(slots=True, kw_only=True)
class TransactionRows:
    """Bank transactions, of people who may not have registered yet."""

    layout: bank_transactions.Layout
    people: People
    reasons: ClassVar[Mapping[str, str]] = bank_transactions.REASONS
    passing: ClassVar[frozenset[str]] = frozenset({"user_unknown", "aadhaar_invalid"})
    _known: KnownRows | None = None
    _noted: set[int] = field(default_factory=set)
    _noted_between: tuple[date, date] | None = None
    _asked: set[int] = field(default_factory=set)

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        self._known = self._known or KnownRows(import_id=import_id)
        await self._known.wait(uow, TRANSACTIONS)

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        checked = bank_transactions.check_rows(rows, layout=self.layout)
        # An empty description is one; null is for a file that has none at all.
        said = pl.col("description").fill_null("") if self.layout.description else pl.col("description")
        return checked.with_columns(said)

    async def settle(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        found = await self.people.find(uow, rows.filter(pl.col("code").is_null())["person"])
        return rows.join(found, on="person", how="left", maintain_order="left").with_columns(
            code=pl.coalesce("code", "person_code")
        )

    async def leave_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        assert self._known is not None, "whoever looks for known rows has waited for their turn"
        found = await self._known.match(uow, rows)
        if found.is_empty():
            return rows
        met = found.join(rows.select("customer_id", ROW_NUMBER, "description"), on=ROW_NUMBER)
        copied = met.with_columns(
            import_id=pl.lit(import_id), description=pl.when("describes").then("description")
        ).select(transactions.KNOWN_COLUMNS)
        await transactions.add_known(uow.session, as_csv(copied))
        return rows.join(found, on=ROW_NUMBER, how="anti", maintain_order="left")

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        people = rows["customer_id"].unique().to_list()
        await self._note(uow, people, import_id=import_id, between=months_of(rows["transacted_on"]))
        copied = rows.with_columns(import_id=pl.lit(import_id)).select(transactions.COLUMNS)
        await transactions.add_transactions(uow.session, as_csv(copied))
        if is_whole:
            registered = await customers.list_registered(uow.session, people)
            await ask_for_scores(uow, sorted(registered))
            self._asked |= registered

    async def _note(
        self, uow: UnitOfWork, people: Sequence[int], *, import_id: int, between: tuple[date, date]
    ) -> None:
        """Notes whose rows the import brings, and of which months: once for most people."""
        known = self._noted_between
        if known is None or between[0] < known[0] or between[1] > known[1] or len(self._noted) > MOST_NOTED:
            self._noted_between = between
            self._noted.clear()
        fresh = [one for one in people if one not in self._noted]
        if fresh:
            first_on, last_on = self._noted_between or between
            await transactions.add_statements(
                uow.session, import_id, customers=sorted(fresh), first_on=first_on, last_on=last_on
            )
            self._noted.update(fresh)

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        asked, last = len(self._asked), 0
        while not is_whole and (
            found := await transactions.list_registered_of_import(
                uow.session, import_id, after=last, limit=JOBS_AT_ONCE
            )
        ):
            asked, last = asked + len(found), found[-1]
            await ask_for_scores(uow, found)
        return asked
