"""`Idempotency-Key` at the edge: the same request twice gets the first answer twice.

The rule lives in `app/services/idempotency.py`. Here a request becomes a claim (the address, the key, a hash of the
body) and an answer becomes a response whose text is stored, so that the second answer is the first one to the byte.
Two bodies are the same when they say the same: the order of their fields and their spaces do not count.
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
REPLAYED: Final = "Idempotent-Replayed"


class Once:
    """The idempotency of one request; does nothing where the client sent no key."""

    def __init__(self, *, request: Request, uow: UnitOfWork, key: str | None) -> None:
        if key is not None and not KEY.fullmatch(key):
            raise IdempotencyKeyInvalid("a key has 1 to 255 printable characters", field="Idempotency-Key")
        self._request = request
        self._work = uow
        self.key = key
        self._claim: Claim | None = None

    def insist(self) -> None:
        """For a request that has nothing else to tell a repeat by. Raises IdempotencyKeyRequired."""
        if self.key is None:
            raise IdempotencyKeyRequired(
                "send an Idempotency-Key (or a reference) with what moves money", field="Idempotency-Key"
            )

    async def first_answer(self) -> Response | None:
        """The answer that the first request with this key got; None when this one is the first.

        Raises IdempotencyKeyReused.
        """
        if self.key is None:
            return None
        self._claim = Claim(
            # An older address is the same with and without its last slash.
            route=f"{self._request.method} {self._request.url.path.removesuffix('/')}",
            key=self.key,
            body_hash=await self._body_hash(),
        )
        first = await idempotency.claim(self._work, self._claim)
        if first is None:
            return None
        return _response(first, headers={REPLAYED: "true"})

    async def keep(self, answer: BaseModel, *, status_code: int | None = None) -> Response:
        """Makes the response of an answer, and stores it with the key in the same transaction."""
        status = status_code or getattr(self._request.scope.get("route"), "status_code", None) or 200
        first = FirstAnswer(status_code=status, text=answer.model_dump_json())
        if self._claim is not None:
            await idempotency.keep_answer(self._work, self._claim, answer=first)
        return _response(first, headers={})

    async def _body_hash(self) -> bytes:
        body = await self._request.body()
        if self._request.headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json") and body:
            body = json.dumps(await self._request.json(), sort_keys=True, default=str).encode()
        return hashlib.sha256(self._request.url.query.encode() + b"\n" + body).digest()


def _response(answer: FirstAnswer, *, headers: dict[str, str]) -> Response:
    return Response(content=answer.text, status_code=answer.status_code, media_type="application/json", headers=headers)
