"""Routes that work with and without the last slash, as on the source systems' own servers."""

from collections.abc import Callable
from typing import Any

from app.api.routing import KistRouter


class DialectRouter(KistRouter):
    """A router that adds every path with and without its last slash. Only the declared path is documented."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Adds the route under both paths. A redirect instead would lose the body of a POST."""
        super().add_api_route(path, endpoint, **options)
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        super().add_api_route(other, endpoint, **{**options, "include_in_schema": False})
