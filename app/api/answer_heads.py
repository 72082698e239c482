"""The head of an answer as bytes: the status and the headers, as the server sends them.

uvicorn searches each name and each value of each header for characters that must not be in it, and writes the head and
the body one after the other. An answer of ours has fourteen headers. Here the half of them that are always the same are
bytes already, the others are searched at once, and the head is sent with its body.
"""

import re
from typing import Final

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from app.api.request_marks import SAFE_HEADERS

Header = tuple[bytes, bytes]

#: Lines of headers. The same characters are refused as by uvicorn: those that would end a name, a value or a line.
LINES: Final = re.compile(rb'(?:[^\x00-\x20\x7f()<>@,;:\\\[\]={}"]+: [^\x00-\x08\x0a-\x1f\x7f]*\r\n)*')
#: The headers that say how the answer is sent. uvicorn handles them itself.
ABOUT_SENDING: Final = frozenset({b"connection", b"transfer-encoding"})
LENGTH: Final = b"content-length"

_SAFE: Final = list(SAFE_HEADERS)
_SAFE_LINES: Final = b"".join(b"%b: %b\r\n" % header for header in _SAFE)


def head_of(status: int, headers: list[Header]) -> bytes:
    """The head of an answer. Raises RuntimeError for a header that would end its line, as uvicorn does."""
    given, end = headers, b"\r\n"
    if headers[-len(_SAFE) :] == _SAFE:
        given, end = headers[: -len(_SAFE)], _SAFE_LINES + b"\r\n"
    lines = b"".join([b"%b: %b\r\n" % header for header in given])
    if LINES.fullmatch(lines) is None or lines.count(b"\n") != len(given):
        raise RuntimeError("Invalid HTTP header.")
    return STATUS_LINE[status] + lines + end


class QuickCycle(RequestResponseCycle):
    """uvicorn's own cycle of a request and its answer, with another way to write the head of a usual answer."""

    #: A head that is sent with the beginning of its body: each write is a call of the kernel, at both ends.
    _head = b""

    async def send(self, message: Message) -> None:  # type: ignore[override]
        """Writes the head itself if its answer has a known length and keeps the connection; uvicorn sends the rest."""
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
            await super().send(self._with_head(message))  # type: ignore[arg-type]
            return
        self._head = head_of(message["status"], [*self.default_headers, *message["headers"]])
        self.response_started, self.waiting_for_100_continue = True, False
        self.chunked_encoding, self.expected_content_length = False, length

    def _with_head(self, message: Message) -> Message:
        """A part of a body, after the head if it was not sent yet. To uvicorn the head is a part of the body."""
        if not self._head or message["type"] != "http.response.body":
            return message
        head, self._head = self._head, b""
        self.expected_content_length += len(head)
        return {**message, "body": head + message.get("body", b"")}


def _plain_length(headers: list[Header]) -> int | None:
    """The length that the headers of an answer announce; None if they announce none or say how it is sent."""
    length = None
    for name, value in headers:
        if name == LENGTH:
            length = int(value)
        elif name in ABOUT_SENDING:
            return None
    return length
