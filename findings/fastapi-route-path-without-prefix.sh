#!/usr/bin/env bash
# FastAPI 0.165.0 (with starlette 1.10.0).
# One would expect: after the call, scope["route"].path is the whole template of the route, since include_router used
# to copy each route with its prefix; access logs and metrics are labelled by it.
# What happens: the prefixes given to include_router are missing. Two routers with a route of the same name under
# different prefixes fall under one label. A route put on the app itself is whole, so a small trial does not show it.
# Cure: scope["fastapi"]["effective_route_context"].path, where it is there.
# Output seen:
#   /api/v1/loans/payments/7 -> route.path /payments/{number}, effective /api/v1/loans/payments/{number}
#   /api/v1/cards/payments/7 -> route.path /payments/{number}, effective /api/v1/cards/payments/{number}
#   /health -> route.path /health, effective None
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq fastapi==0.165.0 starlette==1.10.0 httpx==0.28.1
venv/bin/python - <<'PY'
import asyncio
import sys
from importlib.metadata import version

import httpx
from fastapi import APIRouter, FastAPI

payments = APIRouter()
app = FastAPI()
seen = []


@payments.get("/payments/{number}")
async def payment(number: int) -> int:
    return number


@app.get("/health")
async def health() -> str:
    return "ok"


async def labelled(scope, receive, send):
    await app(scope, receive, send)
    context = scope.get("fastapi", {}).get("effective_route_context")
    seen.append((scope["route"].path, getattr(context, "path", None)))
    print(scope["path"], "-> route.path %s, effective %s" % seen[-1])


async def main() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(labelled), base_url="http://test") as client:
        for path in ("/api/v1/loans/payments/7", "/api/v1/cards/payments/7", "/health"):
            (await client.get(path)).raise_for_status()

app.include_router(payments, prefix="/api/v1/loans")
app.include_router(payments, prefix="/api/v1/cards")
print("fastapi", version("fastapi"), "starlette", version("starlette"))
asyncio.run(main())
short, full = "/payments/{number}", "/api/v1/%s/payments/{number}"
sys.exit(0 if seen == [(short, full % "loans"), (short, full % "cards"), ("/health", None)] else "the behaviour has changed")
PY
