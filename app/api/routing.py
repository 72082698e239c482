"""How our routes differ from FastAPI's: JSON is read exactly, and a route without a permission cannot be made.

FastAPI reads a JSON number as a binary fraction, which changes a large amount in silence, and answers 500 when a body
holds `NaN` or is nested a thousand deep. `ExactRequest` reads numbers as decimals and refuses everything that is not
plain JSON, twice-named fields included, with one error that the error table knows.

Every router is made by `KistRouter`. It refuses, when the program starts, a route that does not say who may call it:
default deny is not a habit but a property of the program.
"""

import json
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from fastapi import APIRouter, Request, Response
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from app.api.permissions import Guard
from app.services.unit_of_work import UnitOfWork

#: No figure of ours has more digits, and no power of ten of ours is larger.
LONGEST_NUMBER = 64
DEEPEST = 32
#: Where a request keeps the work that only reads.
READING = "kist.reading"


class NotJson(json.JSONDecodeError):
    """The body is not JSON as we read it. FastAPI turns it into a validation error; the body is not carried along."""

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
        raise NotJson("the body is nested too deeply") from None
    except ValueError:
        raise NotJson("the body is not JSON") from None
    _check_shape(value, has_escapes="\\u" in text)
    return value


def _decimal(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson("a number has too many digits")
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise NotJson("a number is out of range") from None
    # 1e400 is a small text and a large number; nothing may ever try to write it out.
    if number and abs(number.adjusted()) > LONGEST_NUMBER:
        raise NotJson("a number is out of range")
    return number or Decimal(0)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson("a number has too many digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson("NaN and Infinity are not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a field is given twice")
    return found


def _check_shape(value: object, *, has_escapes: bool) -> None:
    """Refuses what would break further down: deep nesting, and the two kinds of text that PostgreSQL cannot hold."""
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
                raise NotJson("a text holds a character that cannot be stored")
        if not deeper:
            return
        level = deeper
    raise NotJson("the body is nested too deeply")


def _is_unwritable(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


class ExactRequest(Request):
    """A request whose JSON is read by `read_json`."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class KistRoute(APIRoute):
    """A route that reads JSON exactly, and says who may call it."""

    guard: Guard

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        declared: Sequence[Depends] = options.pop("dependencies", None) or ()
        guards = [each.dependency for each in declared if isinstance(each.dependency, Guard)]
        if len(guards) != 1:
            raise TypeError(f"{path} says {len(guards)} times who may call it: give it one permission")
        self.guard = guards[0]
        # The route asks its guard by itself: FastAPI would solve the guard's parameters anew at each request.
        others = [each for each in declared if each.dependency is not self.guard]
        super().__init__(path, endpoint, dependencies=others, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, guard = super().get_route_handler(), self.guard

        async def handle_exactly(request: Request) -> Response:
            exact = ExactRequest(request.scope, request.receive)
            await guard(exact)
            try:
                return await handle(exact)
            finally:
                # Here, and not by the dependency: one that ends by itself takes an exit stack and a turn of its own.
                reading: UnitOfWork | None = request.scope.get(READING)
                if reading is not None:
                    await reading.close()

        return handle_exactly


class KistRouter(APIRouter):
    """A router of a capability: `router = KistRouter(prefix="/loans", tags=["Loans"])`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=KistRoute, redirect_slashes=False, **options)
        self._known_beginnings: tuple[int, frozenset[str]] = 0, frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a route of this router answers. An address that holds the beginning of none of them is not tried on
        each: a hundred patterns take longer than the look-up of a loan."""
        path = scope["path"]
        if not any(beginning in path for beginning in self._beginnings()):
            return Match.NONE, {}
        return super().matches(scope)

    def _beginnings(self) -> frozenset[str]:
        """What comes before the first parameter of each route's path."""
        count, found = self._known_beginnings
        if count != len(self.routes):
            found = frozenset(getattr(route, "path", "").partition("{")[0] for route in self.routes)
            self._known_beginnings = len(self.routes), found
        return found
