"""Idempotency keys, as rows: the first answer to a request, beside what the request changed.

Whoever uses a key holds its advisory lock until the end of the transaction, so that others can try for it, and need not
wait for a row that is not committed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.arrays import to_arrays, unnest_arrays
from app.db.statements import Statement


class KeyOfCaller(NamedTuple):
    """An idempotency key: whose it is, for which route, and its text."""

    caller: str
    route: str
    key: str

    @property
    def lock(self) -> int:
        """The number under which whoever uses this key holds it until the end of the transaction."""
        digest = hashlib.sha256("\n".join(self).encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to the first request with a key, and to which body."""

    body_hash: bytes
    status_code: int | None
    answer: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """A first answer, to be written with what the request changed."""

    key: KeyOfCaller
    body_hash: bytes
    at: datetime
    status_code: int
    answer: dict[str, Any]


#: The columns of a key that is written with its answer, with the types in which arrays of them travel.
_ANSWER = {
    "caller": "text",
    "route": "text",
    "key": "text",
    "body_hash": "bytea",
    "created_at": "timestamptz",
    "status_code": "smallint",
    "answer": "jsonb",
}
#: Writes keys with their answers. It is a part of the statements that write what a group of requests did.
INSERT_ANSWERS: Final = (
    f"INSERT INTO idempotency_keys ({', '.join(_ANSWER)}) "  # noqa: S608 - only names of our own columns are put in
    f"SELECT n.* FROM {unnest_arrays('answer', _ANSWER)}"
)
_ADD = Statement(
    """
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock))
INSERT INTO idempotency_keys (caller, route, key, body_hash, created_at)
SELECT :caller, :route, :key, :body_hash, :now FROM held ON CONFLICT DO NOTHING RETURNING key
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


def answer_columns(answers: Sequence[GivenAnswer]) -> dict[str, list[Any]]:
    """The values of `INSERT_ANSWERS`."""
    rows = (
        [*given.key, given.body_hash, given.at, given.status_code, orjson.dumps(given.answer).decode()]
        for given in answers
    )
    return to_arrays("answer", _ANSWER, rows)


async def add_key(session: AsyncSession, key: KeyOfCaller, *, body_hash: bytes, now: datetime) -> bool:
    """Claims a key. Waits while another transaction holds it, and is False when that one was committed."""
    return await _ADD.find(session, lock=key.lock, **key._asdict(), body_hash=body_hash, now=now) is not None


async def find_key(session: AsyncSession, key: KeyOfCaller) -> StoredAnswer | None:
    """The answer under a key; None where there is no such key, or no more."""
    row = await _GET.find(session, **key._asdict())
    return None if row is None else StoredAnswer(row.body_hash, row.status_code, row.answer)


async def set_answer(session: AsyncSession, key: KeyOfCaller, *, status_code: int, answer: dict[str, Any]) -> None:
    """Stores the first answer under a key that this transaction claimed."""
    text = orjson.dumps(answer).decode()
    await _SET_ANSWER.list(session, **key._asdict(), status_code=status_code, answer=text)
