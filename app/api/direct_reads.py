"""Plain reads, answered before FastAPI looks for their route.

FastAPI compares a path with its patterns twice, resolves each dependency anew and checks an answer that is a model
already. For a read that is more work than the read itself. So a read that needs nothing but parameters and a reading
unit of work is found by the parts of its path and called directly, with the same guard, the same checks of its
parameters and the same serializer. Whatever is not plain goes on to FastAPI: another method, a parameter that is
wrong. A test compares the answers of both ways for each of these routes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi._compat import ModelField, field_annotation_is_scalar
from fastapi.datastructures import DefaultPlaceholder
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import iter_route_contexts
from starlette.datastructures import QueryParams
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.deps import get_reading_uow
from app.api.errors import HANDLED
from app.api.failures import answer_handled
from app.api.routing import ExactRequest, KistRoute

GET = {"GET"}


@dataclass(frozen=True, slots=True)
class DirectRead:
    """A route with the parts of its path. `literals` are the values that another route has in the place of a
    parameter."""

    route: KistRoute
    parts: tuple[str, ...]
    reading: str
    literals: frozenset[str]

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

    async def answer(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer; None if a parameter is wrong. Raises what the guard and the route raise."""
        request, dependant = ExactRequest(scope, receive), self.route.dependant
        self.route.guard(scope)
        values: dict[str, Any] = {}
        if not _read(dependant.path_params, scope["path_params"], values):
            return None
        if dependant.query_params and not _read(
            dependant.query_params, QueryParams(scope["query_string"].decode("latin-1")), values
        ):
            return None
        if dependant.header_params and not _read(dependant.header_params, request.headers, values):
            return None
        uow = await get_reading_uow(request)
        try:
            answer = await self.route.endpoint(**values, **{self.reading: uow})
            if not isinstance(answer, Response):
                answer = Response(self._serialize(answer), media_type="application/json")
            return self.route.finish(request, answer)
        finally:
            await uow.close()

    def _serialize(self, answer: Any) -> bytes:
        route, field = self.route, self.route.response_field
        assert field is not None, "a direct read has a model"
        if type(answer) is not route.response_model:
            answer, errors = field.validate(answer, {}, loc=("response",))
            if errors:
                raise ResponseValidationError(errors=errors, body=answer)
        return field.serialize_json(
            answer,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
        )


class DirectReads:
    """FastAPI's application, behind its direct reads."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self.reads = list_direct_reads(routes)
        self._by_key: dict[tuple[int, str], list[DirectRead]] = {}
        for read in self.reads:
            self._by_key.setdefault(_key(read.parts), []).append(read)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = None
        if (read := self._find(scope)) is not None:
            try:
                response = await read.answer(scope, receive)
            except HANDLED as error:
                await answer_handled(error, scope, receive, send)
                return
        await (response or self._app)(scope, receive, send)

    def _find(self, scope: Scope) -> DirectRead | None:
        if scope.get("method") != "GET" or scope.get("root_path"):
            return None
        parts = scope["path"].split("/")
        for read in self._by_key.get(_key(parts), ()):
            if (found := read.match(parts)) is not None:
                scope["route"], scope["endpoint"], scope["path_params"] = read.route, read.route.endpoint, found
                return read
        return None


def _read(fields: Sequence[ModelField], given: Mapping[str, str], values: dict[str, Any]) -> bool:
    """Reads parameters of one kind. False if one is missing or wrong: FastAPI then says which."""
    for field in fields:
        value = given.get(field.validation_alias or field.alias)
        if value is None:
            if field.field_info.is_required():
                return False
            values[field.name] = field.get_default()
            continue
        values[field.name], errors = field.validate(value, values)
        if errors:
            return False
    return True


def _key(parts: Sequence[str]) -> tuple[int, str]:
    """The number of parts of `/api/v1/loans/7`, and the first that says which route it may be."""
    return len(parts), parts[3] if len(parts) > 3 else ""


def list_direct_reads(routes: Sequence[BaseRoute]) -> list[DirectRead]:
    """The routes of ours that need only parameters and a reading unit of work, and answer a model."""
    declared = [
        (context.original_route, tuple(str(context.path_format).split("/")))
        for context in iter_route_contexts(routes)
        if type(context.original_route) is KistRoute and context.original_route.methods == GET
    ]
    found = []
    for route, parts in declared:
        assert isinstance(route, KistRoute), "the others are left out above"
        reading = _reading_of(route)
        if reading is not None:
            others = [other for _, other in declared if len(other) == len(parts)]
            literals = {
                theirs
                for other in others
                for ours, theirs in zip(parts, other, strict=True)
                if ours.startswith("{") and not theirs.startswith("{")
            }
            found.append(DirectRead(route, parts, reading, frozenset(literals)))
    return found


def _reading_of(route: KistRoute) -> str | None:
    """The name of the only dependency of a plain read; None if the route needs more."""
    needs = route.dependant
    if (
        route.response_field is None
        or route.body_field is not None
        or not isinstance(route.response_class, DefaultPlaceholder)
        or needs.cookie_params
        or not all(
            field_annotation_is_scalar(field.field_info.annotation)
            for field in (*needs.path_params, *needs.query_params, *needs.header_params)
        )
        or needs.request_param_name
        or needs.response_param_name
        or needs.background_tasks_param_name
        or [each.call for each in needs.dependencies] != [get_reading_uow]
    ):
        return None
    return needs.dependencies[0].name
