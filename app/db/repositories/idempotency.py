"""Idempotency keys, as rows: the first answer to a request, beside what the request changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import IdempotencyKey


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """What was answered to the first request with a key, and to which body."""

    body_hash: bytes
    status_code: int | None
    answer: dict[str, Any] | None


async def add_key(session: AsyncSession, *, caller: str, route: str, key: str, body_hash: bytes, now: datetime) -> bool:
    """Claims a key. Waits while another transaction holds it, and is False when that one was committed."""
    statement = (
        insert(IdempotencyKey)
        .values(caller=caller, route=route, key=key, body_hash=body_hash, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def get_key(session: AsyncSession, *, caller: str, route: str, key: str) -> StoredAnswer:
    row = (
        await session.execute(
            select(IdempotencyKey.body_hash, IdempotencyKey.status_code, IdempotencyKey.answer).where(
                IdempotencyKey.caller == caller, IdempotencyKey.route == route, IdempotencyKey.key == key
            )
        )
    ).one()
    return StoredAnswer(body_hash=row.body_hash, status_code=row.status_code, answer=row.answer)


async def set_answer(
    session: AsyncSession, *, caller: str, route: str, key: str, status_code: int, answer: dict[str, Any]
) -> None:
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.caller == caller, IdempotencyKey.route == route, IdempotencyKey.key == key)
        .values(status_code=status_code, answer=answer)
    )
