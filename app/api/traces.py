"""The span of a request, around everything else that happens to it."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import tracing
from app.api.request_log import pattern_of


class Traces:
    """The span of a request. It continues the trace that the caller names in `traceparent`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        routes: Mapping[int, str] = scope["app"].state.route_patterns

        async def send_and_name(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The route is known only now. The address is not written: it may hold personal data.
                tracing.name_span(f"{scope['method']} {pattern_of(scope, routes) or 'no route'}", message["status"])
            await send(message)

        parent = Headers(scope=scope).get(tracing.TRACEPARENT)
        with tracing.span(scope["method"], parent=parent, kind=tracing.SERVER):
            await self.app(scope, receive, send_and_name)
