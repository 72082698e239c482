"""A receiver of webhooks on a port of this machine: it answers, fails, hangs or hangs up, as a test tells it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

#: What a test may tell it besides a status.
HANG, DROP = "hang", "drop"


@dataclass(frozen=True, slots=True)
class Received:
    """A request that arrived, whatever was answered."""

    headers: dict[str, str]
    body: str

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Receiver:
    """`behave` gets each request and says what to do: a status, HANG or DROP."""

    port: int = 0
    behave: Callable[[Received], int | str] = lambda _: 200
    received: list[Received] = field(default_factory=list)
    accepted: list[Received] = field(default_factory=list)
    most_at_once: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    _at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def numbers(self) -> list[int]:
        """The numbers of the events that were accepted, in the order of their arrival."""
        return [each.event["number"] for each in self.accepted]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                self._at_once += 1
                self.most_at_once = max(self.most_at_once, self._at_once)
                try:
                    await self._answer(request, writer)
                finally:
                    self._at_once -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Received, writer: asyncio.StreamWriter) -> None:
        self.received.append(request)
        what = self.behave(request)
        if what == HANG:
            await self.closing.wait()
        if what in (HANG, DROP):
            raise ConnectionResetError
        assert isinstance(what, int)
        if 200 <= what < 300:
            self.accepted.append(request)
        location = "location: http://127.0.0.1:1/elsewhere\r\n" if 300 <= what < 400 else ""
        writer.write(f"HTTP/1.1 {what} Told\r\n{location}content-length: 2\r\n\r\nok".encode())
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Received(headers, (await reader.readexactly(int(headers["content-length"]))).decode())


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that accepts everything, until a test tells it otherwise."""
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.closing.set()
        server.close()
        await asyncio.sleep(0)
