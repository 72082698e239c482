"""What surrounds every admin page: a strict content policy, no traces in caches, and a net for what went wrong.

A page may run the scripts of this house and the few inline ones that carry the request's own number, may load nothing
from anywhere else, and may not be framed. Inline styles are let through where they are attributes, because the tables
of the library are drawn with them: they can hide a thing and cannot do one.
"""

import html
import secrets
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Failure, failure_of
from app.observability import describe_error

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kist admin</title></head>
<body><h1>{title}</h1><p>{detail}</p><p>If you ask about it, name the request {request_id}.</p>
<p><a href="/admin/">Back to the first page</a></p></body></html>
"""

log = structlog.get_logger(__name__)


class AdminResponses:
    """The outermost layer of the admin application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce, started = secrets.token_urlsafe(16), False
        state = scope.setdefault("state", {})
        state["csp_nonce"] = nonce
        is_static = "/static/" in scope["path"]

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
                headers["Cache-Control"] = "private, max-age=3600" if is_static else "no-store"
                _renew_session(headers, state.get("renewed_cookie"))
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception as error:
            if started:
                raise
            failure = failure_of(error)
            write = log.error if failure.status == 500 else log.warning
            write("admin page failed", code=failure.code, **describe_error(error))
            await _answer(Request(scope), failure)(scope, receive, send_guarded)


def _renew_session(headers: MutableHeaders, cookie: str | None) -> None:
    """Sends a renewed session, unless the page has just said what becomes of it: signing out must last."""
    name = "" if cookie is None else cookie.partition("=")[0]
    if cookie is not None and not any(each.startswith(f"{name}=") for each in headers.getlist("set-cookie")):
        headers.append("Set-Cookie", cookie)


def _answer(request: Request, failure: Failure) -> Response:
    request_id = str(getattr(request.state, "request_id", ""))
    if "/_api/" in request.url.path:
        # A button's script shows `msg` of a 400, and of nothing else.
        return JSONResponse({"msg": f"{failure.title}: {failure.detail}"}, status_code=400)
    page = PAGE.format(
        title=html.escape(failure.title), detail=html.escape(failure.detail), request_id=html.escape(request_id)
    )
    return HTMLResponse(page, status_code=failure.status)
