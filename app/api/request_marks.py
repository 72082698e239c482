"""What every request and every answer is marked with: an id, and headers that keep a browser from harm."""

import re
import secrets
from typing import Final

USABLE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
#: A client's id with 12 digits in a row is replaced: it could be an Aadhaar number, and every log line would hold it.
DIGITS: Final = re.compile(r"[0-9]{12}")

#: They keep a browser from guessing the type of an answer, framing it, or storing it. In ASGI's form (bytes), so that
#: adding them to an answer needs no conversion.
SAFE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Pages that load scripts and styles (the admin, `/docs`, `/redoc`, the home page) send their own policy.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_SAFE_NAMES: Final = frozenset(name for name, _ in SAFE_HEADERS)


def choose_request_id(given: bytes | None) -> str:
    """The client's own id if it is usable, else a new one. The answer's headers and every log line hold it."""
    if given is not None:
        text = given.decode("latin-1")
        if USABLE_ID.fullmatch(text) and not DIGITS.search(text):
            return text
    return secrets.token_hex(16)


def with_safe_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with those of `SAFE_HEADERS` that it does not give itself."""
    given = {name for name, _ in headers}
    if _SAFE_NAMES.isdisjoint(given):
        return [*headers, *SAFE_HEADERS]
    return [*headers, *(header for header in SAFE_HEADERS if header[0] not in given)]
