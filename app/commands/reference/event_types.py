"""Every type of event, with the fields of its payload, read from the shapes that the API shows."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.v1.events.event_schemas import EventAnswer
from app.commands.reference.tables import page, table
from app.domain.events.catalog import MEANINGS, VERSIONS, EventType

INTRODUCTION: Final = """\
Every change of the business is an event. `GET /api/v1/events` reads them in order, and webhooks bring them
([events.md](../events.md) says how). An event has `id`, `number`, `type`, `version` (of its payload), `occurred_at`,
`business_date` and `data`: the object as it then was. Amounts are rupees, rates are percent a year."""
VERSION: Final = """\
A payload that only gets more fields keeps its version: ignore fields that you do not know. Events that were stored keep
the version with which they were written."""


def event_types() -> str:
    """The page docs/reference/events.md."""
    return page(
        "Events",
        INTRODUCTION,
        table(("type", "version", "what happened", "`data`"), _types()),
        VERSION,
        "## Payloads",
        *_payloads(),
    )


def shapes() -> dict[EventType, type[BaseModel]]:
    """The payload of each type."""
    union, *_ = get_args(EventAnswer)
    found: dict[EventType, type[BaseModel]] = {}
    for shape in get_args(union):
        payload = shape.model_fields["data"].annotation
        for name in get_args(shape.model_fields["type"].annotation):
            found[EventType(name)] = payload
    return found


def _types() -> Iterator[tuple[str, ...]]:
    payloads = shapes()
    for kind in EventType:
        yield f"`{kind}`", str(VERSIONS[kind]), MEANINGS[kind], _title(payloads[kind])


def _payloads() -> Iterator[str]:
    payloads = list(dict.fromkeys(shapes().values()))
    _, document = models_json_schema([(each, "serialization") for each in payloads])
    schemas: Mapping[str, Any] = document["$defs"]
    for payload in payloads:
        yield f"### {_title(payload)}"
        yield " ".join((payload.__doc__ or "").split())
        yield table(("field", "value"), _fields(schemas, payload.__name__))


def _fields(schemas: Mapping[str, Any], name: str, *, prefix: str = "") -> Iterator[tuple[str, ...]]:
    schema = schemas[name]
    for field, described in schema["properties"].items():
        value, inner = _value(described), _inner(described)
        yield f"`{prefix}{field}`", value + ("" if field in schema.get("required", ()) else ", may be left out")
        if inner is not None and "items" not in described:
            yield from _fields(schemas, inner, prefix=f"{prefix}{field}.")


def _value(described: Mapping[str, Any]) -> str:
    """The type of a field in words."""
    if "anyOf" in described:
        return " or ".join(_value(part) for part in described["anyOf"])
    if "enum" in described or "const" in described:
        return ", ".join(f"`{one}`" for one in described.get("enum", [described.get("const")]))
    if "items" in described:
        return "list of objects"
    if "$ref" in described:
        return "object"
    kind = {"date": "date", "date-time": "instant"}.get(described.get("format", ""), described.get("type", "any"))
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "null": "null"}
    return "rupees" if described.get("description", "").startswith("Rupees") else words.get(kind, kind)


def _inner(described: Mapping[str, Any]) -> str | None:
    found = described.get("$ref") or next((part["$ref"] for part in described.get("anyOf", ()) if "$ref" in part), None)
    return None if found is None else str(found).rpartition("/")[2]


def _title(payload: type[BaseModel]) -> str:
    return payload.__name__.removesuffix("Data").lower()
