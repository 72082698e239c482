"""Scoring everybody in a file of bank transactions at once: an estimate, of which nothing is stored.

A score that counts is made of all transactions of a registered person, in the database, by the worker. Here a lender
asks what a file would say, before importing it or instead. The file is read as an import reads it: the same layouts,
the same checks, the same refused rows. Then balances are summed and the present `bank_balance` card is applied.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from app.db.repositories.credit import scoring as repository
from app.db.repositories.people import customers
from app.domain.credit.scoring import BANK_BALANCE
from app.domain.people.aadhaar import mask_aadhaar
from app.domain.people.access import Actor
from app.domain.public_ids import format_user_id
from app.services.imports.balance_sums import RunningSums, add_rows, add_sums, keys
from app.services.imports.bank_transactions import (
    Layout,
    Person,
    PersonKind,
    find_layout,
    identify,
    is_plainly_external,
)
from app.services.imports.checked_rows import CODES, NO_REJECTS, Checked, NotVectorisable, by_blocks, by_query
from app.services.people.customers import IdentityService
from app.services.tables.columns import ROW_NUMBER, SPACES
from app.services.tables.files import open_table
from app.services.unit_of_work import UnitOfWorkFactory

#: Ids that are remembered as plain.
MOST_PLAIN: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScores:
    """What a file says. `scores`: person, first_row, transactions, balance_paise, score; an Aadhaar number is masked,
    and `first_row` finds it in the file. `rejects`: row_number, code."""

    rows_read: int
    scorecard_version: int
    scores: pl.DataFrame
    rejects: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Some rows, counted: sums by person, refused rows, and the rows of who may be unknown to us."""

    rows_read: int
    sums: pl.DataFrame
    rejects: pl.DataFrame
    ours: pl.DataFrame


async def score_file(
    uow_factory: UnitOfWorkFactory,
    actor: Actor,
    path: Path,
    *,
    identity: IdentityService,
    progress: Callable[[int], None] = lambda _rows: None,
) -> FileScores:
    """Scores everybody whom a file of bank transactions names, at once. Nothing is written. `progress` is told how
    many rows are read.

    Raises FileUnreadable and its kinds, LayoutUnknown, ScorecardUnknown.
    """
    table = await asyncio.to_thread(open_table, path, is_hashed=False)
    layout = find_layout(table.header, top=table.top)
    async with uow_factory.open(actor) as uow:
        card = await repository.get_scorecard(uow.session, BANK_BALANCE)
    count = Counter(uow_factory=uow_factory, actor=actor, layout=layout, identity=identity)
    try:
        await count.add(by_query(table.csv, layout=layout) if table.csv else by_blocks(table, layout=layout), progress)
    except NotVectorisable:
        count = Counter(uow_factory=uow_factory, actor=actor, layout=layout, identity=identity)
        await count.add(by_blocks(table, layout=layout), progress)
    everybody = await asyncio.to_thread(count.everybody)
    return FileScores(
        rows_read=count.rows_read,
        scorecard_version=card.version,
        scores=everybody.with_columns(score=bank_balance(pl.col("balance_paise"), parameters=card.parameters)),
        rejects=pl.concat([NO_REJECTS, *count.rejects]).sort(ROW_NUMBER),
    )


def bank_balance(balance: pl.Expr, *, parameters: Mapping[str, Any]) -> pl.Expr:
    """`domain.credit.scoring.bank_balance` for a whole column of balances; a test holds the two together."""
    steps = (balance - parameters["base_paise"]) // parameters["step_paise"]
    points: pl.Expr = parameters["minimum"] + parameters["points_per_step"] * steps
    return points.clip(parameters["minimum"], parameters["maximum"]).cast(pl.Int64)


@dataclass(slots=True, kw_only=True)
class Counter:
    """Sums rows of one layout by person."""

    uow_factory: UnitOfWorkFactory
    actor: Actor
    layout: Layout
    identity: IdentityService
    rows_read: int = 0
    rejects: list[pl.DataFrame] = field(default_factory=list)
    _sums: RunningSums = field(default_factory=RunningSums)
    _known: dict[str, Person | str] = field(default_factory=dict)
    #: Ids that are plainly of another system: looking at a text again takes longer than finding its hashes here.
    _plain: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"key": pl.UInt64, "proof": pl.UInt64}))

    async def add(self, pieces: Iterator[Checked], progress: Callable[[int], None]) -> None:
        """Adds some pieces, of which the next is read while one is counted."""
        async for piece in _ahead(pieces):
            counted = await asyncio.to_thread(self._count, piece)
            unknown = await _unknown_of_ours(self.uow_factory, self.actor, counted.ours)
            sums, rejects = counted.sums, counted.rejects
            if unknown.height:
                sums = sums.join(unknown, on="person", how="anti")
                refused = counted.ours.join(unknown, on="person", how="semi")
                rejects = pl.concat([rejects, refused.select(ROW_NUMBER, code=pl.lit("user_unknown", dtype=CODES))])
            await asyncio.to_thread(self._sums.add, sums)
            self.rejects.append(rejects)
            self.rows_read += counted.rows_read
            progress(self.rows_read)

    def _count(self, piece: Checked) -> Counted:
        """Leaves out who is nobody, and keeps the rows of ours until the database has been asked."""
        good, bad = piece.good, piece.bad
        largest = good.select(pl.col("paise").abs().max()).item() or 0
        if largest * good.height >= 2**63:
            good = good.with_columns(pl.col("paise").cast(pl.Int128))
        sums = add_rows(good)
        strange = self._strange(sums)
        coded = {name: one for name, one in strange.items() if isinstance(one, str)}
        if coded:
            faults = pl.DataFrame({"person": list(coded), "code": list(coded.values())}).cast({"code": CODES})
            sums = sums.join(faults, on="person", how="anti")
            bad = pl.concat([bad, good.join(faults, on="person").select(ROW_NUMBER, "code")])
        named = [
            (name, int(one.value))
            for name, one in strange.items()
            if isinstance(one, Person) and one.kind is PersonKind.OURS
        ]
        ours = pl.DataFrame(named, schema={"person": pl.String, "customer_id": pl.Int64}, orient="row")
        return Counted(
            rows_read=piece.good.height + piece.bad.height,
            sums=sums,
            rejects=bad,
            ours=good.select("person", ROW_NUMBER).head(good.height if named else 0).join(ours, on="person"),
        )

    def _strange(self, sums: pl.DataFrame) -> dict[str, Person | str]:
        """Who is named in a way that has to be looked at one by one: whom it names, or what is wrong with it."""
        names = sums["person"]
        if self.layout.people is PersonKind.EXTERNAL:
            unseen = sums.join(self._plain, on=["key", "proof"], how="anti")
            looked_at = unseen.select("key", "proof", "person", is_plain=is_plainly_external("person"))
            names = looked_at.filter(~pl.col("is_plain"))["person"]
            if self._plain.height < MOST_PLAIN:
                self._plain = pl.concat([self._plain, looked_at.filter("is_plain").select("key", "proof")])
        found = {}
        # The same spaces as an import takes away: Python's own `strip` takes others.
        for name, text in zip(names.to_list(), names.str.strip_chars(SPACES).to_list(), strict=True):
            if name not in self._known:
                self._known[name] = self._identify(text)
            found[name] = self._known[name]
        return found

    def _identify(self, name: str) -> Person | str:
        if not name:
            return "person_missing"
        return identify(name, people=self.layout.people, check=self.identity.check)

    def everybody(self) -> pl.DataFrame:
        """One row for each person, however often they were spelled differently."""
        total = self._sums.all()
        people = {name: one for name, one in self._known.items() if isinstance(one, Person)}
        spelled = {name: _key(one) for name, one in people.items()}
        shown = {_key(one): _shown(one) for one in people.values()}
        if spelled:
            total = total.with_columns(pl.col("person").replace(spelled)).with_columns(keys())
        summed = add_sums(total).select("person", "first_row", "transactions", "balance_paise")
        return summed.with_columns(pl.col("person").replace(shown)) if shown else summed


def _key(person: Person) -> str:
    """One text for all spellings of a person. No id of another system holds a space."""
    return person.value if person.kind is PersonKind.EXTERNAL else f"{person.kind} {person.value}"


def _shown(person: Person) -> str:
    if person.kind is PersonKind.AADHAAR:
        return mask_aadhaar(person.value)
    return format_user_id(int(person.value)) if person.kind is PersonKind.OURS else person.value


async def _unknown_of_ours(uow_factory: UnitOfWorkFactory, actor: Actor, ours: pl.DataFrame) -> pl.DataFrame:
    """The names in our form that are nobody's."""
    named = ours.select("person", "customer_id").unique()
    if named.is_empty():
        return named
    async with uow_factory.open(actor) as uow:
        registered = await customers.list_registered(uow.session, named["customer_id"].to_list())
    return named.filter(~pl.col("customer_id").is_in(list(registered)))


async def _ahead(pieces: Iterator[Checked]) -> AsyncGenerator[Checked]:
    """The pieces, each of which is made in a thread while the one before it is looked at."""
    coming = asyncio.create_task(asyncio.to_thread(next, pieces, None))
    try:
        while piece := await coming:
            coming = asyncio.create_task(asyncio.to_thread(next, pieces, None))
            yield piece
    finally:
        # A thread cannot be stopped: what it reads must stay until it is done.
        await asyncio.gather(coming, return_exceptions=True)
