"""The home page: where everything is, as HTML for people and as JSON for programs."""

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.api.deps import OPEN, KistRouter
from app.api.schemas import Answer

router = KistRouter(tags=["Health"])

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kist</title>
<h1>Kist</h1>
<p>A lending service for Indian retail credit: scored, offered, billed, paid, and proved to the paisa.</p>
<ul>
<li><a href="/docs">The API, with a form for every call</a></li>
<li><a href="/openapi.json">The API as an OpenAPI document</a></li>
<li><a href="/health">Health and counts</a></li>
</ul>
</html>
"""


class HomeAnswer(Answer):
    """Where everything is."""

    name: str = "Kist"
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    health: str = "/health"
    api: str = "/api/v1"
    sign_in: str = "/api/v1/auth/token"


@router.get("/", dependencies=[OPEN], summary="Home", response_model=HomeAnswer)
async def home(request: Request) -> Response:
    """The links; HTML where the client prefers it."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(PAGE)
    return Response(HomeAnswer().model_dump_json(), media_type="application/json")
