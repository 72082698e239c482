"""The API as pages for people: `/docs`, which can also call it, and `/redoc`, which is for reading.

Published scripts (Swagger UI and ReDoc) draw both pages in the browser. This service sends the scripts itself: the
package `fastapi-offline` holds their files. So the pages work without access to any other server, and no script of
another server runs next to a lender's tokens. The content policy of the pages enforces this in the browser. The
licences of the scripts are in `licences/`.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from app.api.admin.templating import STATIC as ADMIN_STATIC
from app.api.deps import OPEN, KistRouter
from app.api.openapi_schemas import with_text_money

router = KistRouter()

PATH: Final = "/docs/files"
PUBLISHED: Final = Path(str(files("fastapi_offline"))) / "static"
OURS: Final = Path(__file__).parent / "static"
JAVASCRIPT, CSS, SVG = "text/javascript", "text/css", "image/svg+xml"

#: Every file that the pages load: its folder and its media type.
FILES: Final = {
    "swagger-ui-bundle.js": (PUBLISHED, JAVASCRIPT),
    "swagger-ui.css": (PUBLISHED, CSS),
    "redoc.standalone.js": (PUBLISHED, JAVASCRIPT),
    "docs.js": (OURS, JAVASCRIPT),
    "redoc.js": (OURS, JAVASCRIPT),
    "reference.css": (OURS, CSS),
    "favicon.svg": (ADMIN_STATIC / "kist", SVG),
}
#: ReDoc loads its logo from another server. An empty address makes it leave the logo out.
REPLACED_ADDRESSES: Final = ((b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,"),)

# A file's address holds a hash of its content, so a browser may keep the file for ever.
CACHE_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
#: Both scripts add inline styles. ReDoc searches in a worker that it makes from a blob.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Kist: the API</title>
<link rel="icon" href="{favicon}">
{styles}
</head>
<body>
<noscript>This page needs JavaScript. <a href="/openapi.json">The OpenAPI document</a> does not.</noscript>
<main id="reference" data-document="/openapi.json"></main>
{scripts}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is sent. `version` is the beginning of the hash of its content."""

    content: bytes
    media_type: str
    version: str


@lru_cache
def read_file(name: str) -> File:
    """One of `FILES`, read once in a process."""
    folder, media_type = FILES[name]
    content = (folder / name).read_bytes()
    for address, replacement in REPLACED_ADDRESSES:
        content = content.replace(address, replacement)
    return File(content=content, media_type=media_type, version=hashlib.sha256(content).hexdigest()[:12])


def address_of_file(name: str) -> str:
    return f"{PATH}/{name}?v={read_file(name).version}"


@lru_cache
def _page(*, styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    return PAGE.format(
        favicon=address_of_file("favicon.svg"),
        styles="\n".join(f'<link rel="stylesheet" href="{address_of_file(name)}">' for name in styles),
        scripts="\n".join(f'<script src="{address_of_file(name)}"></script>' for name in scripts),
    )


@router.get("/docs", dependencies=[OPEN], include_in_schema=False)
def docs() -> HTMLResponse:
    """The API as a page with a form for every call."""
    page = _page(styles=("swagger-ui.css", "reference.css"), scripts=("swagger-ui-bundle.js", "docs.js"))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.get("/redoc", dependencies=[OPEN], include_in_schema=False)
def redoc() -> HTMLResponse:
    """The API as one page to read."""
    page = _page(styles=("reference.css",), scripts=("redoc.standalone.js", "redoc.js"))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.get("/openapi-money-string.json", dependencies=[OPEN], include_in_schema=False)
def document_with_text_money(request: Request) -> JSONResponse:
    """The OpenAPI document for clients that send `Prefer: money=string` with every request."""
    return JSONResponse(with_text_money(request.app.openapi()))


@router.get(f"{PATH}/{{name}}", dependencies=[OPEN], include_in_schema=False)
def file(name: str, request: Request) -> Response:
    """A script, a style sheet or a picture of the two pages."""
    if name not in FILES:
        raise HTTPException(404)
    found = read_file(name)
    headers = {"ETag": f'"{found.version}"'}
    # Without the current version in the address, the browser must ask again each time.
    headers |= CACHE_FOREVER if request.query_params.get("v") == found.version else {"Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
