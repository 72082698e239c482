"""The OpenAPI document: checked against its standard and against real answers."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from app.api.errors import PROBLEM_JSON
from app.api.schemas import Body, Rupees, RupeesOrZero
from app.domain.people.access import Role
from tests.api.conftest import HeadersOf
from tests.api.documented import Documented

#: The keywords of JSON Schema 2020-12, and OpenAPI's `discriminator`, that our document uses.
KEYWORDS = {
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "contentMediaType", "default", "description",
    "discriminator", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems",
    "maxLength", "maximum", "minItems", "minLength", "minimum", "oneOf", "pattern", "prefixItems", "properties",
    "required", "title", "type", "writeOnly",
}  # fmt: skip
METHODS = ("get", "post", "put", "delete", "patch")
QUOTE = {"amount": 100_000, "annual_rate": 14, "instalments": 12, "disbursed_on": "2026-01-01"}


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a document or within a schema."""
    if isinstance(node, list):
        for part in node:
            yield from schemas(part)
    elif isinstance(node, dict):
        for name, part in node.items():
            if name == "schema":
                yield from schemas_within(part)
            elif name == "schemas":
                for schema in part.values():
                    yield from schemas_within(schema)
            elif name not in {"example", "examples", "default"}:
                yield from schemas(part)


def schemas_within(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("items", "additionalProperties"):
        yield from schemas_within(schema.get(name))
    for name in ("anyOf", "allOf", "oneOf", "prefixItems"):
        for part in schema.get(name, ()):
            yield from schemas_within(part)
    for part in schema.get("properties", {}).values():
        yield from schemas_within(part)


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, item[method])
        for path, item in app.openapi()["paths"].items()
        for method in METHODS
        if method in item
    ]


def test_the_document_is_valid(app: FastAPI) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(app.openapi()).iter_errors()] == []


def test_every_schema_keyword_is_known_to_json_schema(app: FastAPI) -> None:
    found = list(schemas(app.openapi()))
    assert len(found) > 1_000
    assert {word for schema in found for word in schema} - KEYWORDS == set()


def test_every_tag_is_described(app: FastAPI) -> None:
    used = {tag for _, _, operation in operations(app) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in app.openapi()["tags"]}


def test_no_schema_name_holds_a_module_path(app: FastAPI) -> None:
    document = app.openapi()
    names = document["components"]["schemas"].keys()
    assert [name for name in names if "__" in name] == []
    assert {"V1LoanAnswer", "V1LoanLinePage", "CreditCardLoanAnswer", "CreditApprovalLoanLine", "Problem"} <= names
    assert set(re.findall(r"#/components/schemas/([A-Za-z0-9_]+)", json.dumps(document))) <= names


@pytest.mark.parametrize(
    "schema, path, bounds",
    [
        ("V1QuoteBody", ("instalments",), {"type": "integer", "minimum": 1, "maximum": 1200}),
        ("V1QuoteBody", ("due_day", "anyOf", 0), {"type": "integer", "minimum": 1, "maximum": 31}),
        ("V1MoratoriumBody", ("instalments",), {"type": "integer", "minimum": 0, "maximum": 1200}),
        ("V1ServiceBody", ("days",), {"type": "integer", "minimum": 1, "maximum": 365}),
    ],
)
def test_the_bounds_of_a_whole_number_are_its_minimum_and_maximum(
    app: FastAPI, schema: str, path: tuple[Any, ...], bounds: dict[str, Any]
) -> None:
    found = app.openapi()["components"]["schemas"][schema]["properties"]
    for step in path:
        found = found[step]
    assert {name: found[name] for name in bounds} == bounds


async def test_a_bound_that_is_documented_is_the_one_that_holds(
    client: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    body = QUOTE | {"annual_rate": 1}
    for value, status in ((1, 200), (1200, 200), (0, 422), (1201, 422), (True, 422), (12.0, 200), (12.5, 422)):
        answer = await client.post("/api/v1/loans/quote", json=body | {"instalments": value}, headers=officer)
        assert answer.status_code == status, (value, answer.text)
    refused = await client.post("/api/v1/loans/quote", json=QUOTE | {"instalments": 1201}, headers=officer)
    assert refused.json()["errors"] == [
        {"field": "instalments", "code": "out_of_range", "message": "must be at most 1200"}
    ]


async def test_a_rounding_unit_is_in_rupees_and_its_documented_default_holds(
    app: FastAPI, client: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    documented = app.openapi()["components"]["schemas"]
    assert documented["V1RoundingBody"]["properties"]["unit"]["default"] == "0.01"
    assert documented["V1QuoteBody"]["properties"]["rounding"]["default"] == {"unit": 0.01, "mode": "half_up"}

    async def first(rounding: dict[str, Any] | None) -> float:
        body = QUOTE | ({} if rounding is None else {"rounding": rounding})
        answer = await client.post("/api/v1/loans/quote", json=body, headers=officer)
        assert answer.status_code == 200, answer.text
        return float(answer.json()["emi"])

    assert [await first(each) for each in (None, {}, {"unit": "0.01"}, {"unit": 1}, {"unit": 5}, {"unit": 100})] == [
        8978.71, 8978.71, 8978.71, 8979, 8980, 9000,
    ]  # fmt: skip


def bodies(kind: type[BaseModel] = Body) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from bodies(each)


def test_every_default_of_a_body_is_validated_and_money_is_in_rupees() -> None:
    money = [get_args(kind)[1] for kind in (Rupees, RupeesOrZero)]
    amounts = []
    for body in bodies():
        for name, field in body.model_fields.items():
            assert body.model_config.get("validate_default"), body
            if any(mark in field.metadata for mark in money):
                amounts.append((body.__name__, name, field.get_default()))
    assert {amount for _, _, amount in amounts if isinstance(amount, int)} <= {0}, "an amount is written in rupees"
    assert ("RoundingBody", "unit", "0.01") in amounts


def test_a_client_that_checks_its_request_can_send_every_amount(app: FastAPI) -> None:
    """`multipleOf: 0.01` would keep 8884.88 from us: many validators divide binary fractions (`findings/`)."""
    documented = app.openapi()["components"]["schemas"]
    for amount in (
        documented["V1QuoteBody"]["properties"]["amount"],
        documented["V1WaiverBody"]["properties"]["interest"],
    ):
        is_valid = OAS31Validator(amount).is_valid
        assert [paise for paise in range(1, 10_001) if not is_valid(paise / 100)] == []
        assert [each for each in (8884.88, "8884.88", 437.5, 100) if not is_valid(each)] == []
        assert [each for each in (-0.01, 1e12, "8884.885", "8,884.88") if is_valid(each)] == []


# --- real answers ----------------------------------------------------------------------------------------------------


def filled(path: str) -> str:
    """An address for this path, with ids that do not exist."""
    return re.sub(r"\{([a-z_]+)\}", lambda name: "1" if name[1] != "token" else "no-such-card", path)


async def test_every_refusal_of_a_route_is_documented(
    app: FastAPI, client: httpx.AsyncClient, headers_of: HeadersOf, opened: None
) -> None:
    """The client checks every answer against the document (`documented.py`). This test calls every route."""
    staff, customer = await headers_of(Role.ADMIN), await headers_of(Role.CUSTOMER, customer_id=9)
    statuses = set()
    documented = Documented(app)
    for method, path, operation in operations(app):
        assert documented.find(method, filled(path)) is operation
        is_stream = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
        if is_stream or path == "/api/v1/clock" or "logout" in path:
            continue
        sent: list[dict[str, Any]] = [{}]
        if method in {"post", "put"}:
            json = {"content-type": "application/json"}
            sent = [{"json": {"nothing": "known"}}, {"json": []}, {}, {"content": b'{"x": NaN', "headers": json}]
        for headers in ({}, staff, customer, {"Authorization": "Bearer made-up"}):
            for parts in sent:
                request = {**parts, "headers": headers | parts.get("headers", {})}
                statuses.add((await client.request(method, filled(path), **request)).status_code)
    assert {200, 400, 401, 403, 404, 422} <= statuses


def test_a_refused_application_is_documented_as_the_problem_that_it_is(app: FastAPI) -> None:
    answer = app.openapi()["paths"]["/api/v1/loans/apply"]["post"]["responses"]["422"]
    refs = [f"#/components/schemas/{name}" for name in ("V1Refusal", "Problem")]
    assert answer["content"] == {PROBLEM_JSON: {"schema": {"anyOf": [{"$ref": ref} for ref in refs]}}}


def test_every_error_has_the_media_type_of_its_surface(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        wanted = {PROBLEM_JSON}
        if operation["tags"][0] in {"Credit card services", "Credit approval systems"}:
            wanted = {"application/json"}
        for status, answer in operation["responses"].items():
            # Two health routes send a 503 as JSON. A 503 from the middleware is a problem there too.
            also = {"application/json"} if path in {"/health", "/readyz"} and status == "503" else set()
            if status >= "400":
                assert set(answer["content"]) == wanted | also, (method, path, status)


def test_an_operation_is_named_like_a_method_and_once(app: FastAPI) -> None:
    names = [operation["operationId"] for _, _, operation in operations(app)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    older = {"Credit card services": "credit_card_", "Credit approval systems": "credit_approval_"}
    for _, path, operation in operations(app):
        prefix = older.get(operation["tags"][0])
        assert operation["operationId"].startswith(prefix or operation["operationId"]), path


def test_the_schemas_of_a_surface_have_its_prefix(app: FastAPI) -> None:
    """Those without a prefix are shared by all surfaces: enumerations, problems, and the service's health."""
    plain = re.compile(r"(?!V1|CreditCard|CreditApproval)[A-Z]\w+")
    schemas = app.openapi()["components"]["schemas"]
    assert all(schema["title"] == name for name, schema in schemas.items())
    shared = {name for name, schema in schemas.items() if plain.fullmatch(name) and "enum" not in schema}
    assert shared == {
        "ErrorFields", "ErrorLine", "HealthAnswer", "HomeAnswer", "LoansAnswer", "ProbeAnswer", "Problem",
        "ReadyAnswer",
        "StatsAnswer",
    }  # fmt: skip


def test_every_number_has_its_bounds(app: FastAPI) -> None:
    unbounded = [
        schema
        for schema in schemas(app.openapi())
        if schema.get("type") in {"integer", "number"}
        and not ({"minimum", "exclusiveMinimum"} & schema.keys() and {"maximum", "exclusiveMaximum"} & schema.keys())
    ]
    assert unbounded == []
    written = re.findall(r'"(?:minimum|maximum)": [0-9]+\.0\b', json.dumps(app.openapi()))
    assert written == [], "a bound of an integer is an integer"


def test_a_status_is_an_enumeration(app: FastAPI) -> None:
    found = app.openapi()["components"]["schemas"]
    for name, schema in found.items():
        for field, part in schema.get("properties", {}).items():
            kinds = [kind for kind in part.get("anyOf", [part]) if kind.get("type") not in {"null", "integer"}]
            for kind in kinds if field.endswith("status") else ():
                target = found[kind["$ref"].rpartition("/")[2]] if "$ref" in kind else kind
                assert "enum" in target or "const" in target, f"{name}.{field}"


def test_a_token_is_asked_only_where_a_call_without_one_is_refused(app: FastAPI) -> None:
    open_ = {path for _, path, operation in operations(app) if "security" not in operation}
    assert open_ == {
        "/", "/health", "/livez", "/readyz", "/api/login/", "/api/register-user/", "/api/v1/auth/logout",
        "/api/v1/auth/refresh", "/api/v1/auth/token", "/api/v1/users/register",
    }  # fmt: skip
    assert app.openapi()["servers"] == [{"url": "/", "description": "The server that answers this document"}]


def test_every_error_says_what_to_do(app: FastAPI) -> None:
    assert "what_to_do" in app.openapi()["components"]["schemas"]["Problem"]["required"]


async def test_an_error_says_what_happened_and_what_to_do(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    sent: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/api/v1/loans/9", {}), ("GET", "/api/v1/nothing", {}), ("DELETE", "/api/v1/loans", {}),
        ("POST", "/api/v1/loans/quote", {"json": {}}), ("GET", "/api/v1/statements?loan_id=1&format=xml", {}),
    ]  # fmt: skip
    for method, path, parts in sent:
        answer = await client.request(method, path, headers=officer, **parts)
        problem = answer.json()
        assert problem["detail"], path
        assert re.fullmatch(r"[A-Z].+\.", problem["what_to_do"]), (path, problem)
