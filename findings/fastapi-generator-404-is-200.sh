#!/usr/bin/env bash
# FastAPI 0.165.0 with uvicorn 0.54.0: an endpoint that yields its rows, which are sent as JSON lines.
# One would expect: what such an endpoint does before its first `yield` is like the body of any other: an HTTPException
# that it raises there for a loan that does not exist is a 404, since no row was sent yet.
# What happens: the head of the response is sent before the endpoint's body begins, so the status is 200 with the type
# of a stream, and then the connection breaks. The exception's status and text reach nobody. A client that looks only at
# the status takes it for an empty list of rows.
# Cure: look the loan up in a dependency; what that raises is a 404 as it should be.
# Output seen:
#   in the endpoint: 200, application/jsonl, then RemoteProtocolError
#   in a dependency: 404, application/json, then {"detail":"no such loan"}
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq fastapi==0.165.0 uvicorn==0.54.0 httpx==0.28.1
venv/bin/python - <<'PY'
import socket
import sys
import threading
import time
from collections.abc import AsyncIterable
from importlib.metadata import version
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

print("FastAPI", version("fastapi"), "uvicorn", version("uvicorn"))
app = FastAPI()


class Row(BaseModel):
    number: int


def find_loan() -> int:
    raise HTTPException(404, "no such loan")


@app.get("/endpoint")
async def look_up_inside() -> AsyncIterable[Row]:
    find_loan()
    yield Row(number=1)


@app.get("/dependency")
async def look_up_before(loan: Annotated[int, Depends(find_loan)]) -> AsyncIterable[Row]:
    yield Row(number=loan)


listener = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
thread.start()
while not server.started:
    time.sleep(0.05)
found = []
with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", trust_env=False) as client:
    for place in ("endpoint", "dependency"):
        with client.stream("GET", f"/{place}") as response:
            try:
                rest = response.read().decode()
            except httpx.HTTPError as error:
                rest = type(error).__name__
        name = "in the endpoint" if place == "endpoint" else "in a dependency"
        found.append(f"{name}: {response.status_code}, {response.headers['content-type']}, then {rest}")
        print(found[-1])
server.should_exit = True
thread.join()
as_stated = found == [
    "in the endpoint: 200, application/jsonl, then RemoteProtocolError",
    'in a dependency: 404, application/json, then {"detail":"no such loan"}',
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
