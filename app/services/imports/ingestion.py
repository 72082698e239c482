"""Imports files block by block. A file takes effect once, however often it is imported.

A file is identified by its content. The transaction of each block also stores how far the import is. So a crash loses
at most the block that was not committed, and importing the same file again continues where it stopped. A refused row is
stored with its number and the reason; the other rows are loaded. If a reason may no longer hold, importing the same
file again tries the refused rows again, and only those.

The kind of the file (`kinds`) decides which rows are valid and how they are written. Scores are enqueued after the
whole file is loaded, because half a file would give a wrong score.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import polars as pl
import structlog

from app.db.errors import PASSING, classify
from app.db.repositories.imports import ingestion as repository
from app.db.repositories.imports.ingestion import FINISHED, REJECT_COLUMNS, ImportState, Reject
from app.domain.errors import Conflict, DomainError
from app.domain.people.aadhaar import hide_numbers
from app.domain.people.access import Actor
from app.services.imports.asked_scores import as_csv
from app.services.imports.kinds import CUSTOMERS, LOANS, RULES, RowsOfKind, rows_of
from app.services.imports.outcomes import ImportOutcome, Retried, announce_end, outcome_of
from app.services.imports.transaction_rows import TRANSACTIONS
from app.services.people.customers import IdentityService
from app.services.tables.columns import ROW_NUMBER
from app.services.tables.csv_blocks import BLOCK_BYTES
from app.services.tables.files import Table, open_table
from app.services.tables.reading_ahead import read_ahead
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

__all__ = [
    "CUSTOMERS", "LOANS", "TRANSACTIONS", "ImportInProgress", "ImportLoader", "ImportOutcome", "Progress", "Retried",
    "has_retryable_rejects", "import_file", "import_transactions", "list_rejects",
]  # fmt: skip

Item = TypeVar("Item")
log = structlog.get_logger(__name__)


class ImportInProgress(Conflict):
    """Another process is loading this very file. Wait until it has ended."""

    code = "import_in_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is."""

    bytes_read: int
    bytes_total: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A block's rows after the checks that need no database."""

    rows: pl.DataFrame
    bytes_read: int


async def import_transactions(
    uow_factory: UnitOfWorkFactory,
    actor: Actor,
    path: Path,
    *,
    identity: IdentityService,
    progress: Callable[[Progress], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
) -> ImportOutcome:
    """Loads a file of bank transactions: `import_file` for that kind."""
    return await import_file(
        uow_factory, actor, path, kind=TRANSACTIONS, identity=identity, progress=progress, block_bytes=block_bytes
    )


async def import_file(
    uow_factory: UnitOfWorkFactory,
    actor: Actor,
    path: Path,
    *,
    kind: str,
    identity: IdentityService,
    file_name: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
    is_time_up: Callable[[], bool] = lambda: False,
    is_job: bool = False,
) -> ImportOutcome:
    """Loads a file of a kind. The same file again changes nothing, except that the rows that were refused are tried
    again, if their reasons may no longer hold. A job (`is_job`) does not try them, and is itself run again after a
    fault that passes: such an import has not failed, it goes on.

    Raises FileUnreadable (and its kinds) and LayoutUnknown before anything is written, ImportInProgress if another
    process is loading the file.
    """
    table = await asyncio.to_thread(open_table, path, file_name=file_name)
    rows = rows_of(kind, table=table, identity=identity)
    async with uow_factory.open(actor) as uow:
        state = await _begin(uow, table, kind=kind, file_name=file_name or hide_numbers(path.name))
        if state.status == FINISHED and not is_job and await has_retryable_rejects(uow, state, rows):
            state = await repository.reopen_import(uow.session, state, rules=RULES)
            await _record_begin(uow, table, kind=kind, state=state)
    if state.status == FINISHED:
        return outcome_of(state, already_loaded=True)
    loader = ImportLoader(uow_factory=uow_factory, actor=actor, state=state, kind=rows)
    try:
        async with aclosing(read_ahead(_checked_blocks(table, rows, block_bytes=block_bytes))) as blocks:
            async for block in blocks:
                await loader.load(block.rows, bytes_read=block.bytes_read)
                progress(_progress(block, table, loader.state))
                if is_time_up():
                    return replace(loader.outcome(), is_whole=False)
        return await loader.finish()
    except ImportInProgress:
        raise
    except Exception as error:
        if not (is_job and classify(error) in PASSING):
            await _note_failure(uow_factory, actor, loader.state, error)
        raise


@dataclass(slots=True, kw_only=True)
class ImportLoader:
    """An import in progress: how far it is, and the kind of its rows."""

    uow_factory: UnitOfWorkFactory
    actor: Actor
    state: ImportState
    kind: RowsOfKind
    _seen: int = field(default=0)
    _tried: int = field(default=0)
    _begun: ImportState = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.state

    async def load(self, rows: pl.DataFrame, *, bytes_read: int) -> None:
        """Writes a block and stores the progress, in one transaction. Skips rows that an earlier attempt wrote."""
        state, seen = self.state, self._seen
        self._seen += rows.height
        rows = rows.slice(min(max(state.rows_read - seen, 0), rows.height))
        if rows.is_empty():
            return
        async with self.uow_factory.open(self.actor) as uow:
            await self.kind.wait(uow, state.id)
            tried = await self._refused_before(uow, rows) if self.is_retry else rows
            resolved = await self.kind.resolve(uow, tried) if tried.height else tried
            good, bad = resolved.filter(pl.col("code").is_null()), resolved.filter(pl.col("code").is_not_null())
            fresh = await self.kind.drop_known(uow, good, import_id=state.id) if good.height else good
            passed = replace(
                state,
                rows_read=state.rows_read + rows.height,
                rows_loaded=state.rows_loaded + fresh.height,
                rows_known=state.rows_known + good.height - fresh.height,
                rows_rejected=state.rows_rejected + bad.height - (tried.height if self.is_retry else 0),
            )
            if not await repository.advance_import(uow.session, state, to=passed, bytes_read=bytes_read):
                raise ImportInProgress("another process is loading this file")
            if fresh.height:
                await self.kind.write(uow, fresh, import_id=state.id, is_whole=self.is_retry)
            if bad.height:
                await repository.add_rejects(uow.session, self._rejects_csv(bad))
        self.state, self._tried = passed, self._tried + tried.height

    @property
    def is_retry(self) -> bool:
        """Whether this attempt tries only the rows that were refused before."""
        return self.state.attempt > 1

    async def _refused_before(self, uow: UnitOfWork, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that were refused before. Their stored reasons are deleted; refused again, they get new ones."""
        between = {"first": rows[ROW_NUMBER][0], "last": rows[ROW_NUMBER][-1]}
        refused = await repository.list_rejected_rows(uow.session, self.state.id, **between)
        await repository.delete_rejects(uow.session, self.state.id, **between)
        return rows.filter(pl.col(ROW_NUMBER).is_in(refused))

    async def finish(self) -> ImportOutcome:
        """Ends the import and enqueues the scores that it may have changed."""
        async with self.uow_factory.open(self.actor) as uow:
            if not await repository.finish_import(uow.session, self.state, now=uow.now):
                raise ImportInProgress("another process is loading this file")
            asked = await self.kind.finish(uow, self.state.id, is_whole=self.is_retry)
            await announce_end(uow, self.state, outcome="finished")
        return self.outcome(scores_asked=asked)

    def outcome(self, *, scores_asked: int = 0) -> ImportOutcome:
        """The result of the import so far."""
        retried = Retried(
            rows=self._tried,
            loaded=self.state.rows_loaded - self._begun.rows_loaded,
            known=self.state.rows_known - self._begun.rows_known,
        )
        return replace(outcome_of(self.state), retried=retried if self.is_retry else None, scores_asked=scores_asked)

    def _rejects_csv(self, rows: pl.DataFrame) -> bytes:
        reason = pl.col("code").replace_strict(dict(self.kind.reasons))
        return as_csv(rows.with_columns(import_id=pl.lit(self.state.id), reason=reason).select(REJECT_COLUMNS))


async def _begin(uow: UnitOfWork, table: Table, *, kind: str, file_name: str) -> ImportState:
    """The import of a file, which may have begun earlier. Only the beginning is recorded in the audit trail."""
    state = await repository.add_import(
        uow.session,
        kind=kind,
        content_hash=table.content_hash,
        file_name=file_name,
        now=uow.now,
        actor=uow.actor.label,
        rules=RULES,
        size_bytes=table.size_bytes,
    )
    if state.status != FINISHED and state.rows_read == 0:
        await _record_begin(uow, table, kind=kind, state=state)
    return state


async def _record_begin(uow: UnitOfWork, table: Table, *, kind: str, state: ImportState) -> None:
    details = {"kind": kind, "content": table.content_hash.hex()}
    if state.attempt > 1:
        details["attempt"] = str(state.attempt)
    await uow.record("import_begun", object_kind="import", object_id=str(state.id), details=details)
    uow.log_after_commit("import begun", import_id=state.id, kind=kind, actor=uow.actor.label)


async def has_retryable_rejects(uow: UnitOfWork, state: ImportState, rows: RowsOfKind) -> bool:
    """Whether refused rows of an import may be valid now, because the books or the rules for rows have changed."""
    if state.rows_rejected == 0:
        return False
    return state.rules < RULES or await repository.has_rejects_of(uow.session, state.id, codes=rows.retryable)


async def list_rejects(uow_factory: UnitOfWorkFactory, actor: Actor, import_id: int, *, limit: int) -> list[Reject]:
    """The first refused rows of an import, in the order of the file."""
    async with uow_factory.open(actor) as uow:
        return list(await repository.list_rejects(uow.session, import_id, after=0, limit=limit))


async def _note_failure(uow_factory: UnitOfWorkFactory, actor: Actor, state: ImportState, error: Exception) -> None:
    """Stores why an import stopped, if the database still answers."""
    reason = type(error).__name__ + (f":{error.code}" if isinstance(error, DomainError) else "")
    try:
        async with uow_factory.open(actor) as uow:
            await repository.fail_import(uow.session, state.id, failure=reason, now=uow.now)
            await announce_end(uow, state, outcome="failed", reason=reason)
    except Exception as second:
        log.warning("import failure not stored", import_id=state.id, error=type(second).__name__)


def _progress(block: Checked, table: Table, state: ImportState) -> Progress:
    return Progress(bytes_read=block.bytes_read, bytes_total=table.size_bytes, rows=state.rows_read)


def _checked_blocks(table: Table, kind: RowsOfKind, *, block_bytes: int) -> Iterator[Checked]:
    for block in table.blocks(block_bytes=block_bytes):
        yield Checked(rows=kind.check(block.rows), bytes_read=block.bytes_read)
