"""The schemas and the operations of the OpenAPI document: their names, and the bounds of their numbers.

A generated client takes its names from here, so a name never depends on where a class stands or on which other classes
there are. Each surface has one prefix: `V1LoanAnswer`, `CreditCardLoanAnswer`, `CreditApprovalLoanDetails`; what all
surfaces share (`Problem`, enumerations) has none. An operation is named like a method: `take_payment`,
`credit_card_make_payment`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi.routing import APIRoute

from app.api.json_schemas import ORIGIN, RUPEES_FORMAT

#: For each surface: the module of its routes and schemas, the prefix of its schemas, and that of its operations.
SURFACES: Final = (
    ("app.api.v1", "V1", ""),
    ("app.api.dialects.credit_card", "CreditCard", "credit_card_"),
    ("app.api.dialects.credit_approval", "CreditApproval", "credit_approval_"),
)
REFERENCE: Final = "#/components/schemas/"
#: FastAPI makes a schema for a body that is a form, and names it `Body_` and the operation.
FORM: Final = "Body_"
BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
#: An integer of an answer is an id or a count: never negative, and exact where numbers are doubles.
LARGEST_EXACT: Final = 2**53 - 1
MONEY_TEXT: Final = {
    "type": "string",
    "pattern": r"^-?[0-9]{1,14}\.[0-9]{2}$",
    "description": "Rupees with two decimals, because the request has `Prefer: money=string`",
    "examples": ["4407.43"],
}
#: The names of enumerations whose own names say too little outside their modules.
RENAMED: Final = {"Kind": "TransferKind", "Account": "LedgerAccount", "Scope": "ServiceScope"}
#: The parts of a schema that are schemas, and those that are lists and maps of schemas.
ONE, LISTS, MAPS = ("items", "additionalProperties"), ("anyOf", "allOf", "oneOf", "prefixItems"), ("properties",)


def operation_id(route: APIRoute) -> str:
    """The name of a route in the document: that of its function, after the prefix of its surface."""
    module = route.endpoint.__module__
    return next((prefix for home, _, prefix in SURFACES if module.startswith(home)), "") + route.name


def name_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the final names of its schemas, and with bounds for every integer of an answer."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    names = {key: _name(key, schema.get(ORIGIN, {})) for key, schema in schemas.items()}
    twice = [name for name, count in Counter(names.values()).items() if count > 1]
    assert twice == [], f"two schemas have one name: rename a class of {twice}"
    for key, schema in schemas.items():
        origin = schema.pop(ORIGIN, {})
        for part in each_schema(schema):
            part.pop("title", None)
            if not origin.get("is_body") and part.get("type") == "integer":
                part.setdefault("minimum", 0)
                part.setdefault("maximum", LARGEST_EXACT)
        schema["title"] = names[key]
        if "examples" in origin:
            schema["examples"] = json.loads(origin["examples"])
    document = _replaced(document, {f"{REFERENCE}{old}": f"{REFERENCE}{new}" for old, new in names.items()})
    schemas = {names[key]: schema for key, schema in document["components"]["schemas"].items()}
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for part in schemas_of(document["paths"]):
        part.pop("title", None)
    for parameter in parameters_of(document):
        _leave_out_null(parameter["schema"])
    for part in schemas_of(document):
        # FastAPI writes the bounds of an integer as 1.0 and 360.0.
        part |= {word: int(part[word]) for word in BOUNDS if word in part and part[word] == int(part[word])}
    return document


def with_text_money(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of what a client gets that sends `Prefer: money=string` with every request."""
    found: dict[str, Any] = _replaced(document, {})
    for part in schemas_of(found):
        if part.get("format") == RUPEES_FORMAT:
            part.clear()
            part.update(MONEY_TEXT)
    found["info"] = {**found["info"], "title": f"{document['info']['title']}, amounts as text"}
    return found


def each_schema(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and every schema within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for word in ONE:
        yield from each_schema(schema.get(word))
    for word in LISTS:
        for part in schema.get(word, ()):
            yield from each_schema(part)
    for word in MAPS:
        for part in schema.get(word, {}).values():
            yield from each_schema(part)


def schemas_of(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a document: of its components, parameters, bodies and answers."""
    if isinstance(node, list):
        for part in node:
            yield from schemas_of(part)
    elif isinstance(node, dict):
        for name, part in node.items():
            if name == "schema":
                yield from each_schema(part)
            elif name == "schemas":
                for schema in part.values():
                    yield from each_schema(schema)
            elif name not in {"example", "examples"}:
                yield from schemas_of(part)


def parameters_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every parameter of every operation."""
    for item in document["paths"].values():
        for operation in item.values():
            yield from operation.get("parameters", ())


def _leave_out_null(schema: dict[str, Any]) -> None:
    """A parameter that may be left out is left out: an address and a header have no null."""
    kinds = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])
    elif kinds:
        schema["anyOf"] = kinds


def _name(key: str, origin: Mapping[str, Any]) -> str:
    if key.startswith(FORM):
        words = key.removeprefix(FORM).split("_")
        return "V1" + "".join(word.capitalize() for word in words) + "Form"
    module, name = origin.get("module", ""), origin.get("name", RENAMED.get(key, key))
    return f"{next((prefix for home, prefix, _ in SURFACES if module.startswith(home)), '')}{name}"


def _replaced(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(part, texts) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, texts) for part in value]
    return texts.get(value, value) if isinstance(value, str) else value
