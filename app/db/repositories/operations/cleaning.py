"""Removes expired rows, oldest first, a limited number in each statement.

Rows that another transaction has locked are left for the next time, so cleaning never waits. Only `LOCAL` tables are
cleaned, and no table of customers.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import IdempotencyKey, OutboxRow, RefreshToken, WebhookDelivery
from app.db.models.base import Base

#: The table of each kind, and the column from which its age is counted. It is null for a job that is not done and for
#: a delivery that did not arrive, so these are never removed.
KINDS: Final[dict[str, tuple[type[Base], str]]] = {
    "idempotency_keys": (IdempotencyKey, "created_at"),
    "done_jobs": (OutboxRow, "done_at"),
    "refresh_tokens": (RefreshToken, "expires_at"),
    "deliveries": (WebhookDelivery, "delivered_at"),
}


async def remove_old(session: AsyncSession, kind: str, *, before: datetime, limit: int) -> int:
    """Removes up to `limit` rows of a kind that are older than `before`. Returns how many."""
    model, column = KINDS[kind]
    table = model.__table__
    key, aged_from = list(table.primary_key), table.c[column]
    oldest = select(*key).where(aged_from < before).order_by(aged_from).limit(limit).with_for_update(skip_locked=True)
    removed = await session.execute(delete(model).where(tuple_(*key).in_(oldest)).returning(key[0]))
    return len(removed.all())
