"""What a request says about the form of its answer: `Prefer: money=string`, and `If-None-Match`.

Both are applied to the finished answer of a route. A single read of `/api/v1` has an `ETag`, a hash of its body; a
client that sends it back in `If-None-Match` gets 304 without a body as long as nothing changed (RFC 9110, section 13).
The answer is computed all the same, so nothing old is ever called unchanged: what is saved is the transfer and the
client's work.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Response

from app.api.money_form import APPLIED, prefers_text, with_text

JSON: Final = "application/json"
PREFER, IF_NONE_MATCH = b"prefer", b"if-none-match"


def finish(
    response: Response, *, headers: list[tuple[bytes, bytes]], models: Mapping[int, Any], model: Any, has_etag: bool
) -> Response:
    """The answer in the form that the request's headers ask for. `models` are those of single statuses, and `model` is
    that of all others."""
    # A header may stand on several lines, which then are one list (RFC 9110, section 5.3).
    known, is_text = None, False
    for name, value in headers:
        if name == PREFER:
            is_text = is_text or prefers_text(value)
        elif name == IF_NONE_MATCH:
            known = value if known is None else known + b"," + value
    if is_text:
        _write_text(response, models.get(response.status_code, model))
    if has_etag and response.status_code == 200:
        return _tagged(response, known)
    return response


def is_json(response: Response) -> bool:
    """Whether the answer is JSON that is complete already: no file that is made when it is sent, and no stream."""
    return bool(getattr(response, "body", b"")) and "json" in response.headers.get("content-type", "")


def _write_text(response: Response, model: Any) -> None:
    if model is None or not is_json(response):
        return
    response.body = with_text(bytes(response.body), model=model)
    response.headers["content-length"] = str(len(response.body))
    response.headers.update(APPLIED)


def _tagged(response: Response, known: bytes | None) -> Response:
    # Every single read comes here: the headers' own look-ups would take most of the time.
    if response.media_type != JSON or not response.body:
        return response
    tag = f'"{hashlib.blake2b(response.body, digest_size=12).hexdigest()}"'
    if known is not None and is_known(tag, known.decode("latin-1")):
        kept = {name: response.headers[name] for name in ("vary", "preference-applied") if name in response.headers}
        return Response(status_code=304, headers={"ETag": tag, **kept})
    response.raw_headers.append((b"etag", tag.encode()))
    return response


def is_known(tag: str, known: str) -> bool:
    """Whether an `If-None-Match` names this tag. Weak and strong tags compare as equal (RFC 9110, section 13.1.2)."""
    return known.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))
