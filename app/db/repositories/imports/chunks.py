"""The pieces of uploaded files, kept from the upload until their import ends."""

from collections.abc import Iterable

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Import, ImportChunk
from app.db.repositories.imports.ingestion import FAILED, FINISHED, QUEUED


async def queue_import(session: AsyncSession, import_id: int) -> str:
    """Locks the import's row, and queues a failed one again. Returns the status that it had."""
    statement = select(Import.status).where(Import.id == import_id).with_for_update()
    status = (await session.execute(statement)).scalar_one()
    if status == FAILED:
        waits = update(Import).where(Import.id == import_id).values(status=QUEUED, failure=None, finished_at=None)
        await session.execute(waits)
    return str(status)


async def has_chunks(session: AsyncSession, import_id: int) -> bool:
    """Whether the pieces of an import's file are stored."""
    return bool((await session.execute(select(exists().where(ImportChunk.import_id == import_id)))).scalar_one())


async def add_chunks(session: AsyncSession, import_id: int, chunks: Iterable[bytes]) -> None:
    """Writes a file piece by piece, so that it is never in memory as a whole."""
    for number, data in enumerate(chunks):
        await session.execute(insert(ImportChunk).values(import_id=import_id, number=number, data=data))


async def find_chunk(session: AsyncSession, import_id: int, *, number: int) -> bytes | None:
    """A piece of a file, numbered from 0; None after the last."""
    statement = select(ImportChunk.data).where(ImportChunk.import_id == import_id, ImportChunk.number == number)
    return (await session.execute(statement)).scalar_one_or_none()


async def delete_chunks(session: AsyncSession, import_id: int) -> None:
    """Deletes the pieces of a file that is loaded, or whose import failed. One that was queued again meanwhile, for its
    refused rows, keeps them."""
    ended = select(Import.id).where(Import.id == import_id, Import.status.in_((FINISHED, FAILED)))
    await session.execute(ended.with_for_update())
    await session.execute(delete(ImportChunk).where(ImportChunk.import_id.in_(ended)))
