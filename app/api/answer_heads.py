"""The head of an answer as bytes: the status and the headers, as the server sends them.

uvicorn searches each name and each value of each header for characters that must not be in it. An answer of ours has
fourteen headers, and most of them are always the same: those were searched when this module was loaded. For a read of
a loan the search took as long as the look-up of its token.
"""

from typing import Final

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

from app.api.request_marks import SAFE_HEADERS

Header = tuple[bytes, bytes]
#: The headers that most answers have with the same value.
USUAL: Final = (*SAFE_HEADERS, (b"content-type", b"application/json"))
#: The headers that say how the answer is sent. uvicorn handles them itself.
ABOUT_SENDING: Final = frozenset({b"connection", b"transfer-encoding"})
LENGTH: Final = b"content-length"


def line_of(header: Header) -> bytes:
    """A header as a line. Raises RuntimeError for characters that would end the line, as uvicorn does."""
    name, value = header
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header.")
    return b"%b: %b\r\n" % (name, value)


_LINES: Final = {header: line_of(header) for header in USUAL}


class QuickCycle(RequestResponseCycle):
    """uvicorn's own cycle of a request and its answer, with another way to write the head of a usual answer."""

    async def send(self, message: Message) -> None:  # type: ignore[override]
        """Sends the head itself if its answer has a known length and keeps the connection; uvicorn sends the rest."""
        if (
            self.response_started
            or message["type"] != "http.response.start"
            or not self.keep_alive
            or self.disconnected
            or self.access_log
            or self.flow.write_paused
            or self.scope["method"] == "HEAD"
            or (length := _plain_length(message["headers"])) is None
        ):
            await super().send(message)  # type: ignore[arg-type]
            return
        headers = (*self.default_headers, *message["headers"])
        lines = [_LINES.get(header) or line_of(header) for header in headers]
        self.response_started, self.waiting_for_100_continue = True, False
        self.chunked_encoding, self.expected_content_length = False, length
        self.transport.write(b"".join((STATUS_LINE[message["status"]], *lines, b"\r\n")))


def _plain_length(headers: list[Header]) -> int | None:
    """The length that the headers of an answer announce; None if they announce none or say how it is sent."""
    length = None
    for name, value in headers:
        if name == LENGTH:
            length = int(value)
        elif name in ABOUT_SENDING:
            return None
    return length
