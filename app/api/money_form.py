"""Amounts as text: `Prefer: money=string` (RFC 7240) answers `"4407.40"` where the default is `4407.4`.

A JSON number is exact for every amount of ours, but not in every language: a client that adds doubles is off by a paisa
sooner or later. The preference is applied where a route's answer leaves, so nothing inside knows of it, the default
costs one look at the headers, and an answer that is stored under an Idempotency-Key can be given in both forms.

The amounts of an answer are found by the format in its JSON schema (`RUPEES_FORMAT`). The figures of a refusal have no
schema of their own; they are found by name.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.api.json_schemas import FIGURES_FORMAT, RUPEES_FORMAT

PREFERENCE: Final = "money=string"
APPLIED: Final = {"Preference-Applied": PREFERENCE, "Vary": "Prefer"}
#: The figures of the reasons of an application that are amounts, as they are sent. A test compares them with the rules.
MONEY_FIGURES: Final = frozenset(
    {
        "active_emi",
        "active_principal",
        "allowed_emi",
        "amount",
        "annual_income",
        "approved_limit",
        "maximum_amount",
        "minimum_amount",
        "minimum_income",
        "new_emi",
    }
)
DEFINITION: Final = "#/$defs/"

#: Turns the amounts of a value into text.
Converter = Callable[[Any], Any]


def prefers_text(preferences: bytes) -> bool:
    """Whether a `Prefer` header asks for amounts as text. Names and values are compared without regard to case."""
    parts = preferences.decode("latin-1").lower().split(",")
    return PREFERENCE in (part.partition(";")[0].replace(" ", "").replace('"', "") for part in parts)


def rupees_text(rupees: float) -> str:
    """An amount of an answer as text with two decimals. Exact, because it has at most 15 digits (`schemas.py`)."""
    return f"{rupees:.2f}"


def with_text(body: bytes, *, model: Any) -> bytes:
    """A JSON answer of this model with its amounts as text."""
    convert = converter_of(model)
    return body if convert is None else orjson.dumps(convert(orjson.loads(body)))


@cache
def converter_of(model: Any) -> Converter | None:
    """What turns the amounts of a model's answer into text; None if the model has no amount."""
    schema = TypeAdapter(model).json_schema(mode="serialization")
    return _converter(schema, definitions=schema.get("$defs", {}))


def _converter(schema: Any, *, definitions: Mapping[str, Any]) -> Converter | None:
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        return _converter(definitions[schema["$ref"].removeprefix(DEFINITION)], definitions=definitions)
    if schema.get("format") == RUPEES_FORMAT:
        return rupees_text
    if schema.get("format") == FIGURES_FORMAT:
        return _figures_text
    if "discriminator" in schema:
        return _one_of(schema["discriminator"], definitions=definitions)
    parts = [_converter(part, definitions=definitions) for part in schema.get("anyOf", ())]
    if found := [part for part in parts if part is not None]:
        return _optional(found[0])
    if row := _converter(schema.get("items"), definitions=definitions):
        return _each(row)
    fields = {name: _converter(part, definitions=definitions) for name, part in schema.get("properties", {}).items()}
    return _object({name: part for name, part in fields.items() if part is not None})


def _one_of(discriminator: Mapping[str, Any], *, definitions: Mapping[str, Any]) -> Converter:
    """The converter of a union whose members are told apart by one of their fields."""
    field: str = discriminator["propertyName"]
    found = {
        name: _converter({"$ref": reference}, definitions=definitions)
        for name, reference in discriminator["mapping"].items()
    }

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        part = found.get(value[field])
        return value if part is None else part(value)

    return convert


def _optional(convert: Converter) -> Converter:
    return lambda value: None if value is None else convert(value)


def _each(convert: Converter) -> Converter:
    return lambda rows: [convert(row) for row in rows]


def _object(fields: Mapping[str, Converter]) -> Converter | None:
    if not fields:
        return None

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        return value | {name: part(value[name]) for name, part in fields.items() if name in value}

    return convert


def _figures_text(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _figure_text(name, value) for name, value in figures.items()}


def _figure_text(name: str, value: Any) -> Any:
    is_amount = name in MONEY_FIGURES and isinstance(value, int | float) and not isinstance(value, bool)
    return rupees_text(value) if is_amount else value
