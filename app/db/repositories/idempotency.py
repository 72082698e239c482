"""Idempotency keys, as rows: the first answer to a request, beside what the request changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """What was answered to the first request with a key, and to which body."""

    body_hash: bytes
    status_code: int | None
    answer: dict[str, Any] | None


_ADD = Statement(
    """
INSERT INTO idempotency_keys (caller, route, key, body_hash, created_at)
VALUES (:caller, :route, :key, :body_hash, :now) ON CONFLICT DO NOTHING RETURNING key
"""
)
_GET = Statement(
    """
SELECT body_hash, status_code, answer FROM idempotency_keys
WHERE caller = :caller AND route = :route AND key = :key
"""
)
_SET_ANSWER = Statement(
    """
UPDATE idempotency_keys SET status_code = :status_code, answer = CAST(:answer AS jsonb)
WHERE caller = :caller AND route = :route AND key = :key
"""
)


async def add_key(session: AsyncSession, *, caller: str, route: str, key: str, body_hash: bytes, now: datetime) -> bool:
    """Claims a key. Waits while another transaction holds it, and is False when that one was committed."""
    added = await _ADD.find(session, caller=caller, route=route, key=key, body_hash=body_hash, now=now)
    return added is not None


async def find_key(session: AsyncSession, *, caller: str, route: str, key: str) -> StoredAnswer | None:
    """The answer under a key; None where there is no such key, or no more."""
    row = await _GET.find(session, caller=caller, route=route, key=key)
    if row is None:
        return None
    return StoredAnswer(body_hash=row.body_hash, status_code=row.status_code, answer=row.answer)


async def set_answer(
    session: AsyncSession, *, caller: str, route: str, key: str, status_code: int, answer: dict[str, Any]
) -> None:
    text = orjson.dumps(answer).decode()
    await _SET_ANSWER.list(session, caller=caller, route=route, key=key, status_code=status_code, answer=text)
