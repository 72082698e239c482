"""The home page: links to every part of the service, as HTML for people and as JSON for programs.

The page holds its own style. The content policy of the answer allows that style by its hash and nothing else: no
script, no picture, no frame around the page.
"""

import base64
import hashlib
from typing import Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.api.deps import OPEN, KistRouter
from app.api.schemas import Answer

router = KistRouter(tags=["Health"])

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1c2330; }
h1 { margin-bottom: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
ul { padding-left: 1.2rem; } code { background: #f1f3f6; padding: .1rem .3rem; border-radius: .2rem; }
a { color: #0b57a4; }
@media (prefers-color-scheme: dark) {
  body { color: #e4e6e6; background: #1c2022; } code { background: #2a2e30; } a { color: #7db8f5; }
}
"""

PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kist</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Kist</h1>
<p>A lending service for Indian retail credit: scored, offered, billed, paid, and proved to the paisa.</p>
<h2>For people</h2>
<ul>
<li><a href="/docs">The API with a form for every call</a>, or <a href="/redoc">as one page to read</a></li>
<li><a href="/admin">Administration</a>, for staff</li>
<li><a href="/health">Health and counts</a></li>
</ul>
<h2>For programs</h2>
<ul>
<li><a href="/openapi.json">The API as an OpenAPI document</a></li>
<li><code>/api/v1</code>: the whole service; sign in at <code>POST /api/v1/auth/token</code></li>
<li><code>/api</code>: the credit card services' calls, from <code>POST /api/register-user/</code> to
<code>GET /api/get-statement/</code></li>
<li><code>/register</code>, <code>/check-eligibility</code>, <code>/create-loan</code>, <code>/view-loan/…</code>,
<code>/view-loans/…</code>: the credit approval systems' calls, for staff</li>
</ul>
</body>
</html>
"""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


class HomeAnswer(Answer):
    """The address of every part of the service."""

    name: str = "Kist"
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    admin: str = "/admin"
    health: str = "/health"
    api: str = "/api/v1"
    sign_in: str = "/api/v1/auth/token"
    credit_card_services: tuple[str, ...] = (
        "/api/register-user/",
        "/api/login/",
        "/api/apply-loan/",
        "/api/make-payment/",
        "/api/pay-emi/",
        "/api/get-statement/",
        "/api/trigger-billing-cron/",
    )
    credit_approval_systems: tuple[str, ...] = (
        "/register",
        "/check-eligibility",
        "/create-loan",
        "/view-loan/{loan_id}",
        "/view-loans/{customer_id}",
    )


@router.get(
    "/",
    dependencies=[OPEN],
    summary="Read the home page",
    response_model=HomeAnswer,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "The links as JSON, or a page"}
    },
)
async def get_home(request: Request) -> Response:
    """Answers the links as JSON, or an HTML page if `Accept` names `text/html`."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY, "Vary": "Accept"})
    return Response(HomeAnswer().model_dump_json(), media_type="application/json", headers={"Vary": "Accept"})
