"""The errors of the older surfaces.

Their clients know 400, 401, 403 and 404 and one line of text, so every refusal by a rule is a 400 there. A lock that
another request holds is a 503 with Retry-After, so that a client tries again and does not take it for a refusal. The
approval systems also list the wrong fields. A refusal with reasons gives all of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Response

from app.api.dialects.routing import DEPRECATION
from app.api.errors import Failure
from app.api.openapi import ErrorForm

STATUSES: Final[Mapping[int, int]] = {409: 400, 422: 400}
BUSY: Final = 503

#: The approval systems' names for the fields of the use cases.
APPROVAL_NAMES: Final[Mapping[str, str]] = {
    "user_id": "customer_id",
    "amount": "loan_amount",
    "tenure_months": "tenure",
    "annual_rate": "interest_rate",
}

_LINE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "ErrorLine",
    "description": "An error as one line of text.",
    "required": ["error"],
    "properties": {"error": {"type": "string", "examples": ["there is no such loan"]}},
}
_FIELDS_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "ErrorFields",
    "description": "An error as one line of text, with the errors of each wrong field.",
    "required": ["error"],
    "properties": {
        **_LINE_SCHEMA["properties"],
        "fields": {
            "type": "object",
            "description": "The errors of each wrong field; absent if no field is wrong",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "examples": [{"tenure": ["this field is required"]}],
        },
    },
}

LINE_FORM: Final = ErrorForm(
    media_type="application/json", schema_name="ErrorLine", schema=_LINE_SCHEMA, statuses=STATUSES
)
FIELDS_FORM: Final = ErrorForm(
    media_type="application/json", schema_name="ErrorFields", schema=_FIELDS_SCHEMA, statuses=STATUSES
)


def present_line(failure: Failure) -> Response:
    """A failure as `{"error": "..."}`."""
    return _respond(failure, {"error": _sentence(failure)})


def present_fields(failure: Failure) -> Response:
    """A failure as `{"error": "...", "fields": {"tenure": ["..."]}}`; `fields` is absent if no field is wrong."""
    body: dict[str, Any] = {"error": _sentence(failure)}
    if _status(failure) == STATUSES[422]:
        wrong: dict[str, list[str]] = {}
        for name, message in _faults(failure):
            wrong.setdefault(APPROVAL_NAMES.get(name, name), []).append(message)
        if wrong:
            body["fields"] = wrong
    return _respond(failure, body)


def _faults(failure: Failure) -> Sequence[tuple[str, str]]:
    if failure.faults:
        return [(fault.field, fault.message) for fault in failure.faults]
    return [] if failure.field is None else [(failure.field, failure.detail)]


def _sentence(failure: Failure) -> str:
    """The error line, followed by the reasons if there are any."""
    reasons = failure.figures.get("reasons")
    messages = [str(reason["message"]) for reason in reasons] if isinstance(reasons, list) else []
    return ": ".join([failure.detail, " ".join(messages)]) if messages else failure.detail


def _status(failure: Failure) -> int:
    if "Retry-After" in failure.headers and failure.status in STATUSES:
        return BUSY
    return STATUSES.get(failure.status, failure.status)


def _respond(failure: Failure, body: Mapping[str, Any]) -> Response:
    return Response(
        content=orjson.dumps(body),
        status_code=_status(failure),
        media_type="application/json",
        headers={**failure.headers, **DEPRECATION},
    )
