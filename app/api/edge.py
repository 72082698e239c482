"""What every request passes first and every answer last, as one plain ASGI application.

It gives the request an id, counts the call, bounds its time and its size, adds the headers that every answer has,
answers the errors that nobody else did, and writes the line of the log. Each of these is a function or a class of its
own (`request_marks.py`, `bounds.py`, `limits.py`, `failures.py`); here they are put together. As applications around
each other, which each wrap `receive` and `send`, they took a quarter of the time of a loan read (decision 0055).

Starlette's `BaseHTTPMiddleware` costs ten times as much per request and leaks connections when a client hangs up, so
it is not used.
"""

import asyncio
import time
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import measures
from app.api.arrival import ARRIVED
from app.api.bounds import Bounds, announces_more, check_head
from app.api.errors import RETRY_AFTER
from app.api.failures import answer_failure, answer_handled
from app.api.limits import PROBES, CallLimits, Counted
from app.api.request_log import ACTOR, actor_label, pattern_of
from app.api.request_marks import choose_request_id, with_safe_headers
from app.domain.people.access import Actor, TooManyCalls
from app.observability import log_request, request_ids
from app.services.unit_of_work import authenticated_actors, client_address


class Exchange:
    """One request and its answer. The application is given its `receive` and `send`."""

    __slots__ = (
        "_is_too_large", "_most_bytes", "_receive", "_received_bytes", "_send", "added", "deadline", "is_receiving",
        "status",
    )  # fmt: skip

    def __init__(self, receive: Receive, send: Send, *, most_bytes: int, announced: bytes | None) -> None:
        self._receive = receive
        self._send = send
        self._most_bytes = most_bytes
        self._is_too_large = announced is not None and announces_more(announced, than=most_bytes)
        self._received_bytes = 0
        #: Headers of this answer beside those of the application.
        self.added: tuple[tuple[bytes, bytes], ...] = ()
        #: The time within which the answer must start.
        self.deadline: asyncio.Timeout | None = None
        self.is_receiving = False
        #: The status of the answer, once it has started.
        self.status: int | None = None

    async def receive(self) -> Message:
        """The next part of the request. Raises HTTPException (413) for a body above the limit."""
        if self._is_too_large:
            raise HTTPException(413)
        self.is_receiving = True
        message = await self._receive()
        self.is_receiving = False
        if message["type"] == "http.request":
            self._received_bytes += len(message.get("body", b""))
            if self._received_bytes > self._most_bytes:
                raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        """A part of the answer. When the answer starts it gets its headers, and has no deadline from then on: it may
        be a stream."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.deadline is not None:
                self.deadline.reschedule(None)
            message["headers"] = with_safe_headers([*message.get("headers", ()), *self.added])
        await self._send(message)


class Edge:
    """The outermost application. `seconds` and `most_bytes` are the bounds of a request, by its path."""

    def __init__(
        self, app: ASGIApp, *, patterns: Mapping[int, str], seconds: Bounds[float], most_bytes: Bounds[int]
    ) -> None:
        self._app = app
        self._patterns = patterns
        self._seconds = seconds
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = choose_request_id(headers.get(b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        now = asyncio.get_running_loop().time()
        # Our own server has stored the arrival time already. With another server, the time counts from now.
        began = time.perf_counter() - (now - scope.setdefault(ARRIVED, now))
        exchange = Exchange(
            receive,
            send,
            most_bytes=self._most_bytes.of(scope["path"]),
            announced=headers.get(b"content-length"),
        )
        exchange.added = ((b"x-request-id", request_id.encode()),)
        client_address.set(scope["client"][0] if scope.get("client") else None)
        authenticated_actors.set(found := list[Actor]())
        named = request_ids.set(request_id)
        try:
            await self._answer(scope, exchange)
        finally:
            request_ids.reset(named)
            self._note(scope, exchange.status, seconds=time.perf_counter() - began, found=found)

    async def _answer(self, scope: Scope, exchange: Exchange) -> None:
        """Answers the request, with a failure if it must be."""
        try:
            if scope["path"] not in PROBES:
                limits: CallLimits = scope["app"].state.call_limits
                counted = await limits.count(scope)
                exchange.added = counted.headers + exchange.added
                if not counted.is_allowed:
                    await _refuse(scope, exchange, counted)
                    return
            await self._answer_in_time(scope, exchange)
        except Exception as error:
            exchange.deadline = None
            await answer_failure(error, scope, exchange.receive, exchange.send, has_started=exchange.status is not None)

    async def _answer_in_time(self, scope: Scope, exchange: Exchange) -> None:
        """Raises HTTPException: 408 if the client sends its body too slowly, 503 if the service answers too slowly, 431
        for headers that are too large. A request that has waited too long before it came here is not begun."""
        exchange.deadline = asyncio.timeout_at(scope[ARRIVED] + self._seconds.of(scope["path"]))
        try:
            async with exchange.deadline:
                check_head(scope["headers"])
                await self._app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.status is not None or not exchange.deadline.expired():
                raise
            raise (HTTPException(408) if exchange.is_receiving else HTTPException(503, headers=RETRY_AFTER)) from None

    def _note(self, scope: Scope, status: int | None, *, seconds: float, found: list[Actor]) -> None:
        """Measures and logs what has ended."""
        route = pattern_of(scope, self._patterns)
        if measures.is_measuring():
            # Anybody may send any method and any address: only what a route knows becomes a label.
            labels = (scope["method"], route) if route is not None else ("other", "none")
            measures.count(measures.REQUESTS, method=labels[0], route=labels[1], status=str(status or 0))
            measures.observe(measures.REQUEST_SECONDS, seconds, method=labels[0], route=labels[1])
        log_request(
            request_id=scope["state"]["request_id"],
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=int(seconds * 1000),
            actor=actor_label(scope, found),
            client_address=client_address.get(),
        )


async def _refuse(scope: Scope, exchange: Exchange, counted: Counted) -> None:
    # No route reads the token of a refused call, so the log takes the caller from here.
    if counted.holder is not None:
        scope["state"][ACTOR] = Actor(user_account_id=counted.holder[0], role=counted.holder[1])
    error = TooManyCalls("too many calls: wait until the window ends", retry_after_seconds=counted.reset_seconds)
    await answer_handled(error, scope, exchange.receive, exchange.send)
