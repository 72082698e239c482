"""What is sent again, and when.

A request is *safe to repeat* if it only reads, or if it carries an Idempotency-Key: the same key with the same body is
one deed. It is sent again after a lost connection and after a 5xx. Any request is sent again if it certainly did
nothing: no connection was made, it was refused as one too many (429), or it did not get a lock in time (409 with
Retry-After). The wait is what the service asks for, else it doubles, with some chance in it so that clients do not come
back together.

The rules are written once, as a generator that asks its driver to send or to wait; `client` has a driver for threads
and one for asyncio.
"""

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

import httpx

from kist.client.errors import ConnectionLost, KistError, error_of

LONGEST_WAIT = 60.0
FIRST_WAIT = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call of an operation. `body` is JSON, unless the operation takes a form. `is_keyed` says whether it takes an
    Idempotency-Key; the key is made here if the caller gives none."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | None = None
    is_keyed: bool = False
    key: str | None = None

    def with_key(self) -> str | None:
        """The key of this call; None if the operation takes none."""
        return (self.key or uuid4().hex) if self.is_keyed else None


@dataclass(frozen=True, slots=True)
class Wait:
    """The driver waits so many seconds."""

    seconds: float


#: What the driver gives back: an answer, an error of the connection, or None after a wait.
Outcome: TypeAlias = httpx.Response | httpx.TransportError | None
Exchange: TypeAlias = Generator[httpx.Request | Wait, Outcome, httpx.Response]


def exchange(request: httpx.Request, *, key: str | None, retries: int) -> Exchange:
    """Sends a request, and again where that does no harm. Returns the answer, which may be a refusal.

    Raises ConnectionLost.
    """
    is_safe = request.method == "GET" or key is not None
    for attempt in range(retries + 1):
        outcome = yield request
        is_last = attempt == retries
        if isinstance(outcome, httpx.TransportError):
            was_sent = not isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            if is_last or (was_sent and not is_safe):
                raise ConnectionLost(f"{type(outcome).__name__}: {outcome}", key=key) from outcome
            yield Wait(backoff(attempt))
            continue
        assert outcome is not None, "the driver answers a request with its outcome"
        if is_last or not is_passing(outcome, is_safe=is_safe):
            return outcome
        yield Wait(min(retry_after(outcome) or backoff(attempt), LONGEST_WAIT))
    raise AssertionError("the last attempt returns or raises")


def is_passing(answer: httpx.Response, *, is_safe: bool) -> bool:
    """Whether the same request may succeed later, and does no harm if it is sent again."""
    if answer.status_code == 429 or (answer.status_code == 409 and "Retry-After" in answer.headers):
        return True
    return is_safe and answer.status_code in {500, 502, 503, 504}


def backoff(attempt: int) -> float:
    """The wait before the next attempt, in seconds."""
    return FIRST_WAIT * 2.0**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def retry_after(answer: httpx.Response) -> float | None:
    """The seconds that the service asks to wait."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def refusal_of(answer: httpx.Response) -> KistError:
    """The error that an answer means."""
    try:
        body = json.loads(answer.text)
    except ValueError:
        body = {}
    known = body if isinstance(body, dict) else {}
    return error_of(answer.status_code, known, retry_after=retry_after(answer))
