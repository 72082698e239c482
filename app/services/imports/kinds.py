"""The three kinds of files, and the five questions that each answers: what is wrong with a row by itself, what is wrong
with it beside what we know, whether it is there already, how it is written, and whose scores it may change.

Checks that need no database run in a thread, block by block. What needs it runs in the block's transaction: people are
named by the file and found or made, and what is there already is refused rather than written over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Protocol

import polars as pl

from app.db.repositories.lending import external_loans
from app.db.repositories.people import customers
from app.domain.people.customers import annual_income_paise
from app.services.imports import bank_transactions, customer_rows, loan_rows
from app.services.imports.asked_scores import JOBS_AT_ONCE, as_csv, ask_for_scores
from app.services.imports.prospects import People
from app.services.imports.transaction_rows import TRANSACTIONS, TransactionRows
from app.services.people.customers import IdentityService
from app.services.tables.files import Table
from app.services.unit_of_work import UnitOfWork

CUSTOMERS: Final = "customers"
LOANS: Final = "loans"
#: By which rules rows are read. Raised when refused rows may be good by new ones: their files are then tried again.
RULES: Final = 1


class RowsOfKind(Protocol):
    """What an import must know of the kind of its rows."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """A sentence for every code."""
        ...

    @property
    def passing(self) -> frozenset[str]:
        """The codes of reasons that may be gone when the same file comes again."""
        ...

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """Waits until no other import writes what this one would have to know of."""
        ...

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with their values read, and a `code` where one is bad by itself."""
        ...

    async def settle(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with whose they are, and a `code` where one is bad beside what we know."""
        ...

    async def leave_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        """The rows that nothing is wrong with, without those that earlier files brought."""
        ...

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        """Writes rows. Where the file is there as a whole, but for them, scores are asked for at once."""
        ...

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        """Asks for the scores that the import may have changed, unless that was done; answers how many it was."""
        ...


def rows_of(kind: str, *, table: Table, identity: IdentityService) -> RowsOfKind:
    """The reader of a kind's rows for a file. Raises `LayoutUnknown`."""
    header, top = table.header, table.top
    if kind == TRANSACTIONS:
        layout = bank_transactions.find_layout(header, top=top)
        return TransactionRows(layout=layout, people=People(identity=identity, named_by=layout.people))
    if kind == CUSTOMERS:
        return CustomerRows(layout=customer_rows.find_layout(header, top=top))
    assert kind == LOANS, "there are three kinds of imports"
    people = People(identity=identity, named_by=bank_transactions.PersonKind.EXTERNAL)
    return LoanRows(layout=loan_rows.find_layout(header, top=top), people=people)


@dataclass(slots=True, kw_only=True)
class CustomerRows:
    """Customers under ids of another system. Who is a prospect becomes a customer in place."""

    layout: Mapping[str, str]
    reasons: ClassVar[Mapping[str, str]] = customer_rows.REASONS
    passing: ClassVar[frozenset[str]] = frozenset()
    _prospects: list[int] = field(default_factory=list)

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """Who is there already is refused, and the database decides who was first."""

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        return customer_rows.check_rows(rows, layout=self.layout)

    async def settle(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        rows = mark_repeated(rows, by=["external_id"], code="customer_twice")
        wanted: list[str] = rows.filter(pl.col("code").is_null())["external_id"].to_list()
        values = {one: one.encode() for one in wanted}
        owners = await customers.list_identities(uow.session, kind="external", values=list(values.values()))
        fresh = [one for one, value in values.items() if value not in owners]
        numbers = dict(zip(fresh, await customers.list_next_customer_numbers(uow.session, len(fresh)), strict=True))
        claims = {values[one]: number for one, number in numbers.items()}
        won = await customers.add_identities(uow.session, kind="external", owners=claims) if claims else set()
        if len(won) < len(claims):
            # Somebody else made them prospects, or customers, at this very moment.
            owners |= await customers.list_identities(uow.session, kind="external", values=list(claims))
        prospects = await customers.lock_prospects(uow.session, list(owners.values())) if owners else set()
        placed = {one: number for one, number in numbers.items() if number in won}
        placed |= {one: owners[value] for one, value in values.items() if owners.get(value) in prospects}
        self._prospects += sorted(prospects)
        return _placed(rows, placed, is_new=won)

    async def leave_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        return rows

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        on = await uow.business_date()
        written = [(row["is_new"], _customer(uow, row) | {"registered_on": on}) for row in rows.iter_rows(named=True)]
        made = {"created_at": uow.now}
        await customers.add_customers(uow.session, [made | row for is_new, row in written if is_new])
        registered = {"state": customers.CUSTOMER}
        await customers.update_customers(uow.session, [registered | row for is_new, row in written if not is_new])
        turned = [row["customer_id"] for is_new, row in written if not is_new]
        if turned:
            await ask_for_scores(uow, turned)

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        # Asked for block by block: only who was a prospect has anything to score.
        return len(self._prospects)


def _placed(rows: pl.DataFrame, placed: Mapping[str, int], *, is_new: set[int]) -> pl.DataFrame:
    """The rows with the numbers of their customers; who has none is registered already."""
    found = pl.DataFrame(
        {
            "external_id": list(placed),
            "customer_id": list(placed.values()),
            "is_new": [number in is_new for number in placed.values()],
        },
        schema={"external_id": pl.String, "customer_id": pl.Int64, "is_new": pl.Boolean},
    )
    named = rows.join(found, on="external_id", how="left", maintain_order="left")
    taken = pl.when(pl.col("customer_id").is_null()).then(pl.lit("customer_exists"))
    return named.with_columns(code=pl.coalesce("code", taken))


def _customer(uow: UnitOfWork, row: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in (row["first_name"], row["last_name"]) if name]
    return {
        "customer_id": row["customer_id"],
        "name": " ".join(names),
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "phone": row["phone"],
        "age": row["age"],
        "annual_income_paise": annual_income_paise(row["salary_paise"]),
        "approved_limit_paise": row["limit_paise"],
        "external_id": row["external_id"],
        "actor": uow.actor.label,
    }


@dataclass(slots=True, kw_only=True)
class LoanRows:
    """Loans of other lenders, of people who may not be registered yet: the order of the files does not matter."""

    layout: Mapping[str, str]
    people: People
    reasons: ClassVar[Mapping[str, str]] = loan_rows.REASONS
    passing: ClassVar[frozenset[str]] = frozenset()
    _asked: set[int] = field(default_factory=set)

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """A loan that is there already is refused, and the database decides which was first."""

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        return loan_rows.check_rows(rows, layout=self.layout)

    async def settle(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        rows = mark_repeated(rows, by=["customer", "external_id"], code="loan_twice")
        good = rows.filter(pl.col("code").is_null())
        names: list[str] = good["customer"].unique(maintain_order=True).to_list()
        owners = await self.people.find_external(uow, names) if names else {}
        named = rows.with_columns(
            customer_id=pl.col("customer").replace_strict(owners, default=None, return_dtype=pl.Int64)
        )
        good = named.filter(pl.col("code").is_null())
        known = await external_loans.list_known(
            uow.session, customers=good["customer_id"].to_list(), external_ids=good["external_id"].to_list()
        )
        there = pl.DataFrame(
            [(number, loan, True) for number, loan in known],
            schema={"customer_id": pl.Int64, "external_id": pl.String, "is_there": pl.Boolean},
            orient="row",
        )
        marked = named.join(there, on=["customer_id", "external_id"], how="left", maintain_order="left")
        exists = pl.when(pl.col("is_there")).then(pl.lit("loan_exists"))
        return marked.with_columns(code=pl.coalesce("code", exists))

    async def leave_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        return rows

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        numbers = await external_loans.list_next_loan_numbers(uow.session, rows.height)
        numbered = rows.with_columns(pl.Series("id", numbers, dtype=pl.Int64), import_id=pl.lit(import_id))
        owners = dict(zip(numbers, rows["customer_id"].to_list(), strict=True))
        copied = numbered.select(external_loans.COLUMNS)
        await external_loans.add_external_loans(uow.session, as_csv(copied), owners=owners)
        if is_whole:
            found = await external_loans.list_scorable(uow.session, customers=sorted(set(owners.values())))
            await ask_for_scores(uow, found)
            self._asked.update(found)

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        if is_whole:
            return len(self._asked)
        found = await external_loans.list_scorable_of_import(uow.session, import_id)
        for first in range(0, len(found), JOBS_AT_ONCE):
            await ask_for_scores(uow, found[first : first + JOBS_AT_ONCE])
        return len(found)


def mark_repeated(rows: pl.DataFrame, *, by: Sequence[str], code: str) -> pl.DataFrame:
    """Gives a code to every good row that repeats an earlier good one of the block."""
    good = pl.col("code").is_null()
    repeated = good & ~pl.struct(*by, good.alias("is_good")).is_first_distinct()
    return rows.with_columns(code=pl.when(repeated).then(pl.lit(code)).otherwise(pl.col("code")))
