#!/usr/bin/env bash
# pydantic 2.14.4, also through FastAPI 0.165.0.
# One would expect: a bound on an int reads "minimum" / "maximum" in the JSON schema, wherever it stands in Annotated.
# What happens: when the bounds come after a validator (before, after or wrap), the server refuses a value out of
# bounds, but the schema carries the raw words "ge" and "le" (also "gt", "lt", "multiple_of"). They mean nothing in
# JSON Schema, so a client or a test generator made from it knows no bound. Lengths of text come out right.
# Cure: put Field(ge=..., le=...) before the validator.
# Output seen:
#   after the validator: {'ge': 1, 'le': 31, 'type': 'integer'}
#   before it:           {'maximum': 31, 'minimum': 1, 'type': 'integer'}
#   in FastAPI's query:  {'type': 'integer', 'ge': 1, 'le': 31, 'title': 'Day'}
#   32 is refused:       True
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq fastapi==0.165.0 pydantic==2.14.4
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version
from typing import Annotated

from fastapi import FastAPI
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

same = BeforeValidator(lambda value: value)
outside = TypeAdapter(Annotated[int, same, Field(ge=1, le=31)])
inside = TypeAdapter(Annotated[int, Field(ge=1, le=31), same])
app = FastAPI()


@app.get("/due")
def due(day: Annotated[int, same, Field(ge=1, le=31)]) -> None: ...


query = app.openapi()["paths"]["/due"]["get"]["parameters"][0]["schema"]
try:
    outside.validate_python(32)
    refused = False
except ValidationError:
    refused = True
print("pydantic", version("pydantic"), "fastapi", version("fastapi"))
print("after the validator:", outside.json_schema())
print("before it:          ", inside.json_schema())
print("in FastAPI's query: ", query)
print("32 is refused:      ", refused)
as_stated = (
    outside.json_schema() == {"ge": 1, "le": 31, "type": "integer"}
    and inside.json_schema() == {"minimum": 1, "maximum": 31, "type": "integer"}
    and "ge" in query and "minimum" not in query and refused
)
sys.exit(0 if as_stated else "the behaviour has changed")
PY
