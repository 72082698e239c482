"""The outermost layer of the admin pages: a strict content policy, no caching, and an error page.

A page may run scripts of this service and inline scripts with the request's nonce. It may load nothing from another
server and may not be framed. Inline style attributes are allowed, because the library's tables use them: a style can
hide something but cannot run code.
"""

import html
import secrets
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.admin.drawing.formats import advice, sentence
from app.api.errors import Failure, failure_of
from app.domain.errors import DomainError
from app.observability import describe_error

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Kist</title><link rel="stylesheet" href="/admin/static/kist/admin.css?v=3"></head>
<body class="kist-alone"><h1>{title}</h1><p>{detail}</p><p>{advice}</p>
<p><a href="/admin/">To the first page</a></p>
<p class="kist-small">Quote the request id {request_id} if you report this.</p></body></html>
"""

log = structlog.get_logger(__name__)


class AdminResponses:
    """Middleware that sets the headers of every admin page and answers errors."""

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

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
                headers["Cache-Control"] = "private, max-age=3600" if is_static else "no-store"
                _renew_session(headers, state.get("renewed_cookie"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            failure = failure_of(error)
            write = log.error if failure.status == 500 else log.warning
            write("admin page failed", code=failure.code, **describe_error(error))
            what_to_do = advice(error) if isinstance(error, DomainError) else failure.what_to_do
            await _answer(Request(scope), failure, what_to_do)(scope, receive, send_with_headers)


def _renew_session(headers: MutableHeaders, cookie: str | None) -> None:
    """Sends the renewed session cookie, unless the page sets that cookie itself: a sign-out must not be undone."""
    name = "" if cookie is None else cookie.partition("=")[0]
    if cookie is not None and not any(each.startswith(f"{name}=") for each in headers.getlist("set-cookie")):
        headers.append("Set-Cookie", cookie)


def _answer(request: Request, failure: Failure, what_to_do: str) -> Response:
    request_id = str(getattr(request.state, "request_id", ""))
    if "/_api/" in request.url.path:
        # The library's script shows `msg` only if the status is 400.
        return JSONResponse({"msg": f"{failure.title}: {failure.detail}"}, status_code=400)
    said = {"title": failure.title, "detail": sentence(failure.detail), "advice": what_to_do, "request_id": request_id}
    page = PAGE.format(**{name: html.escape(text) for name, text in said.items()})
    return HTMLResponse(page, status_code=failure.status)
