"""The three kinds of files. Each kind checks rows by themselves, checks them against the books, leaves out rows that
are already loaded, writes rows, and enqueues the scores that they may change.

Checks without the database run in a thread, block by block. Everything else runs in the block's transaction: the people
that the file names are found or made, and a customer or loan that exists already is refused and not overwritten.
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
#: The version of the checks. When it is raised, rows that older checks refused are tried again with their files.
RULES: Final = 1


class RowsOfKind(Protocol):
    """The operations of an import that differ between kinds of rows."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """A sentence for each code."""
        ...

    @property
    def retryable(self) -> frozenset[str]:
        """The codes of reasons that may no longer hold when the same file is imported again."""
        ...

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """Waits until no other import writes rows that this one would have to see."""
        ...

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with converted values. `code` is set for a row that is faulty by itself."""
        ...

    async def resolve(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with their customers. `code` is set for a row that conflicts with the books or an earlier row."""
        ...

    async def drop_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        """The valid rows, without those that earlier files loaded."""
        ...

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        """Writes rows. If the rest of the file is loaded already (`is_whole`), their scores are enqueued at once."""
        ...

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        """Enqueues the scores that the import may have changed, unless `write` did; returns how many in all."""
        ...


def rows_of(kind: str, *, table: Table, identity: IdentityService) -> RowsOfKind:
    """The operations for a file of a kind, with the layout of its header. Raises `LayoutUnknown`."""
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
    """Customers with ids of another system. A prospect's row becomes the customer."""

    layout: Mapping[str, str]
    reasons: ClassVar[Mapping[str, str]] = customer_rows.REASONS
    retryable: ClassVar[frozenset[str]] = frozenset()
    _prospects: list[int] = field(default_factory=list)

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """Waits for nothing: an existing customer is refused, and a unique key decides which import was first."""

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        return customer_rows.check_rows(rows, layout=self.layout)

    async def resolve(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        rows = mark_repeated(rows, by=["external_id"], code="customer_twice")
        wanted: list[str] = rows.filter(pl.col("code").is_null())["external_id"].to_list()
        values = {one: one.encode() for one in wanted}
        owners = await customers.list_identities(uow.session, kind="external", values=list(values.values()))
        fresh = [one for one, value in values.items() if value not in owners]
        numbers = dict(zip(fresh, await customers.list_next_customer_numbers(uow.session, len(fresh)), strict=True))
        claims = {values[one]: number for one, number in numbers.items()}
        won = await customers.add_identities(uow.session, kind="external", owners=claims) if claims else set()
        if len(won) < len(claims):
            # Another transaction added them as prospects or customers at the same moment.
            owners |= await customers.list_identities(uow.session, kind="external", values=list(claims))
        prospects = await customers.claim_prospects(uow.session, list(owners.values())) if owners else set()
        placed = {one: number for one, number in numbers.items() if number in won}
        placed |= {one: owners[value] for one, value in values.items() if owners.get(value) in prospects}
        self._prospects += sorted(prospects)
        return _with_customers(rows, placed, is_new=won)

    async def drop_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
        return rows

    async def write(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int, is_whole: bool) -> None:
        on = await uow.business_date()
        written = [(row["is_new"], _customer(uow, row) | {"registered_on": on}) for row in rows.iter_rows(named=True)]
        made = {"created_at": uow.now}
        await customers.add_customers(uow.session, [made | row for is_new, row in written if is_new])
        registered = {"state": customers.CUSTOMER}
        await customers.update_customers(uow.session, [registered | row for is_new, row in written if not is_new])
        former_prospects = [row["customer_id"] for is_new, row in written if not is_new]
        if former_prospects:
            await ask_for_scores(uow, former_prospects)

    async def finish(self, uow: UnitOfWork, import_id: int, *, is_whole: bool) -> int:
        # They were enqueued block by block. Only former prospects have anything to score.
        return len(self._prospects)


def _with_customers(rows: pl.DataFrame, placed: Mapping[str, int], *, is_new: set[int]) -> pl.DataFrame:
    """The rows with the ids of their customers. A row without one gets `customer_exists`: it is registered already."""
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
    """Loans of other lenders. Their customers may not be registered yet, so files may be imported in any order."""

    layout: Mapping[str, str]
    people: People
    reasons: ClassVar[Mapping[str, str]] = loan_rows.REASONS
    retryable: ClassVar[frozenset[str]] = frozenset()
    _asked: set[int] = field(default_factory=set)

    async def wait(self, uow: UnitOfWork, import_id: int) -> None:
        """Waits for nothing: an existing loan is refused, and a unique key decides which import was first."""

    def check(self, rows: pl.DataFrame) -> pl.DataFrame:
        return loan_rows.check_rows(rows, layout=self.layout)

    async def resolve(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
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
        existing = pl.DataFrame(
            [(number, loan, True) for number, loan in known],
            schema={"customer_id": pl.Int64, "external_id": pl.String, "exists_already": pl.Boolean},
            orient="row",
        )
        marked = named.join(existing, on=["customer_id", "external_id"], how="left", maintain_order="left")
        exists = pl.when(pl.col("exists_already")).then(pl.lit("loan_exists"))
        return marked.with_columns(code=pl.coalesce("code", exists))

    async def drop_known(self, uow: UnitOfWork, rows: pl.DataFrame, *, import_id: int) -> pl.DataFrame:
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
    """Sets a code on every valid row that repeats an earlier valid row of the block."""
    good = pl.col("code").is_null()
    repeated = good & ~pl.struct(*by, good.alias("is_good")).is_first_distinct()
    return rows.with_columns(code=pl.when(repeated).then(pl.lit(code)).otherwise(pl.col("code")))
