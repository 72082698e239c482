"""Importing files: row by row in effect, block by block in fact, and once however often it is tried.

A file is known by its content. Its rows are loaded in blocks, each in a transaction that also moves the import's own
mark forward, so a crash loses at most a block that was never committed, and the same file given again goes on where it
stopped. A bad row is kept with its number and the reason; the others load.

What makes a row good, and where it goes, is the business of its kind (`import_kinds`). Scores are asked for when the
whole file is there, not before: half a file would give a wrong score, and somebody may be waiting for one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
import structlog

from app.db.repositories import ingestion as repository
from app.db.repositories.ingestion import FINISHED, REJECT_COLUMNS, ImportProgress, ImportState
from app.domain.aadhaar import hide_numbers
from app.domain.access import Actor
from app.domain.errors import Conflict, DomainError
from app.services.csv_blocks import BLOCK_BYTES
from app.services.customers import IdentityDesk
from app.services.import_kinds import CUSTOMERS, LOANS, TRANSACTIONS, RowsOfKind, as_csv, rows_of
from app.services.tables import Table, open_table
from app.services.work import Desk, Work

__all__ = [
    "CUSTOMERS", "LOANS", "TRANSACTIONS", "ImportInProgress", "ImportLoader", "ImportOutcome", "Progress",
    "import_file", "import_transactions",
]  # fmt: skip

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
    """What became of an import. `already_loaded`: the file was there, and nothing was changed. `is_whole` is False
    where the time was up before the file was: the same call goes on."""

    import_id: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    already_loaded: bool = False
    is_whole: bool = True
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
    """Loads a file of bank transactions: `import_file` for that kind."""
    return await import_file(
        desk, actor, path, kind=TRANSACTIONS, identity=identity, progress=progress, block_bytes=block_bytes
    )


async def import_file(
    desk: Desk,
    actor: Actor,
    path: Path,
    *,
    kind: str,
    identity: IdentityDesk,
    file_name: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
    is_time_up: Callable[[], bool] = lambda: False,
) -> ImportOutcome:
    """Loads a file of a kind. The same file again changes nothing.

    Raises FileUnreadable (and its kinds) and LayoutUnknown before anything is written, ImportInProgress when somebody
    else is at it.
    """
    table = await asyncio.to_thread(open_table, path, file_name=file_name)
    rows = rows_of(kind, header=table.header, identity=identity)
    async with desk.open(actor) as work:
        state = await _begin(work, table, kind=kind, file_name=file_name or hide_numbers(path.name))
    if state.status == FINISHED:
        return _outcome(state, already_loaded=True)
    loader = ImportLoader(desk=desk, actor=actor, state=state, kind=rows)
    try:
        async with aclosing(_ahead(_checked_blocks(table, rows, block_bytes=block_bytes))) as blocks:
            async for block in blocks:
                await loader.load(block.rows, bytes_read=block.bytes_read)
                progress(_progress(block, table, loader.state))
                if is_time_up():
                    return replace(_outcome(loader.state), is_whole=False)
        return await loader.finish()
    except ImportInProgress:
        raise
    except Exception as error:
        await _note_failure(desk, actor, loader.state, error)
        raise


@dataclass(slots=True, kw_only=True)
class ImportLoader:
    """One import under way: where its mark stands, and what its rows are."""

    desk: Desk
    actor: Actor
    state: ImportState
    kind: RowsOfKind
    _seen: int = field(default=0)

    async def load(self, rows: pl.DataFrame, *, bytes_read: int) -> None:
        """Writes a block, unless an earlier try of this import did, and moves the mark; all in one transaction."""
        state, seen = self.state, self._seen
        self._seen += rows.height
        rows = rows.slice(min(max(state.rows_read - seen, 0), rows.height))
        if rows.is_empty():
            return
        async with self.desk.open(self.actor) as work:
            settled = await self.kind.settle(work, rows)
            good, bad = settled.filter(pl.col("code").is_null()), settled.filter(pl.col("code").is_not_null())
            loaded, rejected = good.height, bad.height
            if not await repository.advance_import(
                work.session,
                state.id,
                from_row=state.rows_read,
                read=rows.height,
                loaded=loaded,
                rejected=rejected,
                bytes_read=bytes_read,
            ):
                raise ImportInProgress("this file is being loaded by somebody else")
            if loaded:
                await self.kind.write(work, good, import_id=state.id)
            if rejected:
                await repository.add_rejects(work.session, self._rejects_csv(bad))
        self.state = replace(
            state,
            rows_read=state.rows_read + rows.height,
            rows_loaded=state.rows_loaded + loaded,
            rows_rejected=state.rows_rejected + rejected,
        )

    async def finish(self) -> ImportOutcome:
        """Closes the import and asks for the scores that it may have changed."""
        async with self.desk.open(self.actor) as work:
            if not await repository.finish_import(
                work.session, self.state.id, rows_read=self.state.rows_read, now=work.now
            ):
                raise ImportInProgress("this file is being loaded by somebody else")
            asked = await self.kind.finish(work, self.state.id)
            announce_end(work, self.state, outcome="finished")
        return _outcome(self.state, scores_asked=asked)

    def _rejects_csv(self, rows: pl.DataFrame) -> bytes:
        reason = pl.col("code").replace_strict(dict(self.kind.reasons))
        return as_csv(rows.with_columns(import_id=pl.lit(self.state.id), reason=reason).select(REJECT_COLUMNS))


async def _begin(work: Work, table: Table, *, kind: str, file_name: str) -> ImportState:
    """The import of a file, which may have got somewhere before; only a beginning goes into the audit trail."""
    state = await repository.add_import(
        work.session,
        kind=kind,
        content_hash=table.content_hash,
        file_name=file_name,
        now=work.now,
        actor=work.actor.label,
        size_bytes=table.size_bytes,
    )
    if state.status != FINISHED and state.rows_read == 0:
        details = {"kind": kind, "content": table.content_hash.hex()}
        await work.record("import_begun", object_kind="import", object_id=str(state.id), details=details)
        work.announce("import begun", import_id=state.id, kind=kind, actor=work.actor.label)
    return state


def announce_end(work: Work, state: ImportState | ImportProgress, *, outcome: str, reason: str | None = None) -> None:
    """Says in the log how an import ended, and after how long since its file came."""
    work.announce(
        "import ended",
        import_id=state.id,
        outcome=outcome,
        reason=reason,
        milliseconds=(work.now - state.started_at) // timedelta(milliseconds=1),
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_rejected=state.rows_rejected,
    )


async def _note_failure(desk: Desk, actor: Actor, state: ImportState, error: Exception) -> None:
    """Writes down why an import stopped, where the database can still be reached."""
    reason = type(error).__name__ + (f":{error.code}" if isinstance(error, DomainError) else "")
    try:
        async with desk.open(actor) as work:
            await repository.fail_import(work.session, state.id, failure=reason, now=work.now)
            announce_end(work, state, outcome="failed", reason=reason)
    except Exception as second:
        log.warning("the failure of an import was not noted", import_id=state.id, error=type(second).__name__)


def _progress(block: Checked, table: Table, state: ImportState) -> Progress:
    return Progress(bytes_read=block.bytes_read, bytes_total=table.size_bytes, rows=state.rows_read)


def _checked_blocks(table: Table, kind: RowsOfKind, *, block_bytes: int) -> Iterator[Checked]:
    for block in table.blocks(block_bytes=block_bytes):
        yield Checked(rows=kind.check(block.rows), bytes_read=block.bytes_read)


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


def _outcome(state: ImportState, *, already_loaded: bool = False, scores_asked: int = 0) -> ImportOutcome:
    return ImportOutcome(
        import_id=state.id,
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_rejected=state.rows_rejected,
        already_loaded=already_loaded,
        scores_asked=scores_asked,
    )
