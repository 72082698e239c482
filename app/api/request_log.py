"""What the line of a request says beside its status: on which route, by whom.

The router knows a route by the path that it was written with; the prefix of the router around it, or of the application
that it is mounted in, is not in it. So the whole patterns are collected once, when the program starts.
"""

from collections.abc import Iterator, Mapping, Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from app.api.permissions import CLAIMS
from app.domain.people.access import Actor
from app.services.people.tokens import Claims

#: Where the state of a request keeps who was let in by other means than a token.
ACTOR = "actor"


def collect_patterns(routes: Sequence[BaseRoute]) -> dict[int, str]:
    """The whole pattern of every route, by the identity of the route, and of what it leads to where only that is
    known of a request."""
    found: dict[int, str] = {}
    for route, target, pattern in _each(routes, prefix=""):
        # An endpoint with two spellings is known by its route; the first one is as good as any where it is not.
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
    """The pattern of the route that took a request; None where none did."""
    return patterns.get(id(scope.get("route"))) or patterns.get(id(scope.get("endpoint")))


def principal_of(scope: Scope, authenticated_actors: Sequence[Actor]) -> str | None:
    """Whom a request's token or session names, or who proved who they are by it (`customer:9`): a role and a number,
    and nothing about the person."""
    claims: Claims | None = scope.get(CLAIMS)
    if claims is not None:
        return claims.actor.label
    actor: Actor | None = scope["state"].get(ACTOR) or (authenticated_actors[-1] if authenticated_actors else None)
    return None if actor is None else actor.label
