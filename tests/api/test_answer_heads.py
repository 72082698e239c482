"""The head of an answer: our way writes what uvicorn writes, and refuses what it refuses."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.api.answer_heads import QuickCycle
from app.api.request_marks import SAFE_HEADERS

DATE = (b"date", b"Sat, 28 Nov 2026 04:00:00 GMT")
LENGTH = (b"content-length", b"2")


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def resume_reading(self) -> None: ...


def cycle_of(
    kind: type[RequestResponseCycle],
    wire: Any,
    *,
    method: str = "GET",
    keep_alive: bool = True,
    default_headers: Sequence[tuple[bytes, bytes]] = (),
) -> RequestResponseCycle:
    """A request whose answer goes to a wire."""
    return kind(
        scope=cast("Any", {"method": method}), transport=wire, flow=FlowControl(wire), logger=cast("Any", None),
        access_logger=cast("Any", None), access_log=False, default_headers=list(default_headers),
        message_event=asyncio.Event(), expect_100_continue=False, keep_alive=keep_alive, on_response=lambda: None,
    )  # fmt: skip


async def answer(
    kind: type[RequestResponseCycle],
    headers: Sequence[tuple[bytes, bytes]],
    *,
    status: int = 200,
    method: str = "GET",
    keep_alive: bool = True,
) -> tuple[bytes, bool]:
    """What is on the wire after an answer, and whether the connection is closed."""
    wire = Wire()
    cycle = cycle_of(kind, wire, method=method, keep_alive=keep_alive, default_headers=[DATE])
    await cycle.send(cast("Any", {"type": "http.response.start", "status": status, "headers": list(headers)}))
    body = b"" if status == 304 else b"{}"
    await cycle.send(cast("Any", {"type": "http.response.body", "body": body}))
    assert cycle.response_complete
    return wire.written, wire.is_closed


@pytest.mark.parametrize(
    "headers, options",
    [
        ([LENGTH, *SAFE_HEADERS, (b"etag", b'"12"')], {}),
        ([LENGTH, *SAFE_HEADERS], {"status": 404}),
        ([LENGTH, *SAFE_HEADERS], {"method": "HEAD"}),
        ([LENGTH, *SAFE_HEADERS], {"keep_alive": False}),
        ([LENGTH, (b"connection", b"close")], {}),
        ([(b"transfer-encoding", b"chunked")], {}),
        ([*SAFE_HEADERS], {}),
        ([(b"etag", b'"12"')], {"status": 304}),
    ],
)
async def test_a_head_is_that_of_uvicorn(headers: list[tuple[bytes, bytes]], options: dict[str, Any]) -> None:
    assert await answer(QuickCycle, headers, **options) == await answer(RequestResponseCycle, headers, **options)


async def test_a_usual_head_is_written_so() -> None:
    written, is_closed = await answer(QuickCycle, [LENGTH, (b"etag", b'"12"')])

    assert (
        written
        == b'HTTP/1.1 200 OK\r\ndate: Sat, 28 Nov 2026 04:00:00 GMT\r\ncontent-length: 2\r\netag: "12"\r\n\r\n{}'
    )
    assert not is_closed


@pytest.mark.parametrize("header", [(b"x-a", b"1\r\nx-b: 2"), (b"x a", b"1"), (b"x-a", b"\x00")])
@pytest.mark.parametrize("kind", [QuickCycle, RequestResponseCycle])
async def test_a_header_that_would_end_its_line_is_refused(
    kind: type[RequestResponseCycle], header: tuple[bytes, bytes]
) -> None:
    with pytest.raises(RuntimeError, match="Invalid HTTP header"):
        await answer(kind, [LENGTH, header])


@pytest.mark.parametrize("body", [b"{", b"{}}"])
async def test_a_body_of_another_length_is_refused(body: bytes) -> None:
    cycle = cycle_of(QuickCycle, Wire())
    await cycle.send(cast("Any", {"type": "http.response.start", "status": 200, "headers": [LENGTH]}))
    with pytest.raises(RuntimeError, match="than Content-Length"):
        await cycle.send(cast("Any", {"type": "http.response.body", "body": body}))


async def test_a_head_is_sent_with_the_first_part_of_its_body() -> None:
    wire: Any = Wire()
    cycle = cycle_of(QuickCycle, wire)
    await cycle.send(cast("Any", {"type": "http.response.start", "status": 200, "headers": [LENGTH]}))
    assert wire.written == b""
    await cycle.send(cast("Any", {"type": "http.response.body", "body": b"{", "more_body": True}))
    assert wire.written == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"
    await cycle.send(cast("Any", {"type": "http.response.body", "body": b"}"}))
    assert wire.written.endswith(b"\r\n\r\n{}")
    assert cycle.response_complete
