"""The middleware around every request, as plain ASGI: request id, safe headers, error boundary, deadline, size limits.

Starlette's `BaseHTTPMiddleware` costs ten times as much per request and leaks connections when a client hangs up, so
it is not used. The order from the outside is: `RequestIds`, `SafeHeaders`, `ErrorBoundary`, `RateLimits` (`limits.py`),
`Deadline`, `BodyLimit`.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import measures, tracing
from app.api.arrival import ARRIVED
from app.api.errors import RETRY_AFTER, failure_of, respond
from app.api.request_log import actor_label, pattern_of
from app.domain.people.access import Actor
from app.observability import describe_error, log_request
from app.services.unit_of_work import authenticated_actors, client_address

REQUEST_ID: Final = "X-Request-ID"
USABLE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
#: A client's id with 12 digits in a row is replaced: it could be an Aadhaar number, and every log line would hold it.
DIGITS: Final = re.compile(r"[0-9]{12}")

#: In ASGI's form (bytes), so that adding them to an answer needs no conversion.
SAFE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Pages that load scripts and styles (the admin, `/docs`, `/redoc`, the home page) send their own policy.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
LARGEST_HEAD: Final = 32 * 1024

log = structlog.get_logger(__name__)


class Traces:
    """The span of a request. It continues the trace that the caller names in `traceparent`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        routes: Mapping[int, str] = scope["app"].state.route_patterns

        async def send_and_name(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The route is known only now. The address is not written: it may hold personal data.
                tracing.name_span(f"{scope['method']} {pattern_of(scope, routes) or 'no route'}", message["status"])
            await send(message)

        parent = Headers(scope=scope).get(tracing.TRACEPARENT)
        with tracing.span(scope["method"], parent=parent, kind=tracing.SERVER):
            await self.app(scope, receive, send_and_name)


class RequestIds:
    """Gives every request an id: the client's own if it is usable, else a new one. The answer's headers and every log
    line hold the id. The client address is kept for the audit trail."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        usable = USABLE_ID.fullmatch(given) and not DIGITS.search(given)
        request_id = given if usable else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        now = asyncio.get_running_loop().time()
        # Our own server has stored the arrival time already. With another server, the time counts from now.
        waited = now - scope.setdefault(ARRIVED, now)
        began = time.perf_counter() - waited
        status: int | None = None
        # Read before the call: a mounted application replaces `scope["app"]` by itself.
        routes: Mapping[int, str] = scope["app"].state.route_patterns

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        client_address.set(address := scope["client"][0] if scope.get("client") else None)
        authenticated_actors.set(found := list[Actor]())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                seconds, route = time.perf_counter() - began, pattern_of(scope, routes)
                _measure(scope["method"], route, status, seconds)
                log_request(
                    request_id=request_id,
                    method=scope["method"],
                    route=route,
                    status=status,
                    milliseconds=int(seconds * 1000),
                    actor=actor_label(scope, found),
                    client_address=address,
                )


def _measure(method: str, route: str | None, status: int | None, seconds: float) -> None:
    if not measures.is_measuring():
        return
    # Anybody may send any method and any address: only what a route knows becomes a label.
    method, route = (method, route) if route is not None else ("other", "none")
    measures.count(measures.REQUESTS, method=method, route=route, status=str(status or 0))
    measures.observe(measures.REQUEST_SECONDS, seconds, method=method, route=route)


class SafeHeaders:
    """Adds headers that keep a browser from guessing the type of an answer, framing it, or storing it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                given = {name for name, _ in headers}
                message["headers"] = [*headers, *(header for header in SAFE_HEADERS if header[0] not in given)]
            await send(message)

        await self.app(scope, receive, send_safely)


class ErrorBoundary:
    """Catches the errors that no handler caught: a lost database is a 503, any other error a 500 without details."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            failure = failure_of(error)
            write = log.error if failure.status == 500 else log.warning
            write("request failed", code=failure.code, **describe_error(error))
            if started:
                # Part of the answer is sent already: only a broken connection can tell the client.
                raise ConnectionAbortedError("the answer was cut short") from None
            await respond(Request(scope), error)(scope, receive, send)


class Deadline:
    """Ends a request that has not started its answer within its time, counted from its arrival. A request that has
    already waited too long is not started at all. Its transaction is rolled back.

    An answer that has started (a stream) has no deadline.
    """

    def __init__(self, app: ASGIApp, *, seconds: float, longer: Mapping[str, float] | None = None) -> None:
        self.app = app
        self.seconds = seconds
        self.longer = longer or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seconds = next((most for path, most in self.longer.items() if scope["path"].startswith(path)), self.seconds)
        deadline = asyncio.timeout_at(scope[ARRIVED] + seconds)
        is_receiving, has_started = False, False

        async def receive_and_note() -> Message:
            nonlocal is_receiving
            is_receiving = True
            message = await receive()
            is_receiving = False
            return message

        async def send_without_deadline(message: Message) -> None:
            nonlocal has_started
            has_started = True
            deadline.reschedule(None)
            await send(message)

        try:
            async with deadline:
                await self.app(scope, receive_and_note, send_without_deadline)
        except TimeoutError:
            if has_started or not deadline.expired():
                raise
            # 408: the client sends its body too slowly. 503: the service answers too slowly.
            raise (HTTPException(408) if is_receiving else HTTPException(503, headers=RETRY_AFTER)) from None


class BodyLimit:
    """Limits the size of a request's headers and of its body, with or without a Content-Length. Some paths (uploads)
    have a larger limit."""

    def __init__(self, app: ASGIApp, *, most: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.most = most
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = next((size for path, size in self.larger.items() if scope["path"].startswith(path)), self.most)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
            raise HTTPException(431)
        announced = Headers(scope=scope).get("content-length", "")
        received = 0

        async def receive_within() -> Message:
            nonlocal received
            if announced.isdigit() and (len(announced) > 15 or int(announced) > most):
                raise HTTPException(413)
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > most:
                    raise HTTPException(413)
            return message

        await self.app(scope, receive_within, send)
