"""The error table: the only module that turns an error into a status code.

The services and the domain know nothing of HTTP. This module describes every error that leaves a route as a `Failure`.
A presenter then writes the failure in the form of its surface: problem+json (RFC 9457), unless an older surface
registers a presenter for its own paths. No answer repeats what the client sent. An unforeseen error is a 500 that
gives only the request id.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default
from datetime import date
from decimal import Decimal
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.permissions import CLAIMS
from app.db.errors import DatabaseFault, classify
from app.domain.errors import Conflict, DomainError, Invalid, NotFound, Rejected
from app.domain.people.access import Forbidden, TooManyCalls, Unauthenticated
from app.services.lending.calculations import TooManyCalculations
from app.services.people.access import TokenRevoked
from app.services.people.passwords import TooManySignIns
from app.services.people.tokens import TokenExpired

PROBLEM_JSON: Final = "application/problem+json"

#: The first row that fits decides, so a special error stands before its family.
FAMILIES: Final[Sequence[tuple[type[DomainError], int]]] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (TooManyCalls, 429),
    (TooManySignIns, 503),
    (TooManyCalculations, 503),
    (NotFound, 404),
    (Conflict, 409),
    (Rejected, 422),
    (Invalid, 422),
)

FAULTS: Final[Mapping[DatabaseFault, tuple[int, str, str]]] = {
    DatabaseFault.DUPLICATE: (409, "already_exists", "this record already exists"),
    DatabaseFault.REFUSED: (409, "already_exists", "this record already exists"),
    DatabaseFault.REFERENCE: (409, "still_referred_to", "the record does not exist, or other records still use it"),
    DatabaseFault.BUSY: (409, "busy", "another request is changing the same record: try again in a moment"),
    DatabaseFault.UNUSABLE_VALUE: (422, "unusable_value", "the database cannot store one of the values"),
    DatabaseFault.UNAVAILABLE: (503, "temporarily_unavailable", "the service cannot answer now: try again in a moment"),
}

#: Codes and sentences of the errors that the framework raises itself.
HTTP_CODES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "the request cannot be read"),
    404: ("no_such_route", "there is no route at this address"),
    405: ("method_not_allowed", "this address does not support this method"),
    406: ("not_acceptable", "the route offers none of the media types in Accept"),
    408: ("body_too_slow", "the body did not arrive in time"),
    413: ("body_too_large", "the body is too large"),
    415: ("unsupported_media_type", "the route does not read a body of this media type"),
    431: ("head_too_large", "the request headers are too large"),
    503: ("took_too_long", "the request took too long: repeat it, with its Idempotency-Key if it had one"),
}

RETRY_AFTER: Final[Mapping[str, str]] = {"Retry-After": "1"}
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
SAFE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")

#: The code and the sentence for a wrong field, by pydantic's error type. A type that is not listed gets a general
#: sentence, because pydantic's own sentences may quote the input.
FIELD_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "this field is required"),
    "extra_forbidden": ("unknown_field", "this field is not allowed here"),
    "json_invalid": ("not_json", "{error}"),
    "model_attributes_type": ("not_an_object", "must be a JSON object"),
    "model_type": ("not_an_object", "must be a JSON object"),
    "dict_type": ("not_an_object", "must be a JSON object"),
    "list_type": ("not_a_list", "must be a list"),
    "string_type": ("not_a_text", "must be a text"),
    "string_too_short": ("too_short", "the minimum length is {min_length}"),
    "string_too_long": ("too_long", "the maximum length is {max_length}"),
    "string_pattern_mismatch": ("wrong_form", "the text does not have the required form"),
    "too_short": ("too_short", "the minimum number of entries is {min_length}"),
    "too_long": ("too_long", "the maximum number of entries is {max_length}"),
    "int_type": ("not_a_whole_number", "must be a whole number"),
    "int_parsing": ("not_a_whole_number", "must be a whole number"),
    "int_from_float": ("not_a_whole_number", "must be a whole number"),
    "int_parsing_size": ("out_of_range", "the number is too large"),
    "bool_type": ("not_true_or_false", "must be true or false"),
    "bool_parsing": ("not_true_or_false", "must be true or false"),
    "greater_than": ("out_of_range", "must be more than {gt}"),
    "greater_than_equal": ("out_of_range", "must be at least {ge}"),
    "less_than": ("out_of_range", "must be less than {lt}"),
    "less_than_equal": ("out_of_range", "must be at most {le}"),
    "literal_error": ("not_a_choice", "must be one of {expected}"),
    "enum": ("not_a_choice", "must be one of {expected}"),
    "value_error": ("invalid", "this value is not valid"),
}
OWN_CODES: Final = re.compile(r"(not_an?_[a-z_]+|amount_[a-z_]+|rate_[a-z_]+|date_out_of_range|text_not_clean)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """What is wrong with one field."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error, before a presenter writes it in the form of a surface."""

    status: int
    code: str
    detail: str
    field: str | None = None
    faults: tuple[FieldFault, ...] = ()
    figures: Mapping[str, object] = default(default_factory=dict)
    headers: Mapping[str, str] = default(default_factory=dict)
    request_id: str = ""

    @property
    def title(self) -> str:
        return self.code.replace("_", " ").capitalize()


Presenter = Callable[[Failure], Response]


def failure_of(error: BaseException) -> Failure:
    """The failure that an error means to the caller. An error that is not in the table is a 500 without details."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    fault = classify(error)
    if fault is not None:
        status, code, detail = FAULTS[fault]
        retry = fault in {DatabaseFault.BUSY, DatabaseFault.UNAVAILABLE}
        return Failure(status=status, code=code, detail=detail, headers=RETRY_AFTER if retry else {})
    return Failure(status=500, code="internal_error", detail="the service failed; nothing was changed")


def problem(failure: Failure) -> Response:
    """A failure as RFC 9457 problem+json."""
    body: dict[str, Any] = {
        "type": f"urn:kist:problem:{failure.code}",
        "title": failure.title,
        "status": failure.status,
        "code": failure.code,
        "detail": failure.detail,
        "field": failure.field,
        "errors": [{"field": each.field, "code": each.code, "message": each.message} for each in failure.faults],
        "request_id": failure.request_id,
    }
    if failure.figures:
        body["figures"] = figures(failure.figures)
    return Response(
        content=orjson.dumps(body), status_code=failure.status, media_type=PROBLEM_JSON, headers=dict(failure.headers)
    )


def figures(values: Mapping[str, object]) -> dict[str, Any]:
    """The figures of a refusal as JSON values: `due_paise=440743` becomes `"due": 4407.43`, in rupees."""
    return {key.removesuffix("_paise"): _figure(key, value) for key, value in values.items()}


def _figure(key: str, value: object) -> Any:
    if isinstance(value, Mapping):
        return figures({str(name): part for name, part in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_figure(key, part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("_paise"):
        return value / 100
    return value if isinstance(value, int | float | bool | None) else str(value)


def respond(request: Request, error: BaseException) -> Response:
    """The response to an error, in the form of the surface on which it happened."""
    if isinstance(error, TokenExpired | TokenRevoked):
        # The token names a caller but proves nothing: the request log must not name that caller.
        request.scope[CLAIMS] = None
    failure = replace(failure_of(error), request_id=str(getattr(request.state, "request_id", "")))
    presenters: Sequence[tuple[str, Presenter]] = getattr(request.app.state, "presenters", ())
    fitting = [entry for entry in presenters if request.url.path.startswith(entry[0])]
    presenter = max(fitting, key=lambda entry: len(entry[0]))[1] if fitting else problem
    return presenter(failure)


def install_errors(app: FastAPI, *, presenters: Sequence[tuple[str, Presenter]] = ()) -> None:
    """Registers the table with an app. `presenters` are (path prefix, presenter); the longest prefix that fits wins.

    Other errors (a lost database, a bug) are not registered here. `ErrorBoundary` (`middleware.py`) catches them and
    answers with `respond`. Starlette would raise them again after the answer and write their texts into the log.
    """
    app.state.presenters = tuple(presenters)

    async def handle(request: Request, error: Exception) -> Response:
        return respond(request, error)

    for kind in (DomainError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)


def _of_domain(error: DomainError) -> Failure:
    status = next((status for family, status in FAMILIES if isinstance(error, family)), 422)
    headers = {401: CHALLENGE, 503: RETRY_AFTER}.get(status, {})
    if isinstance(error, TooManyCalls):
        headers = {"Retry-After": str(error.details["retry_after_seconds"])}
    return Failure(
        status=status,
        code=error.code,
        detail=error.message,
        field=error.field,
        figures=error.details,
        headers=headers,
    )


def _of_framework(error: HTTPException) -> Failure:
    code, detail = HTTP_CODES.get(error.status_code, ("", ""))
    if not code:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
        detail = HTTPStatus(error.status_code).phrase
    return Failure(status=error.status_code, code=code, detail=detail, headers=dict(error.headers or {}))


def _of_validation(error: RequestValidationError) -> Failure:
    faults = tuple(_fault(entry) for entry in error.errors()[:50])
    return Failure(
        status=422,
        code="invalid_request",
        detail="; ".join(f"{fault.field}: {fault.message}" for fault in faults[:5]),
        field=faults[0].field if faults else None,
        faults=faults,
    )


def _fault(entry: Mapping[str, Any]) -> FieldFault:
    kind, context = str(entry["type"]), entry.get("ctx") or {}
    field_name = _field_name(entry["loc"])
    if OWN_CODES.fullmatch(kind) and kind not in FIELD_MESSAGES:
        return FieldFault(field=field_name, code=kind, message=str(entry["msg"]))
    code, sentence = FIELD_MESSAGES.get(kind, ("invalid", "this value is not valid"))
    return FieldFault(field=field_name, code=code, message=sentence.format_map({**_BLANK, **context}))


_BLANK: Final = dict.fromkeys(("error", "min_length", "max_length", "gt", "ge", "lt", "le", "expected"), "?")


def _field_name(location: Sequence[object]) -> str:
    """`("body", "fees", 0, "amount")` as `fees.0.amount`. A name that the client sent is shown only if it is safe."""
    source, *path = location
    if source == "body" and path and isinstance(path[0], int):
        return "body"  # pydantic gives a position in a text that is not JSON
    names = [
        str(part) if isinstance(part, int) or SAFE_NAME.fullmatch(str(part)) else "(unreadable name)" for part in path
    ]
    return ".".join(names) or str(source)
