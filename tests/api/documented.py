"""Whether what a route sends is what the OpenAPI document says that it sends. Every answer of every API test is held
against it."""

import re
from typing import Any

import httpx
from fastapi import FastAPI

#: What is said of a request before anybody looks at its route, and what no route documents.
BEFORE_ROUTING = {"405", "406", "408", "415", "431"}


class Documented:
    """The document of an application, as patterns of addresses."""

    def __init__(self, app: FastAPI) -> None:
        paths = app.openapi()["paths"]
        # What is written out comes before what has a parameter in its place, as in the router.
        self._paths = [
            (re.compile(re.sub(r"\\\{[^/]*?\\\}", "[^/]+", _either_spelling(path))), item)
            for path, item in sorted(paths.items(), key=lambda entry: entry[0].replace("{", "~"))
        ]

    def find(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation at an address; None where none is documented."""
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
        # Starlette names a type where there is no body, too.
        fits = media_type in types if types else not await response.aread()
        assert fits, f"{what} as {media_type}, which is not documented"


def _either_spelling(path: str) -> str:
    """An older address is the same with and without its last slash, and documented with one of them."""
    is_older = path != "/" and not path.startswith("/api/v1/")
    return re.escape(path).removesuffix("/") + "/?" if is_older else re.escape(path)
