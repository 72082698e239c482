"""What surrounds every request: its id, its bounds, the headers of its answer, and answers that nobody else gives."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bounds import Bounds, announces_more
from app.api.edge import Edge
from app.api.failures import AnswerCutShort
from app.api.request_marks import SAFE_HEADERS, choose_request_id, with_safe_headers

MOST = 10


def scope_of(*, headers: list[tuple[bytes, bytes]] | None = None) -> dict[str, Any]:
    """A request of a probe, which is not counted."""
    return {"type": "http", "method": "GET", "path": "/livez", "headers": headers or [], "app": FastAPI()}


async def ask(
    app: ASGIApp, scope: dict[str, Any], *, body: tuple[bytes, ...] = (b"",), seconds: float = 30.0
) -> list[MutableMapping[str, Any]]:
    """The messages of the answer. A body that has no more parts never ends."""
    parts, sent = list(body), []

    async def receive() -> Message:
        if not parts:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    await Edge(app, patterns={}, seconds=Bounds(seconds), most_bytes=Bounds(MOST))(scope, receive, send)
    return sent


def told(sent: list[MutableMapping[str, Any]]) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return sent[0]["status"], json.loads(sent[1]["body"])["code"]


async def empty(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"{}", media_type="application/json")(scope, receive, send)


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await empty(scope, receive, send)


async def test_an_answer_has_its_own_headers_an_id_and_the_safe_ones() -> None:
    sent = await ask(empty, scope_of(headers=[(b"x-request-id", b"request-0001")]))

    assert sent[0]["headers"] == [
        (b"content-length", b"2"), (b"content-type", b"application/json"), (b"x-request-id", b"request-0001"),
        *SAFE_HEADERS,
    ]  # fmt: skip
    assert sent[1]["body"] == b"{}"


def test_a_safe_header_that_the_answer_gives_itself_is_kept() -> None:
    own = (b"cache-control", b"max-age=60")

    assert with_safe_headers([own]) == [own, *SAFE_HEADERS[:-1]]


@pytest.mark.parametrize(
    "given", [None, b"", b"short", b"-starts-badly", b"x" * 65, b"has space 12", b"a234567890124", "ü1234567".encode()]
)
def test_an_id_that_is_not_usable_is_replaced(given: bytes | None) -> None:
    chosen = choose_request_id(given)

    assert len(chosen) == 32
    assert int(chosen, 16) >= 0


def test_an_id_that_is_usable_is_kept() -> None:
    assert choose_request_id(b"Order_7.2-abc") == "Order_7.2-abc"


async def test_a_request_that_waited_too_long_is_not_begun() -> None:
    begun: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        begun.append("app")

    arrived = asyncio.get_running_loop().time() - 31
    assert told(await ask(app, scope_of() | {"kist.arrived": arrived})) == (503, "took_too_long")
    assert begun == []


async def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    assert told(await ask(read_all, scope_of(), body=(), seconds=0.01)) == (408, "body_too_slow")


async def test_an_answer_that_has_started_has_no_deadline() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"late"})

    sent = await ask(stream, scope_of(), seconds=0.01)
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"late")


async def test_a_timeout_of_something_else_is_a_failure_of_its_own() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError

    assert told(await ask(app, scope_of())) == (503, "temporarily_unavailable")


@pytest.mark.parametrize(
    "headers, body",
    [
        ([(b"content-length", b"11")], (b"",)),
        ([], (b"12345", b"678901")),
        ([(b"content-length", b"9" * 5_000)], (b"",)),
    ],
)
async def test_a_body_that_is_too_large_is_refused(headers: list[tuple[bytes, bytes]], body: tuple[bytes, ...]) -> None:
    assert told(await ask(read_all, scope_of(headers=headers), body=body)) == (413, "body_too_large")


async def test_a_body_within_the_limit_is_read() -> None:
    sent = await ask(read_all, scope_of(headers=[(b"content-length", b"10")]), body=(b"12345", b"67890"))
    assert sent[0]["status"] == 200


async def test_headers_that_are_too_large_together_are_refused() -> None:
    headers = [(b"x-a", b"1" * 20_000), (b"x-b", b"2" * 20_000)]
    assert told(await ask(empty, scope_of(headers=headers))) == (431, "head_too_large")


async def test_an_answer_that_breaks_off_closes_the_connection() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("in the middle")

    with pytest.raises(AnswerCutShort):
        await ask(app, scope_of())


def test_a_bound_is_that_of_the_path() -> None:
    bounds = Bounds(1, {"/api/v1/imports": 5})

    assert [bounds.of(path) for path in ("/api/v1/loans", "/api/v1/imports/1")] == [1, 5]


@pytest.mark.parametrize("length, more", [(b"10", False), (b"11", True), (b"1" * 16, True), (b"x", False)])
def test_a_content_length_is_compared_with_the_limit(length: bytes, more: bool) -> None:
    assert announces_more(length, than=10) is more
