"""The busiest routes, answered before FastAPI looks for them.

FastAPI compares a path with its patterns twice, resolves each dependency anew and checks an answer that is a model
already. For a read that is more work than the read itself, and for a payment a quarter of all of it. So two kinds of
route are found by the parts of their path and called directly: reads that need nothing but parameters and a reading
unit of work, and those posts that are gathered in groups (payments, authorisations, applications). They have the same
guard, the same checks of their parameters and the same serializer. Whatever is not plain goes on to FastAPI: another
method, a parameter or a body that is wrong. Tests compare the answers of both ways for each of these routes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import Response
from fastapi._compat import field_annotation_is_scalar
from fastapi.datastructures import DefaultPlaceholder
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import (
    begin_reading,
    get_application_taker,
    get_authoriser,
    get_looking_up_uow,
    get_payment_taker,
    get_reading_uow,
)
from app.api.errors import HANDLED
from app.api.failures import answer_handled
from app.api.once import ClientKey
from app.api.parameters import parameters_of, query_of, read_parameters
from app.api.routing import ExactRequest, KistRoute, NotJson, read_json

JSON: Final = b"application/json"


async def _payment_taker(request: ExactRequest, key: str | None) -> Any:
    return await get_payment_taker(request, ClientKey(request=request, key=key))


async def _authoriser(request: ExactRequest, _key: str | None) -> Any:
    return await get_authoriser(request)


async def _application_taker(request: ExactRequest, key: str | None) -> Any:
    return await get_application_taker(request, ClientKey(request=request, key=key))


#: What the only dependency of a direct post is, for a request and its `Idempotency-Key`.
MAKERS: Final[Mapping[Any, Callable[[ExactRequest, str | None], Awaitable[Any]]]] = {
    get_payment_taker: _payment_taker,
    get_application_taker: _application_taker,
    get_authoriser: _authoriser,
}


class Heard:
    """The messages of a request, which can be heard again from the first one."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._heard: list[Message] = []

    async def body(self) -> bytes | None:
        """The whole body; None if the client hung up."""
        parts = []
        while True:
            self._heard.append(message := await self._receive())
            if message["type"] != "http.request":
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    async def again(self) -> Message:
        """The next message, beginning with those that were heard already."""
        return self._heard.pop(0) if self._heard else await self._receive()


class DirectRoute:
    """A route with the parts of its path. `needs` is the name of its only dependency. `literals` are the values that
    another route has in the place of a parameter."""

    def __init__(self, route: KistRoute, parts: tuple[str, ...], needs: str, literals: frozenset[str]) -> None:
        self.route, self.parts, self.needs, self.literals = route, parts, needs, literals
        self._in_path = parameters_of(route.dependant.path_params)
        self._in_query = parameters_of(route.dependant.query_params)
        self._in_headers = parameters_of(route.dependant.header_params)

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The parameters in a path that has as many parts; None if it is another route's."""
        found = {}
        for declared, part in zip(self.parts, parts, strict=True):
            if declared.startswith("{"):
                if not part or part in self.literals:
                    return None
                found[declared[1:-1]] = part
            elif declared != part:
                return None
        return found

    async def answer(self, scope: Scope, heard: Heard) -> Response | None:
        """The answer; None if the request is not plain. Raises what the guard and the route raise."""
        raise NotImplementedError

    def _finish(self, scope: Scope, answer: Any) -> Response:
        if not isinstance(answer, Response):
            status = self.route.status_code or 200
            answer = Response(self._serialize(answer), status_code=status, media_type="application/json")
        return self.route.finish(scope, answer)

    def _serialize(self, answer: Any) -> bytes:
        route, model = self.route, self.route.response_field
        assert model is not None, "a direct route has a model"
        if type(answer) is not route.response_model:
            answer, errors = model.validate(answer, {}, loc=("response",))
            if errors:
                raise ResponseValidationError(errors=errors, body=answer)
        return model.serialize_json(
            answer,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
        )


class DirectRead(DirectRoute):
    """A read that needs only parameters and a reading unit of work."""

    def __init__(self, route: KistRoute, parts: tuple[str, ...], needs: str, literals: frozenset[str]) -> None:
        super().__init__(route, parts, needs, literals)
        #: Whether its first question is a look-up, which is asked together with that for the caller's standing.
        self._looks_up_first = route.dependant.dependencies[0].call is get_looking_up_uow

    async def answer(self, scope: Scope, heard: Heard) -> Response | None:
        self.route.guard(scope)
        values: dict[str, Any] = {}
        if not (
            read_parameters(self._in_path, scope["path_params"], values)
            and (not self._in_query or read_parameters(self._in_query, query_of(scope), values))
            and (not self._in_headers or read_parameters(self._in_headers, Headers(scope=scope), values))
        ):
            return None
        uow = begin_reading(scope)
        try:
            if not self._looks_up_first:
                await uow.admitted()
            try:
                answer = await self.route.endpoint(**values, **{self.needs: uow})
            except Exception:
                await uow.admitted()  # Before it, nobody is told what else is wrong.
                raise
            await uow.admitted()
            return self._finish(scope, answer)
        finally:
            await uow.close()


class DirectPost(DirectRoute):
    """A post with a body in JSON, which joins a group of others."""

    async def answer(self, scope: Scope, heard: Heard) -> Response | None:
        route = self.route
        route.guard(scope)
        values: dict[str, Any] = {}
        if not read_parameters(self._in_path, scope["path_params"], values):
            return None
        headers = dict(scope["headers"])
        is_json = headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == JSON
        # Of a header that is given twice FastAPI knows which one counts.
        if not is_json or len(headers) != len(scope["headers"]) or not (body := await heard.body()):
            return None
        try:
            given = read_json(body)
        except NotJson:
            return None
        model = route.dependant.body_params[0]
        values[model.name], errors = model.validate(given, values)
        if errors:
            return None
        request = ExactRequest(scope)
        request.hold(body, given)
        key = headers.get(b"idempotency-key")
        (dependency,) = route.dependant.dependencies
        made = await MAKERS[dependency.call](request, None if key is None else key.decode("latin-1"))
        return self._finish(scope, await route.endpoint(**values, **{self.needs: made}))


class DirectRoutes:
    """FastAPI's application, behind its direct routes."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self.routes = list_direct_routes(routes)
        self._by_key: dict[tuple[str, int, str], list[DirectRoute]] = {}
        for each in self.routes:
            for method in each.route.methods or ():
                self._by_key.setdefault(_key(method, each.parts), []).append(each)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = self._find(scope)
        if direct is None:
            await self._app(scope, receive, send)
            return
        heard = Heard(receive)
        try:
            response = await direct.answer(scope, heard)
        except HANDLED as error:
            await answer_handled(error, scope, receive, send)
            return
        if response is None:
            await self._app(scope, heard.again, send)
        else:
            await response(scope, receive, send)

    def _find(self, scope: Scope) -> DirectRoute | None:
        if scope["type"] != "http" or scope.get("root_path"):
            return None
        parts = scope["path"].split("/")
        for each in self._by_key.get(_key(scope["method"], parts), ()):
            if (found := each.match(parts)) is not None:
                scope["route"], scope["endpoint"], scope["path_params"] = each.route, each.route.endpoint, found
                return each
        return None


def _key(method: str, parts: Sequence[str]) -> tuple[str, int, str]:
    """The method, the number of parts of `/api/v1/loans/7`, and the first that says which route it may be."""
    return method, len(parts), parts[3] if len(parts) > 3 else ""


def list_direct_routes(routes: Sequence[BaseRoute]) -> list[DirectRoute]:
    """The routes of ours that are answered directly."""
    # The routes of older surfaces are of other classes, and answer in forms of their own.
    declared = [
        (route, tuple(str(context.path_format).split("/")))
        for context in iter_route_contexts(routes)
        if type(route := context.original_route) is KistRoute
    ]
    found: list[DirectRoute] = []
    for route, parts in declared:
        kind = _kind_of(route)
        if kind is None:
            continue
        others = [other for its, other in declared if its.methods == route.methods and len(other) == len(parts)]
        literals = {
            theirs
            for other in others
            for ours, theirs in zip(parts, other, strict=True)
            if ours.startswith("{") and not theirs.startswith("{")
        }
        (dependency,) = route.dependant.dependencies
        assert dependency.name is not None, "it is a parameter of the route"
        found.append(kind(route, parts, dependency.name, frozenset(literals)))
    return found


def _kind_of(route: KistRoute) -> type[DirectRoute] | None:
    """The kind of direct route that a route is; None if it needs more."""
    needs = route.dependant
    if (
        route.response_field is None
        or not isinstance(route.response_class, DefaultPlaceholder)
        or needs.cookie_params
        or not all(
            field_annotation_is_scalar(each.field_info.annotation)
            for each in (*needs.path_params, *needs.query_params, *needs.header_params)
        )
        or needs.request_param_name
        or needs.response_param_name
        or needs.background_tasks_param_name
    ):
        return None
    calls = [each.call for each in needs.dependencies]
    if route.methods == {"GET"} and route.body_field is None and calls in ([get_reading_uow], [get_looking_up_uow]):
        return DirectRead
    # A body of one model is the route's own. Of several, or of a form, FastAPI makes another one.
    is_model = needs.body_params == [route.body_field] and needs.body_params[0].field_info.is_required()
    if is_model and not needs.query_params and not needs.header_params and len(calls) == 1 and calls[0] in MAKERS:
        return DirectPost
    return None
