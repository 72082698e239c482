"""`Client` and `AsyncClient`: they send requests, keep the tokens of a caller, and renew them.

A program signs in with `log_in`, or has a service's token and gives it as `token`. An access token is valid for ten
minutes; with a refresh token the client gets the next one by itself, once for all threads or tasks that use it.
"""

import asyncio
import threading
from collections.abc import Generator
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import httpx

from kist.client.exchange import Exchange, Outcome, Request, Wait, exchange, refusal_of
from kist.client.models import TokenAnswer
from kist.client.operations import AsyncOperations, Operations
from kist.client.values import UNSET, read, to_json

Value = TypeVar("Value")
TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
#: A token is renewed this many seconds before it expires.
MARGIN: Final = 30.0


class Tokens(Protocol):
    """What signs a caller in: the answer of a sign-in, of a renewal, or of a registration."""

    @property
    def access_token(self) -> str | None: ...
    @property
    def refresh_token(self) -> str | None: ...
    @property
    def expires_in(self) -> int | None: ...


class _Caller:
    """What both clients share: the tokens, and the making of requests."""

    def __init__(self, address: str, *, token: str | None = None, retries: int = 3) -> None:
        self._address = address.rstrip("/")
        self._retries = retries
        self._token = token
        self._refresh_token: str | None = None
        self._expires_at = float("inf")

    def use(self, tokens: Tokens) -> None:
        """Signs in with these tokens, for example with those of a registration."""
        self._token, self._refresh_token = tokens.access_token, tokens.refresh_token
        self._expires_at = monotonic() + (tokens.expires_in or 0)

    @property
    def _is_expiring(self) -> bool:
        return self._refresh_token is not None and monotonic() > self._expires_at - MARGIN

    def _made(self, client: httpx.Client | httpx.AsyncClient, request: Request, *, key: str | None) -> httpx.Request:
        # An amount of an answer is text, so that it is exact.
        headers = {"Prefer": "money=string"}
        if self._token is not None and not request.path.endswith(("/auth/token", "/auth/refresh")):
            headers["Authorization"] = f"Bearer {self._token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        query = {name: _as_text(to_json(value)) for name, value in request.query.items() if value is not UNSET}
        return client.build_request(
            request.method,
            self._address + request.path,
            params={name: value for name, value in query.items() if value is not None},
            json=None if request.body is None else to_json(request.body),
            data=request.form,
            files=request.files,
            headers=headers,
        )

    def _renewal(self) -> Request:
        body = {"refresh_token": self._refresh_token}
        return Request(method="POST", path="/api/v1/auth/refresh", body=body)


def _as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _read(answer: httpx.Response, kind: Any) -> Any:
    if answer.is_error:
        raise refusal_of(answer)
    if kind is bytes:
        return answer.content
    return None if kind is None else read(answer.text, kind)


def _is_expired(answer: httpx.Response) -> bool:
    return answer.status_code == 401 and refusal_of(answer).code == "token_expired"


class Client(_Caller, Operations):
    """A client for threads. Use it in a `with` block, or call `close`."""

    def __init__(
        self, address: str, *, token: str | None = None, retries: int = 3, http: httpx.Client | None = None
    ) -> None:
        super().__init__(address, token=token, retries=retries)
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._renewing = threading.Lock()

    def log_in(self, email: str, password: str) -> TokenAnswer:
        """Signs in, and keeps the tokens for the calls that follow."""
        tokens = self.sign_in(username=email, password=password)
        self.use(tokens)
        return tokens

    def download(self, path: str, **query: Any) -> bytes:
        """An answer as a file: `client.download("/api/v1/statements", loan_id="LN-2026-0001", format="pdf")`."""
        found: bytes = self._send(Request(method="GET", path=path, query=query), bytes)
        return found

    def _send(self, request: Request, kind: Any) -> Any:
        if self._is_expiring:
            self._renew(self._token)
        key, token = request.with_key(), self._token
        answer = self._exchange(self._made(self._http, request, key=key), key=key)
        if _is_expired(answer) and self._refresh_token is not None:
            self._renew(token)
            answer = self._exchange(self._made(self._http, request, key=key), key=key)
        return _read(answer, kind)

    def _renew(self, token: str | None) -> None:
        with self._renewing:
            if self._token == token:
                renewal = self._made(self._http, self._renewal(), key=None)
                self.use(_read(self._exchange(renewal, key=None), TokenAnswer))

    def _exchange(self, request: httpx.Request, *, key: str | None) -> httpx.Response:
        steps = exchange(request, key=key, retries=self._retries)
        outcome: Outcome = None
        while True:
            step, answer = _next(steps, outcome)
            if answer is not None:
                return answer
            if isinstance(step, Wait):
                sleep(step.seconds)
                outcome = None
                continue
            assert step is not None, "an exchange that goes on has a next step"
            try:
                outcome = self._http.send(step)
            except httpx.TransportError as error:
                outcome = error

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncClient(_Caller, AsyncOperations):
    """A client for asyncio, with the same methods. Use it in an `async with` block, or call `close`."""

    def __init__(
        self, address: str, *, token: str | None = None, retries: int = 3, http: httpx.AsyncClient | None = None
    ) -> None:
        super().__init__(address, token=token, retries=retries)
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT)
        self._renewing = asyncio.Lock()

    async def log_in(self, email: str, password: str) -> TokenAnswer:
        """Signs in, and keeps the tokens for the calls that follow."""
        tokens = await self.sign_in(username=email, password=password)
        self.use(tokens)
        return tokens

    async def download(self, path: str, **query: Any) -> bytes:
        """An answer as a file, as `Client.download`."""
        found: bytes = await self._send(Request(method="GET", path=path, query=query), bytes)
        return found

    async def _send(self, request: Request, kind: Any) -> Any:
        if self._is_expiring:
            await self._renew(self._token)
        key, token = request.with_key(), self._token
        answer = await self._exchange(self._made(self._http, request, key=key), key=key)
        if _is_expired(answer) and self._refresh_token is not None:
            await self._renew(token)
            answer = await self._exchange(self._made(self._http, request, key=key), key=key)
        return _read(answer, kind)

    async def _renew(self, token: str | None) -> None:
        async with self._renewing:
            if self._token == token:
                renewal = self._made(self._http, self._renewal(), key=None)
                self.use(_read(await self._exchange(renewal, key=None), TokenAnswer))

    async def _exchange(self, request: httpx.Request, *, key: str | None) -> httpx.Response:
        steps = exchange(request, key=key, retries=self._retries)
        outcome: Outcome = None
        while True:
            step, answer = _next(steps, outcome)
            if answer is not None:
                return answer
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                outcome = None
                continue
            assert step is not None, "an exchange that goes on has a next step"
            try:
                outcome = await self._http.send(step)
            except httpx.TransportError as error:
                outcome = error

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


def _next(steps: Exchange, outcome: Outcome) -> tuple[httpx.Request | Wait | None, httpx.Response | None]:
    """The next step of an exchange, or its answer."""
    assert isinstance(steps, Generator)
    try:
        return steps.send(outcome), None
    except StopIteration as done:
        return None, done.value
