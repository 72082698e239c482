"""Routes that answer with and without the last slash, as the source systems' own servers did."""

from collections.abc import Callable
from typing import Any

from app.api.routing import KistRouter


class DialectRouter(KistRouter):
    """A router whose every path has two spellings; only the one that was written is documented."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Adds the route under both spellings. A redirect instead would lose the body of a POST."""
        super().add_api_route(path, endpoint, **options)
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        super().add_api_route(other, endpoint, **{**options, "include_in_schema": False})
