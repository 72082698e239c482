"""Scoring everybody in a file of bank transactions at once: an estimate, of which nothing is stored.

A score that counts is made of all transactions of a registered person, in the database, by the worker. Here a lender
asks what a file would say, before importing it or instead. The file is read as an import reads it: the same layouts,
the same checks, the same refused rows. Then balances are summed and the present `bank_balance` card is applied.

Nearly all rows of a real file are spelled the usual way. Whether one is, and what it adds, is a single fused expression
over the raw text; the few others take the import's own way, `check_rows`, which has the last word on every row.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl

from app.db.repositories import customers
from app.db.repositories import scoring as repository
from app.domain.aadhaar import mask_aadhaar
from app.domain.access import Actor
from app.domain.public_ids import format_user_id
from app.domain.scoring import BANK_BALANCE
from app.services.balance_sums import RunningSums, add_rows, add_sums
from app.services.bank_transactions import (
    REASONS,
    Layout,
    Person,
    PersonKind,
    add_plain_paise,
    check_rows,
    find_layout,
    identify,
    is_plainly_external,
)
from app.services.columns import ROW_NUMBER
from app.services.csv_blocks import CsvFile, parse, raw_blocks, tidy
from app.services.customers import IdentityDesk
from app.services.tables import Table, open_table
from app.services.work import Desk

#: Blocks that are summed by person together: enough rows for the sums to be much fewer than the rows.
BLOCKS_AT_ONCE: Final = 8
ABREAST: Final = os.cpu_count() or 1
CODES: Final = pl.Enum(list(REASONS))


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
    """Some blocks, counted: sums by person, refused rows, and the rows of who may be unknown to us."""

    height: int
    bytes_read: int
    rows_read: int
    sums: pl.DataFrame
    rejects: pl.DataFrame
    ours: pl.DataFrame


async def score_file(
    desk: Desk,
    actor: Actor,
    path: Path,
    *,
    identity: IdentityDesk,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FileScores:
    """Scores everybody whom a file of bank transactions names, at once. Nothing is written.

    Raises FileUnreadable and its kinds, LayoutUnknown, ScorecardUnknown.
    """
    table = await asyncio.to_thread(open_table, path, is_hashed=False)
    count = Counter(layout=find_layout(table.header), identity=identity)
    async with desk.open(actor) as work:
        card = await repository.get_scorecard(work.session, BANK_BALANCE)
    sums, rejects, rows_read, done = RunningSums(), [], 0, 0
    first_row = 0 if table.csv is None else table.csv.header_row + 1
    async for counted in _abreast(_tasks(table, count)):
        unknown = await _unknown_of_ours(desk, actor, counted.ours)
        known = counted.sums.join(unknown, on="person", how="anti")
        await asyncio.to_thread(sums.add, known.with_columns(pl.col("first_row") + first_row))
        refused = counted.ours.join(unknown, on="person", how="semi").select(
            ROW_NUMBER, code=pl.lit("user_unknown", dtype=CODES)
        )
        rejects.append(pl.concat([counted.rejects, refused]).with_columns(pl.col(ROW_NUMBER) + first_row))
        first_row, rows_read, done = (
            first_row + counted.height,
            rows_read + counted.rows_read,
            done + counted.bytes_read,
        )
        progress(done, table.size_bytes)
    everybody = await asyncio.to_thread(count.add_up, sums.all())
    return FileScores(
        rows_read=rows_read,
        scorecard_version=card.version,
        scores=everybody.with_columns(score=bank_balance(pl.col("balance_paise"), parameters=card.parameters)),
        rejects=pl.concat([count.no_rejects, *rejects]).sort(ROW_NUMBER),
    )


def bank_balance(balance: pl.Expr, *, parameters: Mapping[str, Any]) -> pl.Expr:
    """`domain.scoring.bank_balance` for a whole column of balances; a test holds the two together."""
    steps = (balance - parameters["base_paise"]) // parameters["step_paise"]
    points: pl.Expr = parameters["minimum"] + parameters["points_per_step"] * steps
    return points.clip(parameters["minimum"], parameters["maximum"]).cast(pl.Int64)


@dataclass(slots=True, kw_only=True)
class Counter:
    """Checks and sums rows of one layout, in any thread."""

    layout: Layout
    identity: IdentityDesk
    no_rejects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={ROW_NUMBER: pl.Int64, "code": CODES}))
    _known: dict[str, Person | str] = field(default_factory=dict)

    def of_csv(self, raws: Sequence[bytes], *, file: CsvFile) -> Counted:
        """Blocks of a CSV file; their rows are numbered from 0."""
        frames: list[pl.DataFrame] = []
        height = 0
        for raw in raws:
            rows = parse(raw, width=len(file.header), first_row=height)
            height += rows.height
            frames += self._read(rows)
        return self._count(frames, height=height, bytes_read=sum(map(len, raws)))

    def of_workbook(self, table: Table) -> Counted:
        """All rows of a workbook, under their own numbers."""
        frames = [frame for block in table.blocks() for frame in self._read(block.rows)]
        return self._count(frames, height=0, bytes_read=table.size_bytes)

    def _read(self, rows: pl.DataFrame) -> list[pl.DataFrame]:
        """The rows as `person, paise, row_number, code`: the plain ones, then the others, checked as in an import."""
        person = pl.col(self.layout.person).alias("person")
        code = pl.lit(None, dtype=CODES).alias("code")
        rows = add_plain_paise(rows, layout=self.layout)
        plain = rows.select(person, "paise", ROW_NUMBER, code)
        if not rows["paise"].null_count():
            return [plain]
        plain = plain.filter(pl.col("paise").is_not_null())
        others = tidy(rows.filter(pl.col("paise").is_null()).drop("paise"))
        checked = check_rows(others, layout=self.layout)
        signed = pl.when(pl.col("direction") == "CREDIT").then("amount_paise").otherwise(-pl.col("amount_paise"))
        return [plain, checked.select("person", signed.alias("paise"), ROW_NUMBER, pl.col("code").cast(CODES))]

    def _count(self, frames: list[pl.DataFrame], *, height: int, bytes_read: int) -> Counted:
        if not frames:
            frames = [pl.DataFrame(schema=_ROWS)]
        rows = pl.concat(frames)
        bad = rows.filter(pl.col("code").is_not_null()).select(ROW_NUMBER, "code")
        good = rows.filter(pl.col("code").is_null()) if bad.height else rows
        largest = good.select(pl.col("paise").abs().max()).item() or 0
        if largest * good.height >= 2**63:
            good = good.with_columns(pl.col("paise").cast(pl.Int128))
        sums = add_rows(good)
        return self._settle(good, sums, bad, sizes=(height, bytes_read, rows.height))

    def _settle(
        self, good: pl.DataFrame, sums: pl.DataFrame, bad: pl.DataFrame, *, sizes: tuple[int, int, int]
    ) -> Counted:
        """Leaves out who is nobody, and keeps the rows of ours until the database has been asked."""
        strange = self._strange(sums)
        coded = pl.DataFrame(
            [(name, one) for name, one in strange.items() if isinstance(one, str)],
            schema={"person": pl.String, "code": CODES},
            orient="row",
        )
        ours = pl.DataFrame(
            [(name, int(one.value)) for name, one in strange.items()
             if isinstance(one, Person) and one.kind is PersonKind.OURS],
            schema={"person": pl.String, "customer_id": pl.Int64},
            orient="row",
        )  # fmt: skip
        rejects = [bad]
        if coded.height:
            sums = sums.join(coded, on="person", how="anti")
            rejects.append(good.drop("code").join(coded, on="person").select(ROW_NUMBER, "code"))
        height, bytes_read, rows_read = sizes
        return Counted(
            height=height,
            bytes_read=bytes_read,
            rows_read=rows_read,
            sums=sums,
            rejects=pl.concat(rejects),
            ours=good.select("person", ROW_NUMBER).head(good.height if ours.height else 0).join(ours, on="person"),
        )

    def _strange(self, sums: pl.DataFrame) -> dict[str, Person | str]:
        """Who is named in a way that has to be looked at one by one: whom it names, or what is wrong with it."""
        names = sums["person"]
        if self.layout.people is PersonKind.EXTERNAL:
            names = sums.filter(~is_plainly_external("person"))["person"]
        found = {}
        for name in names.to_list():
            if name not in self._known:
                self._known[name] = self._identify(name.strip())
            found[name] = self._known[name]
        return found

    def _identify(self, name: str) -> Person | str:
        if not name:
            return "person_missing"
        return identify(name, people=self.layout.people, check=self.identity.check)

    def add_up(self, total: pl.DataFrame) -> pl.DataFrame:
        """One row for each person, however often they were spelled differently."""
        people = {name: one for name, one in self._known.items() if isinstance(one, Person)}
        spelled = {name: _key(one) for name, one in people.items()}
        shown = {_key(one): _shown(one) for one in people.values()}
        if spelled:
            total = total.with_columns(pl.col("person").replace(spelled))
        summed = add_sums(total)
        return summed.with_columns(pl.col("person").replace(shown)) if shown else summed


_ROWS: Final = {"person": pl.String(), "paise": pl.Int64(), ROW_NUMBER: pl.Int64(), "code": CODES}


def _key(person: Person) -> str:
    """One text for all spellings of a person. No id of another system holds a space."""
    return person.value if person.kind is PersonKind.EXTERNAL else f"{person.kind} {person.value}"


def _shown(person: Person) -> str:
    if person.kind is PersonKind.AADHAAR:
        return mask_aadhaar(person.value)
    return format_user_id(int(person.value)) if person.kind is PersonKind.OURS else person.value


async def _unknown_of_ours(desk: Desk, actor: Actor, ours: pl.DataFrame) -> pl.DataFrame:
    """The names in our form that are nobody's."""
    named = ours.select("person", "customer_id").unique()
    if named.is_empty():
        return named
    async with desk.open(actor) as work:
        registered = await customers.list_registered(work.session, named["customer_id"].to_list())
    return named.filter(~pl.col("customer_id").is_in(list(registered)))


def _tasks(table: Table, count: Counter) -> Iterator[Callable[[], Counted]]:
    if table.csv is None:
        yield partial(count.of_workbook, table)
        return
    blocks = raw_blocks(table.csv)
    while raws := list(islice(blocks, BLOCKS_AT_ONCE)):
        yield partial(count.of_csv, raws, file=table.csv)


async def _abreast(tasks: Iterator[Callable[[], Counted]]) -> AsyncGenerator[Counted]:
    """The results in the order of the file, a few being made at any time."""
    coming: deque[asyncio.Task[Counted]] = deque()
    try:
        while True:
            task = await asyncio.to_thread(next, tasks, None)
            if task is not None:
                coming.append(asyncio.create_task(asyncio.to_thread(task)))
            if not coming:
                return
            if task is None or len(coming) >= ABREAST:
                yield await coming.popleft()
    finally:
        # A thread cannot be stopped: what it reads must stay until it is done.
        await asyncio.gather(*coming, return_exceptions=True)
