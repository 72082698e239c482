"""Scores every person in a file of bank transactions at once. The scores are estimates, and nothing is stored.

The scores used for decisions are computed by the worker, from all stored transactions of a registered person. This
module shows a lender the scores that one file alone gives. The file is read as an import reads it: the same layouts,
the same checks, the same refused rows. Then balances are summed and the current `bank_balance` scorecard is applied.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from app.db.repositories.credit import scoring as repository
from app.db.repositories.people import customers
from app.domain.credit.scoring import BANK_BALANCE
from app.domain.people.aadhaar import mask_aadhaar
from app.domain.people.access import Actor
from app.domain.public_ids import format_user_id
from app.services.imports.balance_sums import BalanceSums, Numbers
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScores:
    """The scores of a file. `scores` has person, first_row, transactions, balance_paise, score. An Aadhaar number is
    masked; `first_row` says where the file has it. `rejects` has row_number and code."""

    rows_read: int
    scorecard_version: int
    scores: pl.DataFrame
    rejects: pl.DataFrame


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
    _sums: BalanceSums = field(default_factory=BalanceSums)
    #: The fault of each person by their number; null for none.
    _faults: pl.Series = field(default_factory=lambda: pl.Series(dtype=CODES))
    #: People whose id is not certainly an external one, by the id as the file spells it.
    _identified: dict[str, Person] = field(default_factory=dict)

    async def add(self, pieces: Iterator[Checked], progress: Callable[[int], None]) -> None:
        """Adds pieces; the next one is read while one is counted."""
        async for piece in read_ahead(pieces):
            numbers, people = await asyncio.to_thread(self._sums.add, piece.good)
            if people.height:
                faults = await self._identify_people(people["person"])
                self._faults = pl.concat([self._faults, faults], rechunk=True)
            self.rejects += [piece.bad, self._refused(piece.good, numbers)]
            self.rows_read += piece.good.height + piece.bad.height
            progress(self.rows_read)

    async def _identify_people(self, names: pl.Series) -> pl.Series:
        """Identifies people. The code of each one's fault; null for none."""
        # Strip the same characters as an import does; Python's own `strip` differs.
        unclear = names.to_frame().with_row_index().with_columns(text=pl.col("person").str.strip_chars(SPACES))
        if self.layout.people is PersonKind.EXTERNAL:
            unclear = unclear.filter(~is_plainly_external("person"))
        faults, ours = dict[int, str](), dict[int, int]()
        for index, name, text in unclear.iter_rows():
            match self._identify(text):
                case Person() as person:
                    self._identified[name] = person
                    if person.kind is PersonKind.OURS:
                        ours[index] = int(person.value)
                case code:
                    faults[index] = code
        faults |= dict.fromkeys(await self._list_unknown(ours), "user_unknown")
        indices = pl.int_range(len(names), eager=True)
        return indices.replace_strict(faults, default=None, return_dtype=CODES)

    def _identify(self, name: str) -> Person | str:
        if not name:
            return "person_missing"
        return identify(name, people=self.layout.people, check=self.identity.check)

    async def _list_unknown(self, ours: Mapping[int, int]) -> list[int]:
        """Those of the indices whose customer is not registered."""
        if not ours:
            return []
        async with self.uow_factory.open(self.actor) as uow:
            registered = await customers.list_registered(uow.session, list(ours.values()))
        return [index for index, customer_id in ours.items() if customer_id not in registered]

    def _refused(self, rows: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
        """The rows of people with a fault."""
        if self._faults.null_count() == len(self._faults):
            return NO_REJECTS
        return rows.select(ROW_NUMBER, code=self._faults.gather(numbers)).drop_nulls()

    def sum_by_person(self) -> pl.DataFrame:
        """One row for each person, also if the file spells their id in several ways."""
        total = self._sums.all().filter(self._faults.is_null())
        if not self._identified:
            return total
        spelled = {name: _key(one) for name, one in self._identified.items()}
        shown = {_key(one): _shown(one) for one in self._identified.values()}
        summed = (
            total.with_columns(pl.col("person").replace(spelled))
            .group_by("person")
            .agg(pl.col("first_row").min(), pl.col("transactions").sum(), pl.col("balance_paise").sum())
        )
        return summed.with_columns(pl.col("person").replace(shown))


def _key(person: Person) -> str:
    """One text for all spellings of a person. Except for external ids it contains a space, which no external id has."""
    return person.value if person.kind is PersonKind.EXTERNAL else f"{person.kind} {person.value}"


def _shown(person: Person) -> str:
    if person.kind is PersonKind.AADHAAR:
        return mask_aadhaar(person.value)
    return format_user_id(int(person.value)) if person.kind is PersonKind.OURS else person.value
