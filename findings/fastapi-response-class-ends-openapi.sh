#!/usr/bin/env bash
# FastAPI 0.165.0 (with starlette 1.10.0).
# One would expect: a response class of one's own whose __init__ takes (content, **rest) is documented under 200, as the
# request it answers is.
# What happens: the route answers 200, but the OpenAPI document of the WHOLE app ends in UnboundLocalError, because the
# default of a parameter called status_code is read from the class's signature and there is none. Only a call for the
# document shows it. Cure: name status_code: int = 200 in the signature, or status_code=200 on the route.
# Output seen:
#   the route answers: 200
#   the document: UnboundLocalError
#   the document with status_code=200 on the route: made
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
from fastapi import FastAPI
from fastapi.responses import JSONResponse


class Statement(JSONResponse):
    def __init__(self, content, **rest):
        super().__init__(content, **rest)


def document(**given):
    app = FastAPI()
    app.get("/statement", response_class=Statement, **given)(lambda: {"lines": []})
    try:
        app.openapi()
        return app, "made"
    except Exception as error:
        return app, type(error).__name__


async def answer(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return (await client.get("/statement")).status_code


app, plain = document()
_, named = document(status_code=200)
status = asyncio.run(answer(app))
print("fastapi", version("fastapi"), "starlette", version("starlette"))
print("the route answers:", status)
print("the document:", plain)
print("the document with status_code=200 on the route:", named)
sys.exit(0 if (status, plain, named) == (200, "UnboundLocalError", "made") else "the behaviour has changed")
PY
