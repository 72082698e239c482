"""Our routes: they read JSON numbers exactly, and a route without a permission cannot be made.

FastAPI reads a JSON number as a binary fraction, which silently changes a large amount. It answers 500 if a body holds
`NaN` or is nested a thousand levels deep. `ExactRequest` reads numbers as decimals. It refuses every body that is not
plain JSON, or that gives a field twice, with one error of the error table.

Every router is a `KistRouter`. A route without exactly one permission stops the program when it starts, so no route is
open by mistake.
"""

import json
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from fastapi import APIRouter, Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from app.api import answer_forms
from app.api.permissions import Guard
from app.services.unit_of_work import UnitOfWork

#: The most digits of a number, and the largest power of ten: no figure of ours needs more.
LONGEST_NUMBER = 64
DEEPEST = 32
#: The key of a request's read-only unit of work in its scope.
READING = "kist.reading"


class NotJson(json.JSONDecodeError):
    """The body is not plain JSON. FastAPI turns this into a validation error, which does not hold the body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, "", 0)


def read_json(body: bytes) -> Any:
    """A body as Python values, numbers with a point as Decimal. Raises NotJson, which never repeats the body."""
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except NotJson:
        raise
    except UnicodeDecodeError:
        raise NotJson("the body is not UTF-8") from None
    except RecursionError:
        raise NotJson("the body has too many levels") from None
    except ValueError:
        raise NotJson("the body is not JSON") from None
    _check_shape(value, has_escapes="\\u" in text)
    return value


def _decimal(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson("a number in the body has too many digits")
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise NotJson("a number in the body is out of range") from None
    # 1e400 is a short text, but no code may ever write the number in full.
    if number and abs(number.adjusted()) > LONGEST_NUMBER:
        raise NotJson("a number in the body is out of range")
    return number or Decimal(0)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson("a number in the body has too many digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson("the body holds NaN or Infinity, which are not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("the body gives a field twice")
    return found


def _check_shape(value: object, *, has_escapes: bool) -> None:
    """Raises NotJson for deep nesting, and for the characters that PostgreSQL cannot store: NUL and lone surrogates."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        deeper: list[object] = []
        for item in level:
            if isinstance(item, dict):
                deeper += item.keys()
                deeper += item.values()
            elif isinstance(item, list):
                deeper += item
            elif has_escapes and isinstance(item, str) and _is_unwritable(item):
                raise NotJson("a text in the body holds a character that cannot be stored")
        if not deeper:
            return
        level = deeper
    raise NotJson("the body has too many levels")


def _is_unwritable(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


class ExactRequest(Request):
    """A request that reads its JSON with `read_json`."""

    def hold(self, body: bytes, value: Any) -> None:
        """Sets the body and its JSON, which the caller has read already."""
        self._body, self._json = body, value

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class KistRoute(APIRoute):
    """A route that reads JSON exactly, has one permission, and answers in the form that the request asks for."""

    guard: Guard
    #: Whether single reads of this kind of route have an ETag.
    knows_etag = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        declared: Sequence[Depends] = options.pop("dependencies", None) or ()
        guards = [each.dependency for each in declared if isinstance(each.dependency, Guard)]
        if len(guards) != 1:
            raise TypeError(f"{path} has {len(guards)} permissions: give it exactly one permission")
        self.guard = guards[0]
        # The route calls its guard directly: FastAPI would resolve the guard's parameters again for each request.
        others = [each for each in declared if each.dependency is not self.guard]
        super().__init__(path, endpoint, dependencies=others, **options)
        is_json = isinstance(self.response_class, DefaultPlaceholder)
        #: Whether it reads one thing: its answers have an ETag.
        self.has_etag = self.knows_etag and self.methods == {"GET"} and "{" in path and is_json
        self._models = {int(status): each["model"] for status, each in self.responses.items() if "model" in each}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, guard, finish = super().get_route_handler(), self.guard, self.finish

        async def handle_exactly(request: Request) -> Response:
            exact = ExactRequest(request.scope, request.receive)
            guard(exact.scope)
            try:
                return finish(exact.scope, await handle(exact))
            finally:
                # The route closes it, because a dependency with an exit step costs an exit stack and a loop turn.
                reading: UnitOfWork | None = request.scope.get(READING)
                if reading is not None:
                    await reading.close()

        return handle_exactly

    def finish(self, scope: Scope, response: Response) -> Response:
        """The answer in the form that the request's headers ask for."""
        return answer_forms.finish(
            response,
            headers=scope["headers"],
            models=self._models,
            model=self.response_model,
            has_etag=self.has_etag,
        )


class KistRouter(APIRouter):
    """A router of a capability: `router = KistRouter(prefix="/loans", tags=["Loans"])`."""

    #: The class of the routes of this kind of router.
    kind_of_route: type[KistRoute] = KistRoute

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=self.kind_of_route, redirect_slashes=False, **options)
        self._known_prefixes: tuple[int, frozenset[str]] = 0, frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a route of this router answers. A path that contains no route's fixed beginning is not compared with
        each pattern: a hundred patterns take longer than the look-up of a loan."""
        path = scope["path"]
        if not any(prefix in path for prefix in self._path_prefixes()):
            return Match.NONE, {}
        return super().matches(scope)

    def _path_prefixes(self) -> frozenset[str]:
        """The part before the first parameter of each route's path."""
        count, found = self._known_prefixes
        if count != len(self.routes):
            found = frozenset(getattr(route, "path", "").partition("{")[0] for route in self.routes)
            self._known_prefixes = len(self.routes), found
        return found
