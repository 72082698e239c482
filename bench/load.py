"""A client that sends HTTP requests and needs little time itself: it sends prepared bytes over open connections.

A usual client library takes as long for a request as our API does, and its time would be measured too. Here each
connection sends its next request as soon as the last one is answered.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Answers:
    """The answers: the time of each, the count of each status, the first body of each status, and the last body."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    first_bodies: dict[int, bytes] = field(default_factory=dict)
    last_body: bytes = b""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.taken) / self.seconds

    def check(self, what: str, *, count: int, status: int) -> None:
        """Checks that every request was answered with `status`. Raises UnexpectedAnswer, which lists the answers."""
        if self.statuses == {status: count}:
            return
        found = [f"{number:,} x {name_answer(each, self.first_bodies[each])}" for each, number in self.statuses.items()]
        missing = count - len(self.taken)
        found += [f"{missing:,} without an answer"] if missing else []
        raise UnexpectedAnswer(f"{what}: expected {count:,} x {status}, found {', '.join(found)}")


class UnexpectedAnswer(Exception):
    """The API gave another answer than the benchmark expects."""


def name_answer(status: int, body: bytes) -> str:
    """The status of an answer, and the code if it is a problem."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError):
        return str(status)
    return f"{status} {code}"


class _Connection(asyncio.Protocol):
    """One connection, which sends requests until none is left."""

    def __init__(self, requests: Iterator[bytes], answers: Answers, ended: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._answers = answers
        self._ended = ended
        self._received = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = LENGTH.search(self._received, 0, head_end + 2)
        assert length is not None, "our API sends content-length with every answer"
        if len(self._received) < head_end + 4 + int(length[1]):
            return
        status = int(self._received[9:12])
        self._answers.taken.append(time.perf_counter() - self._asked_at)
        self._answers.last_body = self._received[head_end + 4 :]
        before = self._answers.statuses.get(status, 0)
        if not before:
            self._answers.first_bodies[status] = self._answers.last_body
        self._answers.statuses[status] = before + 1
        self._received = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)


async def send_all(port: int, requests: Iterator[bytes], *, connections: int) -> Answers:
    """Sends all requests over this many connections, each as fast as its answers come."""
    answers, loop = Answers(), asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(_Connection, requests, answers, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    answers.seconds = time.perf_counter() - began
    return answers


def request(
    method: str, path: str, *, token: str | None = None, body: dict[str, Any] | None = None, key: str | None = None
) -> bytes:
    """A request as bytes."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content
