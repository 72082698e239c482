"""Removing what nobody asks for any more: a bounded number of rows a statement, the oldest first.

A row that somebody holds is left for the next time, so that cleaning waits for nobody. Only tables of the machinery are
touched (`LOCAL`), none of a customer's.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import IdempotencyKey, OutboxRow, RefreshToken
from app.db.models.base import Base

#: What is removed, by its name: the table, its key, and the moment from which its age counts. A job that is not done and
#: a token that has not expired have none.
KINDS: Final[dict[str, tuple[type[Base], tuple[InstrumentedAttribute[object], ...], InstrumentedAttribute[object]]]] = {
    "idempotency_keys": (
        IdempotencyKey,
        (IdempotencyKey.caller, IdempotencyKey.route, IdempotencyKey.key),  # type: ignore[dict-item]
        IdempotencyKey.created_at,
    ),
    "done_jobs": (OutboxRow, (OutboxRow.id,), OutboxRow.done_at),
    "refresh_tokens": (RefreshToken, (RefreshToken.token_hash,), RefreshToken.expires_at),
}


async def remove_old(session: AsyncSession, kind: str, *, before: datetime, limit: int) -> int:
    """Removes up to so many rows of a kind that are older than a moment; answers how many."""
    table, key, aged_from = KINDS[kind]
    is_old: ColumnElement[bool] = aged_from < before
    oldest = select(*key).where(is_old).order_by(aged_from).limit(limit).with_for_update(skip_locked=True)
    statement = delete(table).where(tuple_(*key).in_(oldest)).returning(key[0])
    return len((await session.execute(statement)).all())
