"""How an error that left a route becomes an answer, and what of it is logged.

Errors of the domain, of a request's form and of the framework are answers like any other (`errors.HANDLED`). Every
other error (a lost database, a bug) is logged too; the client gets a 503 or a 500 without details.
"""

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import failure_of, respond
from app.observability import describe_error

log = structlog.get_logger(__name__)


class AnswerCutShort(ConnectionAbortedError):
    """A part of the answer is sent already. Only a broken connection can tell the client that the rest is missing."""


async def answer_handled(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers an error that is an answer (`errors.HANDLED`)."""
    await respond(Request(scope), error)(scope, receive, send)


async def answer_failure(error: Exception, scope: Scope, receive: Receive, send: Send, *, has_started: bool) -> None:
    """Logs an error and answers it. Raises AnswerCutShort if a part of the answer is sent already."""
    if isinstance(error, AnswerCutShort):
        raise error
    failure = failure_of(error)
    write = log.error if failure.status == 500 else log.warning
    write("request failed", code=failure.code, **describe_error(error))
    if has_started:
        raise AnswerCutShort("the answer was cut short") from None
    await answer_handled(error, scope, receive, send)


class ErrorBoundary:
    """Answers the errors that no handler of FastAPI caught, before Starlette would answer them and raise them again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            await answer_failure(error, scope, receive, send, has_started=has_started)
