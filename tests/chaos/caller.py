"""A client of the service under faults: it repeats a request until it is acknowledged.

Of some requests the connection is closed before the answer, and some are sent twice at once. What a request is known by
(an Idempotency-Key, a reference, or the content of a file) stays the same, so all of its answers must be one.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.target import Target
from tests.patience import PATIENCE_SECONDS

HANG_UP_SHARE = 0.10
TWICE_SHARE = 0.10
CONNECTIONS = 32
#: After these answers the same request is sent again: busy, too many calls, not signed in, not available.
AGAIN = frozenset({401, 409, 429, 500, 502, 503, 504})
Answer = httpx.Response


@dataclass(slots=True, kw_only=True)
class Caller:
    """Somebody who calls the service with the token of a member of staff, and counts what went wrong."""

    target: Target
    random: random.Random
    sign_in_form: dict[str, str]
    hung_up: int = 0
    retried: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    _token: dict[str, str] = field(default_factory=dict)

    def client(self) -> httpx.AsyncClient:
        """A client of the service."""
        limits = httpx.Limits(max_connections=CONNECTIONS)
        return httpx.AsyncClient(
            base_url=self.target.url, timeout=PATIENCE_SECONDS, trust_env=False, limits=limits
        )  # fmt: skip

    async def call(self, method: str, path: str, *, key: str | None = None, **body: Any) -> Any:
        """Calls until it succeeds."""
        headers = {} if key is None else {"Idempotency-Key": key}
        async with self.client() as http:
            request = http.build_request(method, path, json=body or None, headers=headers)
            return (await self.send_once(request, http)).json()

    async def send(
        self,
        http: httpx.AsyncClient,
        request: httpx.Request,
        *,
        is_answer: Callable[[Answer], bool] = lambda answer: answer.is_success,
        same: Callable[[Any], object],
    ) -> Any:
        """Sends a request until it is acknowledged, sometimes twice at once or after a connection that was closed.

        Returns the answer. What `same` takes out of it must be the same in both answers.
        """
        if self.random.random() < HANG_UP_SHARE:
            await self._hang_up(request)
        elif self.random.random() < TWICE_SHARE:
            both = await asyncio.gather(*(self.send_once(request, http, is_answer=is_answer) for _ in range(2)))
            first, second = (answer.json() for answer in both)
            assert same(first) == same(second), f"{request.url} was answered {first} and {second}"
        return (await self.send_once(request, http, is_answer=is_answer)).json()

    async def send_once(
        self,
        request: httpx.Request,
        http: httpx.AsyncClient,
        *,
        is_answer: Callable[[Answer], bool] = lambda answer: answer.is_success,
    ) -> Answer:
        """Sends a request until it is acknowledged."""
        pause, loop = 0.05, asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            with suppress(httpx.TransportError):
                answer = await http.send(self._copy(http, request))
                if is_answer(answer):
                    return answer
                assert answer.status_code in AGAIN, f"{request.url}: {answer.status_code} {answer.text}"
                if answer.status_code == 401:
                    await self._sign_in(http)
                else:
                    self.refused[answer.status_code] += 1
                assert loop.time() < until, f"{request.url} is still answered {answer.status_code} {answer.text}"
            self.retried += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)

    def _copy(self, http: httpx.AsyncClient, request: httpx.Request) -> httpx.Request:
        """The request with the token as it is now."""
        headers = {**request.headers, **self._token}
        return http.build_request(request.method, request.url, headers=headers, content=request.read())

    async def _sign_in(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/api/v1/auth/token", data=self.sign_in_form)
        if answer.status_code == 200:
            self._token = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def _hang_up(self, request: httpx.Request) -> None:
        """Sends a request and closes the connection before the answer."""
        headers: Mapping[str, str] = {**request.headers, **self._token, "Host": "chaos"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "host")
        head = f"{request.method} {request.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n"
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.target.up.port)
            writer.write(head.encode() + request.read())
            await writer.drain()
            await asyncio.sleep(self.random.random() * 0.02)
            writer.transport.abort()
            self.hung_up += 1
