"""Importing files: row by row in effect, block by block in fact, and once however often it is tried.

A file is known by its content. Its rows are loaded in blocks, each in a transaction that also moves the import's own
mark forward, so a crash loses at most a block that was never committed, and the same file given again goes on where it
stopped. A bad row is kept with its number and the reason; the others load.

People who are named and not registered are kept as prospects. Scores are asked for when the whole file is there, not
before: half a file would give a wrong score, and somebody may be waiting for one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Final, TypeVar

import polars as pl
import structlog

from app.db.repositories import bank_transactions as transactions
from app.db.repositories import ingestion as repository
from app.db.repositories.ingestion import FINISHED, REJECT_COLUMNS, ImportState
from app.domain.access import Actor
from app.domain.errors import Conflict, DomainError
from app.services.bank_transactions import REASONS, Layout, check_rows, find_layout
from app.services.csv_blocks import BLOCK_BYTES, CsvFile, open_csv, read_blocks
from app.services.customers import SCORE_CUSTOMER, IdentityDesk
from app.services.prospects import People
from app.services.work import SWEEP_AFTER, Desk, Job, Work

TRANSACTIONS: Final = "transactions"
#: Jobs written in one statement, and those that are rung for at once; the sweeper finds the others.
JOBS_AT_ONCE: Final = 10_000
RUNG_AT_ONCE: Final = 1_000

Item = TypeVar("Item")
log = structlog.get_logger(__name__)


class ImportInProgress(Conflict):
    """Another program is loading this very file."""

    code = "import_in_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is."""

    bytes_read: int
    bytes_total: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an import. `already_loaded`: the file was there, and nothing was changed."""

    import_id: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    already_loaded: bool = False
    scores_asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A block's rows after the checks that need no database."""

    rows: pl.DataFrame
    bytes_read: int


async def import_transactions(
    desk: Desk,
    actor: Actor,
    path: Path,
    *,
    identity: IdentityDesk,
    progress: Callable[[Progress], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
) -> ImportOutcome:
    """Loads a file of bank transactions. The same file again changes nothing.

    Raises FileUnreadable and LayoutUnknown before anything is written, ImportInProgress when somebody else is at it.
    """
    file = await asyncio.to_thread(open_csv, path)
    layout = find_layout(file.header)
    async with desk.open(actor) as work:
        state = await repository.add_import(
            work.session,
            kind=TRANSACTIONS,
            content_hash=file.content_hash,
            file_name=path.name,
            now=work.now,
            actor=actor.label,
        )
    if state.status == FINISHED:
        return _outcome(state, already_loaded=True)
    loader = TransactionLoader(
        desk=desk, actor=actor, state=state, people=People(identity=identity, named_by=layout.people)
    )
    try:
        async with aclosing(_ahead(_checked_blocks(file, layout, block_bytes=block_bytes))) as blocks:
            async for block in blocks:
                await loader.load(block.rows)
                progress(
                    Progress(bytes_read=block.bytes_read, bytes_total=file.size_bytes, rows=loader.state.rows_read)
                )
        return await loader.finish()
    except ImportInProgress:
        raise
    except Exception as error:
        await _note_failure(desk, actor, state.id, error)
        raise


@dataclass(slots=True, kw_only=True)
class TransactionLoader:
    """One import under way: where its mark stands, and whom its rows have named so far."""

    desk: Desk
    actor: Actor
    state: ImportState
    people: People
    _seen: int = field(default=0)

    async def load(self, rows: pl.DataFrame) -> None:
        """Writes a block, unless an earlier try of this import did, and moves the mark; all in one transaction."""
        state, seen = self.state, self._seen
        self._seen += rows.height
        rows = rows.slice(min(max(state.rows_read - seen, 0), rows.height))
        if rows.is_empty():
            return
        async with self.desk.open(self.actor) as work:
            found = await self.people.find(work, rows.filter(pl.col("code").is_null())["person"])
            named = rows.join(found, on="person", how="left", maintain_order="left").with_columns(
                code=pl.coalesce("code", "person_code")
            )
            good, bad = named.filter(pl.col("code").is_null()), named.filter(pl.col("code").is_not_null())
            loaded, rejected = good.height, bad.height
            if not await repository.advance_import(
                work.session, state.id, from_row=state.rows_read, read=rows.height, loaded=loaded, rejected=rejected
            ):
                raise ImportInProgress("this file is being loaded by somebody else")
            if loaded:
                await transactions.add_transactions(work.session, _transactions_csv(good, import_id=state.id))
            if rejected:
                await repository.add_rejects(work.session, _rejects_csv(bad, import_id=state.id))
        self.state = replace(
            state,
            rows_read=state.rows_read + rows.height,
            rows_loaded=state.rows_loaded + loaded,
            rows_rejected=state.rows_rejected + rejected,
        )

    async def finish(self) -> ImportOutcome:
        """Closes the import and asks for the scores of the registered people who got rows."""
        async with self.desk.open(self.actor) as work:
            if not await repository.finish_import(
                work.session, self.state.id, rows_read=self.state.rows_read, now=work.now
            ):
                raise ImportInProgress("this file is being loaded by somebody else")
            asked = await _ask_for_scores(work, self.state.id)
        return _outcome(self.state, scores_asked=asked)


async def _ask_for_scores(work: Work, import_id: int) -> int:
    """A score job for every registered customer with rows of the import; answers how many customers there are."""
    asked, last = 0, 0
    while customers := await transactions.list_registered_of_import(
        work.session, import_id, after=last, limit=JOBS_AT_ONCE
    ):
        asked, last = asked + len(customers), customers[-1]
        written = await repository.add_customer_jobs(
            work.session, SCORE_CUSTOMER, customers, now=work.now, due_at=work.now + SWEEP_AFTER
        )
        space = max(RUNG_AT_ONCE - len(work.jobs), 0)
        work.jobs += [
            Job(name=SCORE_CUSTOMER, key=str(customer_id), outbox_id=outbox_id)
            for outbox_id, customer_id in written[:space]
        ]
    return asked


async def _note_failure(desk: Desk, actor: Actor, import_id: int, error: Exception) -> None:
    """Writes down why an import stopped, where the database can still be reached."""
    reason = type(error).__name__ + (f":{error.code}" if isinstance(error, DomainError) else "")
    try:
        async with desk.open(actor) as work:
            await repository.fail_import(work.session, import_id, failure=reason, now=work.now)
    except Exception as second:
        log.warning("the failure of an import was not noted", import_id=import_id, error=type(second).__name__)


def _checked_blocks(file: CsvFile, layout: Layout, *, block_bytes: int) -> Iterator[Checked]:
    for block in read_blocks(file, block_bytes=block_bytes):
        yield Checked(rows=check_rows(block.rows, layout=layout), bytes_read=block.bytes_read)


async def _ahead(items: Iterator[Item]) -> AsyncGenerator[Item]:
    """The items, each made in a thread while its predecessor is being used."""
    coming = asyncio.create_task(asyncio.to_thread(next, items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, items, None))
            yield item
    finally:
        # A thread cannot be stopped: the file must stay open until it is done.
        await asyncio.gather(coming, return_exceptions=True)


def _transactions_csv(rows: pl.DataFrame, *, import_id: int) -> bytes:
    return _csv(rows.with_columns(import_id=pl.lit(import_id)).select(transactions.COLUMNS))


def _rejects_csv(rows: pl.DataFrame, *, import_id: int) -> bytes:
    reason = pl.col("code").replace_strict(dict(REASONS))
    return _csv(rows.with_columns(import_id=pl.lit(import_id), reason=reason).select(REJECT_COLUMNS))


def _csv(rows: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    rows.write_csv(buffer, include_header=False)
    return buffer.getvalue()


def _outcome(state: ImportState, *, already_loaded: bool = False, scores_asked: int = 0) -> ImportOutcome:
    return ImportOutcome(
        import_id=state.id,
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_rejected=state.rows_rejected,
        already_loaded=already_loaded,
        scores_asked=scores_asked,
    )
