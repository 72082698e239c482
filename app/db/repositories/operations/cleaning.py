"""Removing what nobody asks for any more: a bounded number of rows a statement, the oldest first.

A row that somebody holds is left for the next time, so that cleaning waits for nobody. Only tables of the machinery are
touched (`LOCAL`), none of a customer's.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import IdempotencyKey, OutboxRow, RefreshToken
from app.db.models.base import Base

#: What is removed, by its name: the table, and the column from whose moment its age counts. A job that is not done has
#: none.
KINDS: Final[dict[str, tuple[type[Base], str]]] = {
    "idempotency_keys": (IdempotencyKey, "created_at"),
    "done_jobs": (OutboxRow, "done_at"),
    "refresh_tokens": (RefreshToken, "expires_at"),
}


async def remove_old(session: AsyncSession, kind: str, *, before: datetime, limit: int) -> int:
    """Removes up to so many rows of a kind that are older than a moment; answers how many."""
    model, column = KINDS[kind]
    table = model.__table__
    key, aged_from = list(table.primary_key), table.c[column]
    oldest = select(*key).where(aged_from < before).order_by(aged_from).limit(limit).with_for_update(skip_locked=True)
    removed = await session.execute(delete(model).where(tuple_(*key).in_(oldest)).returning(key[0]))
    return len(removed.all())
