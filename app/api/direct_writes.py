"""Authorisations, answered before FastAPI looks for their route, as plain reads are (`direct_reads`).

An authorisation takes its turn in the transaction of a group, so most of its time in this process was FastAPI's:
finding the route, resolving one dependency, checking an answer that is a model already. A POST that needs nothing but
parameters, a JSON body and what decides an authorisation is found by the parts of its path and called directly, with
the same guard, the same checks of its body and the same serializer. Whatever is not plain goes on to FastAPI, with the
body that was read: another type of content, a body that is wrong. A test compares both ways.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import get_authoriser
from app.api.direct_reads import Direct, declared_routes, key_of, literals_of, read_parameters
from app.api.errors import HANDLED
from app.api.failures import answer_handled
from app.api.routing import ExactRequest, KistRoute

POST = {"POST"}
JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class DirectWrite(Direct):
    """A write that needs nothing but parameters, a body and what decides an authorisation."""

    async def answer(self, request: ExactRequest) -> Response | None:
        """The answer; None if a parameter or the body is wrong. Raises what the guard and the route raise."""
        dependant, field = self.route.dependant, self.route.body_field
        assert field is not None, "a direct write has a body"
        self.route.guard(request.scope)
        values: dict[str, Any] = {}
        try:
            sent = await request.json()
        except json.JSONDecodeError:
            return None
        body, errors = field.validate(sent, {}, loc=("body",))
        if errors or not read_parameters(dependant.path_params, request.scope["path_params"], values):
            return None
        values[field.name] = body
        values[self.dependency] = await get_authoriser(request)
        answer = await self.route.endpoint(**values)
        response = Response(self.serialize(answer), self.route.status_code or 200, media_type="application/json")
        return self.route.finish(request, response)


class DirectWrites:
    """FastAPI's application, behind its direct writes."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self.writes = list_direct_writes(routes)
        self._by_key: dict[tuple[int, str], list[DirectWrite]] = {}
        for write in self.writes:
            self._by_key.setdefault(key_of(write.parts), []).append(write)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (write := self._find(scope)) is None:
            await self._app(scope, receive, send)
            return
        request = ExactRequest(scope, receive)
        try:
            response = await write.answer(request)
            if response is None:
                receive = _again(await request.body(), receive)
        except HANDLED as error:
            await answer_handled(error, scope, receive, send)
            return
        await (response or self._app)(scope, receive, send)

    def _find(self, scope: Scope) -> DirectWrite | None:
        if scope.get("method") != "POST" or scope.get("root_path"):
            return None
        parts = scope["path"].split("/")
        for write in self._by_key.get(key_of(parts), ()):
            found = write.match(parts)
            if found is not None and _is_json(scope):
                scope["route"], scope["endpoint"], scope["path_params"] = write.route, write.route.endpoint, found
                return write
        return None


def _is_json(scope: Scope) -> bool:
    types = [value for name, value in scope["headers"] if name == b"content-type"]
    return types == [JSON]


def _again(body: bytes, receive: Receive) -> Receive:
    """Receives a body that was read already, and then what comes after it."""
    left = [body]

    async def receive_again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receive_again


def list_direct_writes(routes: Sequence[BaseRoute]) -> list[DirectWrite]:
    """The routes of ours that need only single parameters, a JSON body and what decides an authorisation."""
    declared = declared_routes(routes, methods=POST)
    return [
        DirectWrite(route, parts, route.dependant.dependencies[0].name or "", literals_of(parts, declared))
        for route, parts in declared
        if _is_direct(route)
    ]


def _is_direct(route: KistRoute) -> bool:
    needs = route.dependant
    return [each.call for each in needs.dependencies] == [get_authoriser] and not (
        route.response_field is None
        or route.body_field is None
        or needs.query_params
        or needs.header_params
        or needs.cookie_params
        or needs.request_param_name
        or needs.response_param_name
        or needs.background_tasks_param_name
    )
