"""Scores every person in a file of bank transactions at once. The scores are estimates, and nothing is stored.

The scores used for decisions are computed by the worker, from all stored transactions of a registered person. This
module shows a lender the scores that one file alone gives. The file is read as an import reads it: the same layouts,
the same checks, the same refused rows. Then balances are summed and the current `bank_balance` scorecard is applied.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
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
from app.services.imports.checked_rows import CODES, NO_REJECTS, Checked, by_blocks, by_slices
from app.services.people.customers import IdentityService
from app.services.tables.columns import ROW_NUMBER, SPACES
from app.services.tables.files import open_table
from app.services.tables.reading_ahead import read_ahead
from app.services.unit_of_work import UnitOfWorkFactory

#: The most ids that are remembered as certainly external.
MOST_PLAIN: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScores:
    """The scores of a file. `scores` has person, first_row, transactions, balance_paise, score. An Aadhaar number is
    masked; `first_row` says where the file has it. `rejects` has row_number and code."""

    rows_read: int
    scorecard_version: int
    scores: pl.DataFrame
    rejects: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The result of one piece of rows: sums by person, refused rows, and the rows that name a person by our id."""

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
    """Scores every person in a file of bank transactions. Nothing is written. `progress` is called with the number of
    rows read so far.

    Raises FileUnreadable and its kinds, LayoutUnknown, ScorecardUnknown.
    """
    table = await asyncio.to_thread(open_table, path, is_hashed=False)
    layout = find_layout(table.header, top=table.top)
    async with uow_factory.open(actor) as uow:
        card = await repository.get_scorecard(uow.session, BANK_BALANCE)
    count = Counter(uow_factory=uow_factory, actor=actor, layout=layout, identity=identity)
    await count.add(by_slices(table.csv, layout=layout) if table.csv else by_blocks(table, layout=layout), progress)
    sums = await asyncio.to_thread(count.sum_by_person)
    return FileScores(
        rows_read=count.rows_read,
        scorecard_version=card.version,
        scores=sums.with_columns(score=bank_balance(pl.col("balance_paise"), parameters=card.parameters)),
        rejects=pl.concat([NO_REJECTS, *count.rejects]).sort(ROW_NUMBER),
    )


def bank_balance(balance: pl.Expr, *, parameters: Mapping[str, Any]) -> pl.Expr:
    """`domain.credit.scoring.bank_balance` for a whole column of balances. A test checks that both agree."""
    steps = (balance - parameters["base_paise"]) // parameters["step_paise"]
    points: pl.Expr = parameters["minimum"] + parameters["points_per_step"] * steps
    return points.clip(parameters["minimum"], parameters["maximum"]).cast(pl.Int64)


@dataclass(slots=True, kw_only=True)
class Counter:
    """Sums the rows of a file by person."""

    uow_factory: UnitOfWorkFactory
    actor: Actor
    layout: Layout
    identity: IdentityService
    rows_read: int = 0
    rejects: list[pl.DataFrame] = field(default_factory=list)
    _sums: RunningSums = field(default_factory=RunningSums)
    _known: dict[str, Person | str] = field(default_factory=dict)
    #: The hashes of ids that are certainly external. Finding them here is faster than checking the texts again.
    _plain: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"key": pl.UInt64, "proof": pl.UInt64}))

    async def add(self, pieces: Iterator[Checked], progress: Callable[[int], None]) -> None:
        """Adds pieces; the next one is read while one is counted."""
        async for piece in read_ahead(pieces):
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
        """Sums one piece, refuses invalid ids, and lists the rows with our ids, which the database must confirm."""
        good, bad = piece.good, piece.bad
        largest = good.select(pl.col("paise").abs().max()).item() or 0
        if largest * good.height >= 2**63:
            good = good.with_columns(pl.col("paise").cast(pl.Int128))
        sums = add_rows(good)
        identified = self._identify_people(sums)
        coded = {name: one for name, one in identified.items() if isinstance(one, str)}
        if coded:
            faults = pl.DataFrame({"person": list(coded), "code": list(coded.values())}).cast({"code": CODES})
            sums = sums.join(faults, on="person", how="anti")
            bad = pl.concat([bad, good.join(faults, on="person").select(ROW_NUMBER, "code")])
        named = [
            (name, int(one.value))
            for name, one in identified.items()
            if isinstance(one, Person) and one.kind is PersonKind.OURS
        ]
        ours = pl.DataFrame(named, schema={"person": pl.String, "customer_id": pl.Int64}, orient="row")
        return Counted(
            rows_read=piece.good.height + piece.bad.height,
            sums=sums,
            rejects=bad,
            ours=good.select("person", ROW_NUMBER).head(good.height if named else 0).join(ours, on="person"),
        )

    def _identify_people(self, sums: pl.DataFrame) -> dict[str, Person | str]:
        """The person or the fault code of each id that is not certainly external."""
        names = sums["person"]
        if self.layout.people is PersonKind.EXTERNAL:
            unseen = sums.join(self._plain, on=["key", "proof"], how="anti")
            checked = unseen.select("key", "proof", "person", is_plain=is_plainly_external("person"))
            names = checked.filter(~pl.col("is_plain"))["person"]
            if self._plain.height < MOST_PLAIN:
                self._plain = pl.concat([self._plain, checked.filter("is_plain").select("key", "proof")])
        found = {}
        # Strip the same characters as an import does; Python's own `strip` differs.
        for name, text in zip(names.to_list(), names.str.strip_chars(SPACES).to_list(), strict=True):
            if name not in self._known:
                self._known[name] = self._identify(text)
            found[name] = self._known[name]
        return found

    def _identify(self, name: str) -> Person | str:
        if not name:
            return "person_missing"
        return identify(name, people=self.layout.people, check=self.identity.check)

    def sum_by_person(self) -> pl.DataFrame:
        """One row for each person, also if the file spells their id in several ways."""
        total = self._sums.all()
        people = {name: one for name, one in self._known.items() if isinstance(one, Person)}
        spelled = {name: _key(one) for name, one in people.items()}
        shown = {_key(one): _shown(one) for one in people.values()}
        if spelled:
            total = total.with_columns(pl.col("person").replace(spelled)).with_columns(keys())
        summed = add_sums(total).select("person", "first_row", "transactions", "balance_paise")
        return summed.with_columns(pl.col("person").replace(shown)) if shown else summed


def _key(person: Person) -> str:
    """One text for all spellings of a person. Except for external ids it contains a space, which no external id has."""
    return person.value if person.kind is PersonKind.EXTERNAL else f"{person.kind} {person.value}"


def _shown(person: Person) -> str:
    if person.kind is PersonKind.AADHAAR:
        return mask_aadhaar(person.value)
    return format_user_id(int(person.value)) if person.kind is PersonKind.OURS else person.value


async def _unknown_of_ours(uow_factory: UnitOfWorkFactory, actor: Actor, ours: pl.DataFrame) -> pl.DataFrame:
    """The ids in our form that no registered customer has."""
    named = ours.select("person", "customer_id").unique()
    if named.is_empty():
        return named
    async with uow_factory.open(actor) as uow:
        registered = await customers.list_registered(uow.session, named["customer_id"].to_list())
    return named.filter(~pl.col("customer_id").is_in(list(registered)))
