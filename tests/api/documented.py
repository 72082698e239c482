"""Checks answers against the OpenAPI document. The client of the API tests checks every answer with it."""

import re
from typing import Any

import httpx
from fastapi import FastAPI

#: Statuses that are answered before a route is chosen. No route documents them.
BEFORE_ROUTING = {"405", "406", "408", "415", "431"}


class Documented:
    """The OpenAPI document of an application, with its paths as patterns."""

    def __init__(self, app: FastAPI) -> None:
        paths = app.openapi()["paths"]
        # A fixed path comes before a path with a parameter, as in the router.
        self._paths = [
            (re.compile(re.sub(r"\\\{[^/]*?\\\}", "[^/]+", _either_spelling(path))), item)
            for path, item in sorted(paths.items(), key=lambda entry: entry[0].replace("{", "~"))
        ]

    def find(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation of a method and a path; None if none is documented."""
        for pattern, item in self._paths:
            if pattern.fullmatch(path) and method.lower() in item:
                found: dict[str, Any] = item[method.lower()]
                return found
        return None

    async def check(self, response: httpx.Response) -> None:
        operation = self.find(response.request.method, response.request.url.path)
        status = str(response.status_code)
        if operation is None or status in BEFORE_ROUTING:
            return
        what = f"{response.request.method} {response.request.url.path} answers {status}"
        assert status in operation["responses"], f"{what}, which is not documented"
        types = operation["responses"][status].get("content", {})
        media_type = response.headers.get("content-type", "").partition(";")[0]
        # Starlette sets a content type even if there is no body.
        fits = media_type in types if types else not await response.aread()
        assert fits, f"{what} as {media_type}, which is not documented"


def _either_spelling(path: str) -> str:
    """A pattern of a path. An older path works with and without its last slash, and only one form is documented."""
    is_older = path != "/" and not path.startswith("/api/v1/")
    return re.escape(path).removesuffix("/") + "/?" if is_older else re.escape(path)
