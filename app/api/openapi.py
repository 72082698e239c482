"""The OpenAPI document: FastAPI's document with our errors in it.

Every route answers errors in the form of its surface. The error statuses follow from the route: a route that needs a
token may answer 401 and 403, a route with an id 404, a route that writes 409. FastAPI alone would document its own
error model, which this service never sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.params import Form
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.deps import get_looking_up_uow, get_reading_uow, get_uow
from app.api.errors import PROBLEM_JSON
from app.api.openapi_schemas import REFERENCE, name_schemas
from app.api.permissions import bearer, get_claims
from app.api.routing import KistRoute
from app.api.schemas import ProblemAnswer

DESCRIPTION: Final = """
A lending service for Indian retail credit: scored, offered, billed, paid, and proved to the paisa.

**Sign in** with *Authorize* (an e-mail address and a password), or with `POST /api/v1/auth/token`.

**Money** is in rupees: a number or decimal text with at most two decimals. Answers use numbers; with the header
`Prefer: money=string` they use text with two decimals, as `/openapi-money-string.json` describes it. **Rates** are in
percent a year. **Dates** are written `2026-12-21`.

**Errors** are problem+json with a stable `code`, the wrong `field`, and `what_to_do`. Quote the `request_id` when you
report an error.

**Repeats**: send an `Idempotency-Key` with every request that moves money. If you send the same request again with the
same key, nothing happens twice and you get the first answer again.
"""

TAGS: Final = (
    ("Access", "Sign in, renew tokens, sign out, and manage service tokens."),
    ("Customers", "Register customers and read their data."),
    ("Credit scores", "Read a score with its factors and reasons, and compute it again."),
    ("Products", "Read the products on offer and their terms, and add versions."),
    ("Days past due", "Read the days past due and the asset class of a loan at any day-end, and why."),
    ("Risk", "Read provisions, portfolio at risk, vintages and roll rates of the book on any day."),
    ("Collections", "Work on overdue loans and cards: who is in charge, what was promised, said and planned."),
    ("Credit bureaus", "Fetch the files for credit bureaus, and read what was said about a borrower."),
    ("Accounting", "Read and export the books by account and product, keep the chart of accounts, and close periods."),
    ("Rules", "Read what laws and circulars ask of us on a day, with their sources."),
    ("Applications", "Apply for credit and read the decision."),
    ("Quotes", "Compute the schedule and the APR of any loan. Nothing is stored."),
    ("Loans", "Read a loan, its schedule, bills, ledger and payoff amount."),
    ("Explanations", "See how interest was computed, and what a payment would do."),
    ("Cards", "Read, block, replace and control cards."),
    ("Card accounts", "Authorise, post, bill and pay revolving lines, and see what would happen."),
    ("Payments", "Pay, and reverse a payment."),
    ("Changes", "Reset the rate of a living loan, move its due day, and see what a change would do."),
    ("Proposals", "Changes that need two people: waivers, write-offs, limits set by hand."),
    ("Statements", "Read the past payments and the coming instalments of a loan."),
    ("Key facts", "Read the key facts statement of an application or a loan, and accept an offer."),
    ("Papers", "Receipts, statements of a period, certificates and letters, as PDF in English or Hindi."),
    ("Lender", "Read who lends, and add a version of the profile that papers show."),
    ("Billing", "Start and follow billing runs, and bill parked loans again."),
    ("Imports", "Load files of customers, loans and bank transactions."),
    ("Events", "Read what happened, in order and without gaps, and follow it as it happens."),
    ("Webhooks", "Name addresses that events are sent to, and see what was delivered."),
    ("Audit", "Read the audit trail and the last seal of its hash chain."),
    ("Business date", "The lender's date in Asia/Kolkata."),
    ("Credit card services", "The routes of source systems 0 and 1, under `/api`. An error is one line of text."),
    ("Credit approval systems", "The routes of source systems 3 and 4, at the root. They are for staff."),
    ("Health", "See whether the service works, and how many customers and loans it holds."),
)

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. `code` is stable, for programs. `detail` is for people and may change.",
    "required": ["type", "title", "status", "code", "detail", "what_to_do", "field", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:kist:problem:loan_not_found"]},
        "title": {"type": "string", "examples": ["Loan not found"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "examples": [404]},
        "code": {"type": "string", "examples": ["loan_not_found"]},
        "detail": {"type": "string", "description": "What happened.", "examples": ["there is no such loan"]},
        "what_to_do": {"type": "string", "description": "What the caller can do.", "examples": ["Check the id."]},
        "field": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "The first wrong field, such as `fees.0.amount`; null if the error concerns no field.",
        },
        "errors": {
            "type": "array",
            "description": "Every wrong field of the request, if the request itself is wrong.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "figures": {"type": "object", "description": "The figures that the rule compared. Money is in rupees."},
        "request_id": {"type": "string", "description": "Quote it when you report the error."},
    },
}

MEANINGS: Final = {
    400: "The request is wrong, or a rule refuses it: the text says why",
    401: "The token is missing, expired or not valid: sign in again",
    403: "The caller's role or scope does not allow this",
    404: "The record does not exist, or it belongs to another customer",
    409: "The request conflicts with the present state, or another request is changing the same record",
    413: "The body is too large",
    422: "The request is wrong, or a rule refuses it: see `code`, `field` and `errors`",
    429: "Too many calls: try again after the seconds in Retry-After",
    500: "The service failed; nothing was changed",
    503: "The service cannot answer now: try again after the seconds in Retry-After",
}

IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of an earlier answer. If nothing has changed, the answer is 304 without a body.",
    "schema": {"type": "string", "maxLength": 1000},
}
ETAG: Final = {"description": "The version of this answer, for `If-None-Match`", "schema": {"type": "string"}}
TOKEN_READERS: Final = (get_claims, get_uow, get_reading_uow, get_looking_up_uow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorForm:
    """The form of a surface's errors: the media type and schema of the body, and the statuses that it replaces."""

    media_type: str
    schema_name: str
    schema: Mapping[str, Any]
    statuses: Mapping[int, int] = field(default_factory=dict)


PROBLEM_FORM: Final = ErrorForm(media_type=PROBLEM_JSON, schema_name="Problem", schema=PROBLEM_SCHEMA)


def reads_token(route: APIRoute) -> bool:
    """Whether a route reads the bearer token: in its guard, or in a dependency at any depth."""
    guard_reads = isinstance(route, KistRoute) and not route.guard.permission.is_open
    return guard_reads or _reads_token(route.dependant)


def asks_token(route: APIRoute) -> bool:
    """Whether a route cannot be called without a token. An open route may read one: staff register somebody with it."""
    return reads_token(route) and not (isinstance(route, KistRoute) and route.guard.permission.is_open)


def _reads_token(dependant: Dependant) -> bool:
    return dependant.call in TOKEN_READERS or any(map(_reads_token, dependant.dependencies))


def statuses_of(route: APIRoute, *, path: str) -> list[int]:
    """The error statuses that a route may answer."""
    statuses = {429, 500, 503}
    # A form that cannot be parsed is a 400 without a list of fields.
    if any(isinstance(field.field_info, Form) for field in route.dependant.body_params):
        statuses |= {400}
    if route.dependant.path_params or route.dependant.query_params:
        statuses |= {422}
    # An open route that reads an optional token answers 401 to a bad one, and 403 to one that lacks the permission.
    if "/auth/" in path or "/login" in path or reads_token(route):
        statuses |= {401}
    if reads_token(route) or not (isinstance(route, KistRoute) and route.guard.permission.is_open):
        statuses |= {403}
    if "{" in path:
        statuses |= {404}
    if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
        statuses |= {404, 409, 413, 422}
    elif route.dependant.query_params:
        statuses |= {404}
    return sorted(statuses)


def install_openapi(app: FastAPI, *, forms: Sequence[tuple[str, ErrorForm]] = ()) -> None:
    """Gives an app its OpenAPI document, made once, at the first request for it. `forms` are (path prefix, form); the
    longest prefix that fits wins, as for the presenters."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, forms=forms)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, *, forms: Sequence[tuple[str, ErrorForm]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": description} for name, description in TAGS],
        servers=[{"url": "/", "description": "The server that answers this document"}],
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        bearer.scheme_name: bearer.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    }
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for form in (PROBLEM_FORM, *(form for _, form in forms)):
        schemas[form.schema_name] = form.schema
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path_format
        if isinstance(route, APIRoute) and route.include_in_schema and path is not None:
            for method in route.methods or ():
                operation = document["paths"].get(path, {}).get(method.lower())
                if operation is not None:
                    if asks_token(route):
                        operation["security"] = [{bearer.scheme_name: []}]
                    _document_errors(operation, statuses_of(route, path=path), form=_form_of(path, forms=forms))
                    _document_problems(operation, route)
                    _document_tag(operation, route)
                    operation["responses"] = dict(sorted(operation["responses"].items()))
    return name_schemas(document)


def _form_of(path: str, *, forms: Sequence[tuple[str, ErrorForm]]) -> ErrorForm:
    fitting = [entry for entry in forms if path.startswith(entry[0])]
    return max(fitting, key=lambda entry: len(entry[0]))[1] if fitting else PROBLEM_FORM


def _document_errors(operation: dict[str, Any], statuses: list[int], *, form: ErrorForm) -> None:
    answers = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]
    for status in sorted({form.statuses.get(status, status) for status in statuses}):
        answer = answers.setdefault(str(status), {"description": MEANINGS[status]})
        schema = {"$ref": f"{REFERENCE}{form.schema_name}"}
        answer.setdefault("content", {}).setdefault(form.media_type, {"schema": schema})


def _document_tag(operation: dict[str, Any], route: APIRoute) -> None:
    """Documents the ETag of a single read, and the answer to one that the client sends back."""
    if isinstance(route, KistRoute) and route.has_etag:
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = ETAG
        operation["responses"]["304"] = {"description": "Nothing has changed since the ETag in `If-None-Match`"}


def _document_problems(operation: dict[str, Any], route: APIRoute) -> None:
    """Moves the refusals with a model of their own to problem+json: FastAPI documents every model as JSON."""
    for status, declared in route.responses.items():
        model = declared.get("model")
        if isinstance(model, type) and issubclass(model, ProblemAnswer):
            content = operation["responses"][str(status)]["content"]
            own, others = content.pop("application/json"), content[PROBLEM_JSON]
            content[PROBLEM_JSON] = {"schema": {"anyOf": [own["schema"], others["schema"]]}}
