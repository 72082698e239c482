"""What surrounds every request, as plain ASGI: an id, a bound on the body, safe headers, and a net below everything.

Starlette's `BaseHTTPMiddleware` costs ten times as much per request and leaks connections when a client hangs up, so
none is used. The order is: id, headers, net, calls (`limits`), deadline, size.
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

from app.api.arrival import ARRIVED
from app.api.errors import RETRY_AFTER, failure_of, respond
from app.api.request_log import pattern_of, principal_of
from app.domain.people.access import Actor
from app.observability import describe_error, log_request
from app.services.unit_of_work import authenticated_actors, client_address

REQUEST_ID: Final = "X-Request-ID"
USABLE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
#: An id that could be an identity number is replaced: it would be written on every line of the log.
DIGITS: Final = re.compile(r"[0-9]{12}")

#: As ASGI writes them: what is added to every answer is added as it is.
SAFE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Pages that load scripts and styles (the admin, `/docs`, `/redoc`, the home page) say so in a policy of their own.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
LARGEST_HEAD: Final = 32 * 1024

log = structlog.get_logger(__name__)


class RequestIds:
    """Gives every request an id, takes a usable one from the client, says it in the answer and on every log line, and
    keeps from where the request came for the audit trail."""

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
        # Our own server has noted it already; of another one nothing is known.
        waited = now - scope.setdefault(ARRIVED, now)
        began = time.perf_counter() - waited
        status: int | None = None
        # Before the call: an application that is mounted puts itself in its place.
        routes: Mapping[int, str] = scope["app"].state.route_patterns

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        address = scope["client"][0] if scope.get("client") else None
        client_address.set(address)
        found: list[Actor] = []
        authenticated_actors.set(found)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                log_request(
                    request_id=request_id,
                    method=scope["method"],
                    route=pattern_of(scope, routes),
                    status=status,
                    milliseconds=int((time.perf_counter() - began) * 1000),
                    principal=principal_of(scope, found),
                    client_address=address,
                )


class SafeHeaders:
    """The headers by which a browser is told to do nothing clever with an answer."""

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
    """Catches what no handler did: a lost database is a 503, anything else a 500 that gives nothing away."""

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
                # Half an answer is out: only breaking the connection can tell the client.
                raise ConnectionAbortedError("the answer was cut short") from None
            await respond(Request(scope), error)(scope, receive, send)


class Deadline:
    """Ends a request that has not begun to answer in its time, which counts from its arrival: one that has waited too
    long in the crowd is not even begun. What it was doing in the database is rolled back there.

    A stream that has begun may take as long as it likes.
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
        is_listening, has_begun = False, False

        async def receive_noting() -> Message:
            nonlocal is_listening
            is_listening = True
            message = await receive()
            is_listening = False
            return message

        async def send_at_ease(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            deadline.reschedule(None)
            await send(message)

        try:
            async with deadline:
                await self.app(scope, receive_noting, send_at_ease)
        except TimeoutError:
            if has_begun or not deadline.expired():
                raise
            # A client that sends its body byte by byte is not owed the same words as one that waits for us.
            raise (HTTPException(408) if is_listening else HTTPException(503, headers=RETRY_AFTER)) from None


class BodyLimit:
    """Bounds the head of a request, and its body whether it announces its length or not. Some paths (uploads) may have
    more."""

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
        seen = 0

        async def receive_within() -> Message:
            nonlocal seen
            if announced.isdigit() and (len(announced) > 15 or int(announced) > most):
                raise HTTPException(413)
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > most:
                    raise HTTPException(413)
            return message

        await self.app(scope, receive_within, send)
