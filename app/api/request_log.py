"""The route pattern and the user account on the log line of a request.

A route knows only the path that it was declared with, without the prefix of its router or of the application that it
is mounted in. So the full patterns are collected once, when the program starts.
"""

from collections.abc import Iterator, Mapping, Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from app.api.permissions import CLAIMS
from app.domain.people.access import Actor
from app.services.people.tokens import Claims

#: The key in a request's state of an actor who signed in without a bearer token.
ACTOR = "actor"


def collect_patterns(routes: Sequence[BaseRoute]) -> dict[int, str]:
    """The full pattern of every route, by the `id()` of the route and by the `id()` of its endpoint: some requests
    carry only the endpoint."""
    found: dict[int, str] = {}
    for route, target, pattern in _each(routes, prefix=""):
        # An endpoint may have two paths. A request that carries only the endpoint gets the first one.
        found.setdefault(id(target), pattern)
        found[id(route)] = pattern
    return found


def _each(routes: Sequence[BaseRoute], *, prefix: str) -> Iterator[tuple[object, object, str]]:
    for context in iter_route_contexts(routes):
        route, path = context.original_route, prefix + str(context.path_format or "")
        target = route.app if isinstance(route, Mount) else context.endpoint
        yield route, target, path
        if isinstance(route, Mount):
            yield from _each(route.routes, prefix=prefix + route.path)


def pattern_of(scope: Scope, patterns: Mapping[int, str]) -> str | None:
    """The pattern of the route that took a request; None if no route did."""
    return patterns.get(id(scope.get("route"))) or patterns.get(id(scope.get("endpoint")))


def actor_label(scope: Scope, authenticated_actors: Sequence[Actor]) -> str | None:
    """The actor of a request's token or session, or the one who signed in with it: a role and a number
    (`customer:9`), and nothing about the person."""
    claims: Claims | None = scope.get(CLAIMS)
    if claims is not None:
        return claims.actor.label
    actor: Actor | None = scope["state"].get(ACTOR) or (authenticated_actors[-1] if authenticated_actors else None)
    return None if actor is None else actor.label
