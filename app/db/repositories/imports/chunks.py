"""Uploaded files in pieces, from the upload until the import of them ends."""

from collections.abc import Iterable

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Import, ImportChunk
from app.db.repositories.imports.ingestion import FAILED, QUEUED


async def queue_import(session: AsyncSession, import_id: int) -> str:
    """Takes the import's row in hand, and lets a failed one wait again; answers what it was."""
    statement = select(Import.status).where(Import.id == import_id).with_for_update()
    status = (await session.execute(statement)).scalar_one()
    if status == FAILED:
        waits = update(Import).where(Import.id == import_id).values(status=QUEUED, failure=None, finished_at=None)
        await session.execute(waits)
    return str(status)


async def has_chunks(session: AsyncSession, import_id: int) -> bool:
    """Whether the file of an import is here."""
    return bool((await session.execute(select(exists().where(ImportChunk.import_id == import_id)))).scalar_one())


async def add_chunks(session: AsyncSession, import_id: int, chunks: Iterable[bytes]) -> None:
    """Writes a file, piece by piece: it never lies in memory as a whole."""
    for number, data in enumerate(chunks):
        await session.execute(insert(ImportChunk).values(import_id=import_id, number=number, data=data))


async def find_chunk(session: AsyncSession, import_id: int, *, number: int) -> bytes | None:
    """A piece of a file, by its place from 0 on; None behind the last."""
    statement = select(ImportChunk.data).where(ImportChunk.import_id == import_id, ImportChunk.number == number)
    return (await session.execute(statement)).scalar_one_or_none()


async def delete_chunks(session: AsyncSession, import_id: int) -> None:
    """Lets go of a file that is loaded, or never will be."""
    await session.execute(delete(ImportChunk).where(ImportChunk.import_id == import_id))
