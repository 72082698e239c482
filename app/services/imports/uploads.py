"""Uploaded files: checked during the request, stored in the database, loaded by a worker.

A file that cannot be imported as a whole (not a workbook, incomplete, too large when unpacked, unknown header) is
refused at once, before anything is written. A valid file is stored in the database in chunks: the API and the worker
may run on two machines and share only the database, and the file survives a restart of both. The worker joins the
chunks in a temporary file and calls the same import as the command line, for a few seconds at a time. When the import
ends, the chunks are deleted; the file's hash, its counts and its refused rows stay.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

import structlog

from app.db.repositories.imports import chunks
from app.db.repositories.imports import ingestion as repository
from app.db.repositories.imports.ingestion import FINISHED, QUEUED, ImportProgress, Reject
from app.domain.errors import Invalid
from app.domain.people.aadhaar import hide_numbers
from app.domain.people.access import SYSTEM
from app.services.imports.ingestion import ImportInProgress, has_retryable_rejects, import_file
from app.services.imports.kinds import RULES, rows_of
from app.services.imports.outcomes import announce_end
from app.services.people.access import open_uow
from app.services.people.customers import IdentityService
from app.services.people.tokens import Claims
from app.services.tables.files import Table, open_table
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

LOAD_IMPORT: Final = "load_import"
CHUNK_BYTES: Final = 1024 * 1024
LONGEST_NAME: Final = 120
REJECTS_AT_ONCE: Final = 5_000

log = structlog.get_logger(__name__)


async def receive(
    uow_factory: UnitOfWorkFactory,
    claims: Claims,
    *,
    kind: str,
    file_name: str,
    content: BinaryIO,
    identity: IdentityService,
    request_id: str | None = None,
) -> ImportProgress:
    """Stores a file and enqueues its import. A file that was loaded before changes nothing, unless rows that were
    refused may be valid now.

    Raises FileUnreadable and its kinds, LayoutUnknown, TokenRevoked.
    """
    name = plain_name(file_name)
    async with _scratch_file() as path:
        await asyncio.to_thread(_copy, content, path)
        table: Table = await asyncio.to_thread(open_table, path, file_name=name)
        rows = rows_of(kind, table=table, identity=identity)
        async with open_uow(uow_factory, claims, request_id=request_id) as uow:
            state = await repository.add_import(
                uow.session,
                kind=kind,
                content_hash=table.content_hash,
                file_name=name,
                now=uow.now,
                actor=uow.actor.label,
                rules=RULES,
                size_bytes=table.size_bytes,
                status=QUEUED,
            )
            status = await chunks.queue_import(uow.session, state.id)
            if status == FINISHED and state.status == FINISHED and await has_retryable_rejects(uow, state, rows):
                status = (await repository.reopen_import(uow.session, state, rules=RULES, status=QUEUED)).status
            if status != FINISHED:
                if not await chunks.has_chunks(uow.session, state.id):
                    await chunks.add_chunks(uow.session, state.id, _read_chunks(path))
                await uow.enqueue(LOAD_IMPORT, key=str(state.id), payload={"import_id": state.id})
            details = {"kind": kind, "content": table.content_hash.hex()}
            await uow.record("file_received", object_kind="import", object_id=str(state.id), details=details)
            return await repository.get_import(uow.session, state.id)


async def load_import(
    uow_factory: UnitOfWorkFactory, import_id: int, *, identity: IdentityService, budget: timedelta
) -> bool:
    """The job: continues an import until its time budget is used up; True when the import has ended.

    At least one block is loaded, so every run makes progress.
    """
    async with uow_factory.open(SYSTEM) as uow:
        state = await repository.get_import(uow.session, import_id)
    if state.status == FINISHED:
        await _delete_chunks(uow_factory, import_id)
        return True
    async with _scratch_file() as path:
        await _join_chunks(uow_factory, import_id, path)
        until = uow_factory.clock() + budget
        try:
            outcome = await import_file(
                uow_factory,
                SYSTEM,
                path,
                kind=state.kind,
                identity=identity,
                file_name=state.file_name,
                is_time_up=lambda: uow_factory.clock() >= until,
                is_job=True,
            )
        except ImportInProgress:
            return False
        except Invalid as error:
            # Another try cannot help. The file passed the checks at upload, so the checks have changed since.
            async with uow_factory.open(SYSTEM) as uow:
                await repository.fail_import(uow.session, import_id, failure=error.code, now=uow.now)
                await announce_end(uow, state, outcome="failed", reason=error.code)
            await _delete_chunks(uow_factory, import_id)
            return True
    if outcome.is_whole:
        await _delete_chunks(uow_factory, import_id)
    return outcome.is_whole


async def view_import(uow: UnitOfWork, import_id: int) -> ImportProgress:
    """The progress of an import. Raises `ImportNotFound`."""
    return await repository.get_import(uow.session, import_id)


async def list_imports(uow: UnitOfWork, *, before: int, limit: int) -> list[ImportProgress]:
    """A page of the imports, newest first."""
    return await repository.list_imports(uow.session, before=before, limit=limit)


async def watch_import(
    uow_factory: UnitOfWorkFactory, claims: Claims, import_id: int, *, every_seconds: float
) -> AsyncGenerator[ImportProgress]:
    """The progress of an import every so many seconds, until it ends. No transaction is open in between.

    Raises ImportNotFound, and TokenExpired or TokenRevoked as soon as the token is no longer valid.
    """
    while True:
        async with open_uow(uow_factory, claims) as uow:
            found = await repository.get_import(uow.session, import_id)
        yield found
        if is_over(found):
            return
        await asyncio.sleep(every_seconds)


async def each_reject(uow_factory: UnitOfWorkFactory, claims: Claims, import_id: int) -> AsyncGenerator[list[Reject]]:
    """The refused rows of an import, a page at a time. Raises ImportNotFound, and TokenExpired or TokenRevoked as soon
    as the token is no longer valid."""
    async with open_uow(uow_factory, claims) as uow:
        await repository.get_import(uow.session, import_id)
        await uow.record("rejects_exported", object_kind="import", object_id=str(import_id))
    last = 0
    while True:
        async with open_uow(uow_factory, claims) as uow:
            page = await repository.list_rejects(uow.session, import_id, after=last, limit=REJECTS_AT_ONCE)
        if not page:
            return
        last = page[-1].row_number
        yield list(page)


def is_over(found: ImportProgress) -> bool:
    """Whether an import has ended, with or without success."""
    return found.finished_at is not None


def plain_name(file_name: str) -> str:
    """The last part of a file's name, shortened, without control characters and without identity numbers."""
    last = PurePosixPath(file_name.replace("\\", "/")).name
    kept = hide_numbers("".join(character for character in last if character.isprintable()).strip())
    suffix = PurePosixPath(kept).suffix
    return (kept if len(kept) <= LONGEST_NAME else kept[: LONGEST_NAME - len(suffix)] + suffix) or "file"


async def _delete_chunks(uow_factory: UnitOfWorkFactory, import_id: int) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await chunks.delete_chunks(uow.session, import_id)


async def _join_chunks(uow_factory: UnitOfWorkFactory, import_id: int, path: Path) -> None:
    with path.open("wb") as file:
        number = 0
        async with uow_factory.open(SYSTEM) as uow:
            while (chunk := await chunks.find_chunk(uow.session, import_id, number=number)) is not None:
                await asyncio.to_thread(file.write, chunk)
                number += 1


@asynccontextmanager
async def _scratch_file() -> AsyncIterator[Path]:
    """A temporary file that is deleted when the block ends."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="kist-import-")
    try:
        yield Path(folder) / "file"
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _copy(content: BinaryIO, path: Path) -> None:
    content.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK_BYTES)


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
