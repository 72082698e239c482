"""The error table: the only module that turns an error into a status code.

The services and the domain know nothing of HTTP. This module describes every error that leaves a route as a `Failure`.
A presenter then writes the failure in the form of its surface: problem+json (RFC 9457), unless an older surface
registers a presenter for its own paths. No answer repeats what the client sent. An unforeseen error is a 500 that
gives only the request id.
"""

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

from app import measures
from app.api.field_faults import FieldFault, fault_of
from app.api.money_form import APPLIED, prefers_text, rupees_text
from app.api.permissions import CLAIMS
from app.db.errors import DatabaseFault, classify, was_canceled
from app.domain.errors import Conflict, DomainError, Invalid, NotFound, Rejected
from app.domain.people.access import Forbidden, TooManyCalls, Unauthenticated
from app.services.lending.calculations import TooManyCalculations
from app.services.people.access import TokenRevoked
from app.services.people.passwords import TooManySignIns
from app.services.people.tokens import TokenExpired
from app.services.unit_of_work import DayHasEnded

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

#: A cluster does not say why it refuses rows of a COPY. What it refuses is nearly always there already.
SAME: Final = {DatabaseFault.REFUSED: DatabaseFault.DUPLICATE}
AGAIN: Final = "Send the request again after the seconds in Retry-After, with its Idempotency-Key if it had one."

#: The status, the code, what happened and what to do, for each fault of the database.
FAULTS: Final[Mapping[DatabaseFault, tuple[int, str, str, str]]] = {
    DatabaseFault.DUPLICATE: (409, "already_exists", "this record already exists", "Read it instead of making it."),
    DatabaseFault.REFERENCE: (
        409,
        "still_referred_to",
        "the record does not exist, or other records still use it",
        "Check the ids of the request.",
    ),
    DatabaseFault.BUSY: (409, "busy", "another request is changing the same record: try again in a moment", AGAIN),
    DatabaseFault.UNUSABLE_VALUE: (
        422,
        "unusable_value",
        "the database cannot store one of the values",
        "Check the largest numbers and the special characters of the request.",
    ),
    DatabaseFault.UNAVAILABLE: (
        503,
        "temporarily_unavailable",
        "the service cannot answer now: try again in a moment",
        AGAIN,
    ),
}

#: The code, what happened and what to do, for the errors that the framework raises itself.
HTTP_CODES: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad_request", "the request cannot be read", "Check the form of the body, and its Content-Type."),
    404: ("no_such_route", "there is no route at this address", "Compare the address with `/openapi.json`."),
    405: ("method_not_allowed", "this address does not support this method", "Use a method that `Allow` names."),
    406: ("not_acceptable", "the route offers none of the media types in Accept", "Ask for `application/json`."),
    408: ("body_too_slow", "the body did not arrive in time", "Send the request again over a faster connection."),
    413: ("body_too_large", "the body is too large", "Send less at a time."),
    415: ("unsupported_media_type", "the route does not read a body of this media type", "Send `application/json`."),
    431: ("head_too_large", "the request headers are too large", "Send fewer or shorter headers."),
    503: ("took_too_long", "the request took too long: repeat it, with its Idempotency-Key if it had one", AGAIN),
}
CORRECT_FIELDS: Final = "Correct the fields that `errors` lists, and send the request again."
REPORT: Final = "Send the request again later. If it fails again, report its `request_id`."

RETRY_AFTER: Final[Mapping[str, str]] = {"Retry-After": "1"}
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
#: The errors that are answers: they are expected, and not logged.
HANDLED: Final = (DomainError, RequestValidationError, HTTPException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error, before a presenter writes it in the form of a surface."""

    status: int
    code: str
    detail: str
    what_to_do: str = ""
    field: str | None = None
    faults: tuple[FieldFault, ...] = ()
    figures: Mapping[str, object] = default(default_factory=dict)
    headers: Mapping[str, str] = default(default_factory=dict)
    request_id: str = ""
    money_as_text: bool = False

    @property
    def title(self) -> str:
        return self.code.replace("_", " ").capitalize()


#: A statement that PostgreSQL stopped: nearly always a list that looks at too much.
TOO_SLOW: Final = Failure(
    status=503,
    code="took_too_long",
    detail="the database took too long over this",
    what_to_do="Ask a list for less: name a customer, a loan or fewer days. Send anything else again, with its "
    "Idempotency-Key if it had one.",
    headers=RETRY_AFTER,
)
Presenter = Callable[[Failure], Response]


def failure_of(error: BaseException) -> Failure:
    """The failure that an error means to the caller. An error that is not in the table is a 500 without details."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if was_canceled(error):
        return TOO_SLOW
    fault = classify(error)
    if fault is not None:
        status, code, detail, what_to_do = FAULTS[SAME.get(fault, fault)]
        retry = fault in {DatabaseFault.BUSY, DatabaseFault.UNAVAILABLE}
        headers = RETRY_AFTER if retry else {}
        return Failure(status=status, code=code, detail=detail, what_to_do=what_to_do, headers=headers)
    detail = "the service failed; nothing was changed"
    return Failure(status=500, code="internal_error", detail=detail, what_to_do=REPORT)


def problem(failure: Failure) -> Response:
    """A failure as RFC 9457 problem+json."""
    body: dict[str, Any] = {
        "type": f"urn:kist:problem:{failure.code}",
        "title": failure.title,
        "status": failure.status,
        "code": failure.code,
        "detail": failure.detail,
        "what_to_do": failure.what_to_do,
        "field": failure.field,
        "errors": [{"field": each.field, "code": each.code, "message": each.message} for each in failure.faults],
        "request_id": failure.request_id,
    }
    if failure.figures:
        body["figures"] = figures(failure.figures, as_text=failure.money_as_text)
    headers = {**failure.headers, **(APPLIED if failure.money_as_text else {})}
    return Response(content=orjson.dumps(body), status_code=failure.status, media_type=PROBLEM_JSON, headers=headers)


def figures(values: Mapping[str, object], *, as_text: bool = False) -> dict[str, Any]:
    """The figures of a refusal as JSON values: `due_paise=440743` becomes `"due": 4407.43`, in rupees, or the same as
    text."""
    return {key.removesuffix("_paise"): _figure(key, value, as_text=as_text) for key, value in values.items()}


def _figure(key: str, value: object, *, as_text: bool) -> Any:
    if isinstance(value, Mapping):
        return figures({str(name): part for name, part in value.items()}, as_text=as_text)
    if isinstance(value, list | tuple | set | frozenset):
        return [_figure(key, part, as_text=as_text) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("_paise"):
        return rupees_text(value / 100) if as_text else value / 100
    return value if isinstance(value, int | float | bool | None) else str(value)


def respond(request: Request, error: BaseException) -> Response:
    """The response to an error, in the form of the surface on which it happened."""
    if isinstance(error, TokenExpired | TokenRevoked):
        # The token names a caller but proves nothing: the request log must not name that caller.
        request.scope[CLAIMS] = None
    failure = replace(
        failure_of(error),
        request_id=str(getattr(request.state, "request_id", "")),
        money_as_text=prefers_text(request.headers.get("prefer", "").encode("latin-1")),
    )
    if failure.status == HTTPStatus.UNAUTHORIZED:
        measures.count(measures.SIGN_INS_REFUSED, code=failure.code)
    presenters: Sequence[tuple[str, Presenter]] = getattr(request.app.state, "presenters", ())
    fitting = [entry for entry in presenters if request.url.path.startswith(entry[0])]
    presenter = max(fitting, key=lambda entry: len(entry[0]))[1] if fitting else problem
    return presenter(failure)


def install_errors(app: FastAPI, *, presenters: Sequence[tuple[str, Presenter]] = ()) -> None:
    """Registers the table with an app. `presenters` are (path prefix, presenter); the longest prefix that fits wins.

    Other errors (a lost database, a bug) are not registered here. `ErrorBoundary` (`failures.py`) catches them and
    answers with `respond`. Starlette would raise them again after the answer and write their texts into the log.
    """
    app.state.presenters = tuple(presenters)

    async def handle(request: Request, error: Exception) -> Response:
        return respond(request, error)

    for kind in HANDLED:
        app.add_exception_handler(kind, handle)


def _of_domain(error: DomainError) -> Failure:
    status = next((status for family, status in FAMILIES if isinstance(error, family)), 422)
    headers = RETRY_AFTER if isinstance(error, DayHasEnded) else {401: CHALLENGE, 503: RETRY_AFTER}.get(status, {})
    if isinstance(error, TooManyCalls):
        headers = {"Retry-After": str(error.details["retry_after_seconds"])}
    return Failure(
        status=status,
        code=error.code,
        detail=error.message,
        what_to_do=error.what_to_do,
        field=error.field,
        figures=error.details,
        headers=headers,
    )


def _of_framework(error: HTTPException) -> Failure:
    code, detail, what_to_do = HTTP_CODES.get(error.status_code, ("", "", ""))
    if not code:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
        detail = HTTPStatus(error.status_code).phrase
        what_to_do = "Compare the request with `/openapi.json`."
    return Failure(
        status=error.status_code,
        code=code,
        detail=detail,
        what_to_do=what_to_do,
        headers=dict(error.headers or {}),
    )


def _of_validation(error: RequestValidationError) -> Failure:
    faults = tuple(fault_of(entry) for entry in error.errors()[:50])
    return Failure(
        status=422,
        code="invalid_request",
        detail="; ".join(f"{fault.field}: {fault.message}" for fault in faults[:5]),
        what_to_do=CORRECT_FIELDS,
        field=faults[0].field if faults else None,
        faults=faults,
    )
