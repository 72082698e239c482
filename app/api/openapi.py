"""The OpenAPI document: what FastAPI writes, with our errors in it.

Every route answers errors in one form, problem+json, and which statuses it may answer follows from what it is: a route
that somebody must be signed in for may answer 401 and 403, one that names a thing 404, one that writes 409. FastAPI
would document its own error model instead, which nothing here sends.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.params import Form
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.deps import get_reading_uow, get_uow
from app.api.errors import PROBLEM_JSON
from app.api.permissions import bearer, get_claims
from app.api.routing import KistRoute
from app.api.schemas import ProblemAnswer

DESCRIPTION: Final = """
A lending service for Indian retail credit: scored, offered, billed, paid, and proved to the paisa.

**Sign in** with *Authorize* (an e-mail address and a password), or `POST /api/v1/auth/token`. Money is in rupees, as
numbers or decimal text with at most two decimals. Errors are problem+json with a stable `code`, the `field` they are
about, and a `request_id` to ask with. What moves money takes an `Idempotency-Key`: the same key twice is one deed.
"""

TAGS: Final = (
    ("Access", "Sign in, stay signed in, sign out."),
    ("Customers", "Register people and read what is known of them."),
    ("Credit scores", "A score, the facts that made it and the reasons."),
    ("Products", "What can be had, and on which terms."),
    ("Applications", "Apply for credit and read what was decided."),
    ("Quotes", "Any loan's schedule and APR; nothing is stored."),
    ("Loans", "A loan, its plan, its ledger and what closes it."),
    ("Explanations", "How a figure came to be, and what a payment would do."),
    ("Cards", "The virtual card of a credit line."),
    ("Payments", "Pay, and read what a payment settled."),
    ("Proposals", "What takes two people: waivers, write-offs, limits set by hand."),
    ("Statements", "What was paid and what is coming."),
    ("Billing", "The daily run: start it, watch it, retry what it parked."),
    ("Imports", "Load files of customers, loans and bank transactions."),
    ("Audit", "Who did what, and the head of the chain that seals it."),
    ("Business date", "The lender's date in Asia/Kolkata."),
    ("Credit card services", "Sources 0 and 1, for their own clients: `/api/...`, errors as one line."),
    ("Credit approval systems", "Sources 3 and 4, for their own clients: at the root, for staff."),
    ("Health", "Whether the service works, and how much it holds."),
)

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. `code` is stable; `detail` is for people and may change.",
    "required": ["type", "title", "status", "code", "detail", "field", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:kist:problem:loan_not_found"]},
        "title": {"type": "string", "examples": ["Loan not found"]},
        "status": {"type": "integer", "examples": [404]},
        "code": {"type": "string", "examples": ["loan_not_found"]},
        "detail": {"type": "string"},
        "field": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "figures": {"type": "object", "description": "The figures compared, money in rupees."},
        "request_id": {"type": "string"},
    },
}

MEANINGS: Final = {
    400: "The request cannot be read, or a rule refuses it; the text says which",
    401: "The token is missing, expired, revoked or not valid",
    403: "The caller is signed in and may not do this",
    404: "There is no such thing, or it is somebody else's",
    409: "It contradicts the present state, or somebody else is changing it now",
    413: "The body is too large",
    422: "The request is wrong, or a rule refuses it: see `code`, `field` and `errors`",
    429: "Too many calls: try again after the time in Retry-After",
    500: "A fault of ours; nothing was changed",
    503: "Not now: try again after the time in Retry-After",
}

REFERENCE: Final = "#/components/schemas/"
TOKEN_READERS: Final = (get_claims, get_uow, get_reading_uow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorForm:
    """How a surface writes its errors: the type and schema of the body, and the statuses that it renames."""

    media_type: str
    schema_name: str
    schema: Mapping[str, Any]
    statuses: Mapping[int, int] = field(default_factory=dict)


PROBLEM_FORM: Final = ErrorForm(media_type=PROBLEM_JSON, schema_name="Problem", schema=PROBLEM_SCHEMA)


def reads_token(route: APIRoute) -> bool:
    """Whether a route looks at the bearer token: at its door, or at whatever depth of its dependencies."""
    has_door = isinstance(route, KistRoute) and not route.guard.permission.is_open
    return has_door or _reads_token(route.dependant)


def _reads_token(dependant: Dependant) -> bool:
    return dependant.call in TOKEN_READERS or any(map(_reads_token, dependant.dependencies))


def statuses_of(route: APIRoute, *, path: str) -> list[int]:
    """The error statuses that a route may answer."""
    statuses = {429, 500, 503}
    # A form that cannot be taken apart is not told field by field.
    if any(isinstance(field.field_info, Form) for field in route.dependant.body_params):
        statuses |= {400}
    if route.dependant.path_params or route.dependant.query_params:
        statuses |= {422}
    # An open route that reads a token where there is one refuses a bad one, and what is not its holder's to do.
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
    """Gives an app its OpenAPI document, made once, when it is first asked for. `forms` are (path prefix, form); the
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
                    if reads_token(route):
                        operation["security"] = [{bearer.scheme_name: []}]
                    _document_errors(operation, statuses_of(route, path=path), form=_form_of(path, forms=forms))
                    _document_problems(operation, route)
    return _with_plain_names(document)


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


def _document_problems(operation: dict[str, Any], route: APIRoute) -> None:
    """Refusals of their own form: FastAPI documents every model as JSON, and these are sent as problems."""
    for status, declared in route.responses.items():
        model = declared.get("model")
        if isinstance(model, type) and issubclass(model, ProblemAnswer):
            content = operation["responses"][str(status)]["content"]
            own, others = content.pop("application/json"), content[PROBLEM_JSON]
            content[PROBLEM_JSON] = {"schema": {"anyOf": [own["schema"], others["schema"]]}}


def _with_plain_names(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a name for each schema that does not change when a module moves.

    Where two models have one name, FastAPI puts the path of the module before it. Here the model of `/api/v1` keeps the
    short name, and the others get the subject of their module before it: `LoanAnswer` and `CreditCardLoanAnswer`.
    """
    schemas = document["components"]["schemas"]
    long = [name for name in schemas if name.startswith("app__")]
    canonical = Counter(name.rpartition("__")[2] for name in long if name.startswith("app__api__v1__"))
    names = {}
    for name in long:
        *path, short = name.split("__")
        about = "".join(word.capitalize() for word in path[-1].removesuffix("_schemas").split("_"))
        names[name] = short if "v1" in path and canonical[short] == 1 else about + short
    references = {f"{REFERENCE}{old}": f"{REFERENCE}{new}" for old, new in names.items()}
    document = _replaced(document, references)
    schemas = {names.get(name, name): schema for name, schema in document["components"]["schemas"].items()}
    assert len(schemas) == len(document["components"]["schemas"]), "two schemas have one name"
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _replaced(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(part, texts) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, texts) for part in value]
    return texts.get(value, value) if isinstance(value, str) else value
