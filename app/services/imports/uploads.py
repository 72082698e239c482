"""Uploaded files: looked at while somebody waits, kept in the database, loaded by a worker.

What is wrong with a file as a whole (not a workbook, cut short, a bomb, no known header) is answered at once, before
anything is written. A good one is kept in pieces in the database, which is all that an API and a worker on two machines
share, and it survives a restart of both. The worker puts the pieces together in a temporary file and calls the same
import as the command line, a few seconds at a time; when the import ends the pieces go, and its hash, its counts and
its rejects stay.
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
from app.services.imports.ingestion import ImportInProgress, announce_end, import_file, may_pass
from app.services.imports.kinds import RULES, rows_of
from app.services.people.access import open_work
from app.services.people.customers import IdentityDesk
from app.services.people.tokens import Claims
from app.services.tables.files import Table, open_table
from app.services.work import Desk, Work

LOAD_IMPORT: Final = "load_import"
CHUNK_BYTES: Final = 1024 * 1024
LONGEST_NAME: Final = 120
REJECTS_AT_ONCE: Final = 5_000

log = structlog.get_logger(__name__)


async def receive(
    desk: Desk,
    claims: Claims,
    *,
    kind: str,
    file_name: str,
    content: BinaryIO,
    identity: IdentityDesk,
    request_id: str | None = None,
) -> ImportProgress:
    """Takes a file in and asks for its import; a file that was loaded before changes nothing, unless rows that it
    refused may be good by now.

    Raises FileUnreadable and its kinds, LayoutUnknown, TokenRevoked.
    """
    name = plain_name(file_name)
    async with _scratch_file() as path:
        await asyncio.to_thread(_copy, content, path)
        table: Table = await asyncio.to_thread(open_table, path, file_name=name)
        rows = rows_of(kind, table=table, identity=identity)
        async with open_work(desk, claims, request_id=request_id) as work:
            state = await repository.add_import(
                work.session,
                kind=kind,
                content_hash=table.content_hash,
                file_name=name,
                now=work.now,
                actor=work.actor.label,
                rules=RULES,
                size_bytes=table.size_bytes,
                status=QUEUED,
            )
            status = await chunks.queue_import(work.session, state.id)
            if status == FINISHED and state.status == FINISHED and await may_pass(work, state, rows):
                status = (await repository.reopen_import(work.session, state, rules=RULES, status=QUEUED)).status
            if status != FINISHED:
                if not await chunks.has_chunks(work.session, state.id):
                    await chunks.add_chunks(work.session, state.id, _pieces(path))
                await work.enqueue(LOAD_IMPORT, key=str(state.id), payload={"import_id": state.id})
            details = {"kind": kind, "content": table.content_hash.hex()}
            await work.record("file_received", object_kind="import", object_id=str(state.id), details=details)
            return await repository.get_import(work.session, state.id)


async def load_import(desk: Desk, import_id: int, *, identity: IdentityDesk, budget: timedelta) -> bool:
    """The job: goes on with an import for as long as the budget says; True when nothing is left of it.

    At least one block is loaded, however long it took to find it: every try gets further.
    """
    async with desk.open(SYSTEM) as work:
        state = await repository.get_import(work.session, import_id)
    if state.status == FINISHED:
        await _let_go(desk, import_id)
        return True
    async with _scratch_file() as path:
        await _put_together(desk, import_id, path)
        until = desk.clock() + budget
        try:
            outcome = await import_file(
                desk,
                SYSTEM,
                path,
                kind=state.kind,
                identity=identity,
                file_name=state.file_name,
                is_time_up=lambda: desk.clock() >= until,
                tries_again=False,
            )
        except ImportInProgress:
            return False
        except Invalid as error:
            # The file itself is wrong and stays so. It was looked at when it came: this code has changed since.
            async with desk.open(SYSTEM) as work:
                await repository.fail_import(work.session, import_id, failure=error.code, now=work.now)
                announce_end(work, state, outcome="failed", reason=error.code)
            await _let_go(desk, import_id)
            return True
    if outcome.is_whole:
        await _let_go(desk, import_id)
    return outcome.is_whole


async def view_import(work: Work, import_id: int) -> ImportProgress:
    """How far an import is. Raises `ImportNotFound`."""
    return await repository.get_import(work.session, import_id)


async def list_imports(work: Work, *, before: int, limit: int) -> list[ImportProgress]:
    """A page of the imports, newest first."""
    return await repository.list_imports(work.session, before=before, limit=limit)


async def watch_import(
    desk: Desk, claims: Claims, import_id: int, *, every_seconds: float
) -> AsyncGenerator[ImportProgress]:
    """How far an import is, again and again, until it ends. No transaction is open in between.

    Raises ImportNotFound, and TokenExpired or TokenRevoked as soon as the token is worth nothing.
    """
    while True:
        async with open_work(desk, claims) as work:
            found = await repository.get_import(work.session, import_id)
        yield found
        if is_over(found):
            return
        await asyncio.sleep(every_seconds)


async def each_reject(desk: Desk, claims: Claims, import_id: int) -> AsyncGenerator[list[Reject]]:
    """The refused rows of an import, a page at a time. Raises ImportNotFound, and TokenExpired or TokenRevoked as soon
    as the token is worth nothing."""
    async with open_work(desk, claims) as work:
        await repository.get_import(work.session, import_id)
        await work.record("rejects_exported", object_kind="import", object_id=str(import_id))
    last = 0
    while True:
        async with open_work(desk, claims) as work:
            page = await repository.list_rejects(work.session, import_id, after=last, limit=REJECTS_AT_ONCE)
        if not page:
            return
        last = page[-1].row_number
        yield list(page)


def is_over(found: ImportProgress) -> bool:
    """Whether nothing more will happen to an import by itself."""
    return found.finished_at is not None


def plain_name(file_name: str) -> str:
    """The last part of a file's name, short, without characters that a terminal or a page would act on, and without
    the identity number after which somebody named it."""
    last = PurePosixPath(file_name.replace("\\", "/")).name
    kept = hide_numbers("".join(character for character in last if character.isprintable()).strip())
    suffix = PurePosixPath(kept).suffix
    return (kept if len(kept) <= LONGEST_NAME else kept[: LONGEST_NAME - len(suffix)] + suffix) or "file"


async def _let_go(desk: Desk, import_id: int) -> None:
    async with desk.open(SYSTEM) as work:
        await chunks.delete_chunks(work.session, import_id)


async def _put_together(desk: Desk, import_id: int, path: Path) -> None:
    with path.open("wb") as file:
        number = 0
        async with desk.open(SYSTEM) as work:
            while (piece := await chunks.find_chunk(work.session, import_id, number=number)) is not None:
                await asyncio.to_thread(file.write, piece)
                number += 1


@asynccontextmanager
async def _scratch_file() -> AsyncIterator[Path]:
    """A file of our own, gone when the block ends."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="kist-import-")
    try:
        yield Path(folder) / "file"
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _copy(content: BinaryIO, path: Path) -> None:
    content.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK_BYTES)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece
