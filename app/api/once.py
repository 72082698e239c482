"""`Idempotency-Key` at the edge: a repeated request gets the first answer again.

The rule is in `app/services/idempotency.py`. Here a request becomes a claim (route, key, hash of the body), and an
answer becomes a response whose text is stored, so that the second answer equals the first one byte for byte. Two bodies
are equal if they hold the same values; the order of their fields and their spaces do not count.
"""

import hashlib
import json
import re
from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel

from app.services import idempotency
from app.services.idempotency import Claim, FirstAnswer, IdempotencyKeyInvalid, IdempotencyKeyRequired
from app.services.unit_of_work import UnitOfWork

KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
PLAIN_PATH: Final = re.compile(r"(/[A-Za-z0-9_.-]+)+/?")
REPLAYED: Final = "Idempotent-Replayed"


class ClientKey:
    """The `Idempotency-Key` of one request, or that it sent none."""

    def __init__(self, *, request: Request, key: str | None) -> None:
        if key is not None and not KEY.fullmatch(key):
            raise IdempotencyKeyInvalid("a key has 1 to 255 printable characters", field="Idempotency-Key")
        self._request = request
        self.key = key

    def insist(self) -> None:
        """Requires a key: nothing else identifies a repeat of this request. Raises IdempotencyKeyRequired."""
        if self.key is None:
            raise IdempotencyKeyRequired(
                "send an Idempotency-Key (or a reference) with what moves money", field="Idempotency-Key"
            )

    async def claim(self) -> Claim | None:
        """The claim of the key for this route and body. None if no key was sent."""
        if self.key is None:
            return None
        # An older address is the same with and without its last slash.
        path = self._request.scope["path"]
        # A URL is composed and taken apart again: that is only done for a path that it would write in another way.
        plain = path if PLAIN_PATH.fullmatch(path) else self._request.url.path
        route = f"{self._request.method} {plain.removesuffix('/')}"
        return Claim(route=route, key=self.key, body_hash=await self._body_hash())

    def first_answer(self, answer: BaseModel, *, status_code: int | None = None) -> FirstAnswer:
        """An answer as it is sent and stored; the status is the route's own unless another one is given."""
        status = status_code or getattr(self._request.scope.get("route"), "status_code", None) or 200
        return FirstAnswer(status_code=status, text=answer.model_dump_json())

    async def _body_hash(self) -> bytes:
        body = await self._request.body()
        if self._request.headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json") and body:
            body = json.dumps(await self._request.json(), sort_keys=True, default=str).encode()
        query = self._request.url.query.encode() if self._request.scope["query_string"] else b""
        return hashlib.sha256(query + b"\n" + body).digest()


class Once:
    """The idempotency of one request within its transaction; does nothing where the client sent no key."""

    def __init__(self, *, client_key: ClientKey, uow: UnitOfWork) -> None:
        self._client_key = client_key
        self._uow = uow
        self._claim: Claim | None = None

    @property
    def key(self) -> str | None:
        """The key that the client sent."""
        return self._client_key.key

    def insist(self) -> None:
        """Requires a key: nothing else identifies a repeat of this request. Raises IdempotencyKeyRequired."""
        self._client_key.insist()

    async def first_answer(self) -> Response | None:
        """The answer that the first request with this key got; None when this one is the first.

        Raises IdempotencyKeyReused.
        """
        self._claim = await self._client_key.claim()
        if self._claim is None:
            return None
        first = await idempotency.claim(self._uow, self._claim)
        return None if first is None else respond_with(first, is_replayed=True)

    async def keep(self, answer: BaseModel, *, status_code: int | None = None) -> Response:
        """Makes the response of an answer, and stores it with the key in the same transaction."""
        first = self._client_key.first_answer(answer, status_code=status_code)
        if self._claim is not None:
            await idempotency.keep_answer(self._uow, self._claim, answer=first)
        return respond_with(first, is_replayed=False)


def respond_with(answer: FirstAnswer, *, is_replayed: bool) -> Response:
    """The response of a first answer, which says whether it was given before."""
    return Response(
        content=answer.text,
        status_code=answer.status_code,
        media_type="application/json",
        headers={REPLAYED: "true"} if is_replayed else {},
    )
