"""Routes of the older surfaces: they work with and without the last slash, and say that they are deprecated.

Clients of the source systems keep working, and learn from two headers of every answer that a newer surface replaces
this one: `Deprecation` (RFC 9745) since when, and `Sunset` (RFC 8594) until when it is sure to work.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from fastapi import Response
from starlette.types import Scope

from app.api.routing import KistRoute, KistRouter

DEPRECATED_SINCE: Final = datetime(2026, 12, 1, tzinfo=UTC)
WORKS_UNTIL: Final = datetime(2028, 12, 31, 23, 59, 59, tzinfo=UTC)
DEPRECATION: Final = {
    "Deprecation": f"@{int(DEPRECATED_SINCE.timestamp())}",
    "Sunset": format_datetime(WORKS_UNTIL, usegmt=True),
    "Link": '</docs>; rel="deprecation"; type="text/html"',
}


class DialectRoute(KistRoute):
    """A route of an older surface. It has no ETag, because its clients do not know one."""

    knows_etag = False

    def finish(self, scope: Scope, response: Response) -> Response:
        """The answer with the headers of a deprecated route."""
        response = super().finish(scope, response)
        response.headers.update(DEPRECATION)
        return response


class DialectRouter(KistRouter):
    """A router that adds every path with and without its last slash. Only the declared path is documented."""

    kind_of_route = DialectRoute

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Adds the route under both paths. A redirect instead would lose the body of a POST."""
        options["deprecated"] = True
        super().add_api_route(path, endpoint, **options)
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        super().add_api_route(other, endpoint, **{**options, "include_in_schema": False})
