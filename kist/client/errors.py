"""What a client raises. `KistError.code` is stable: compare it with `Code`. People read `detail` and `what_to_do`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """What is wrong with one field of a request."""

    field: str
    code: str
    message: str


class KistError(Exception):
    """Kist refused a request. `status` is the HTTP status, and `body` the whole problem."""

    def __init__(self, status: int, body: Mapping[str, Any], *, retry_after: float | None = None) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", "unknown"))
        self.detail = str(body.get("detail", f"the answer has the status {status}"))
        self.what_to_do = str(body.get("what_to_do", ""))
        self.field: str | None = body.get("field")
        self.figures: Mapping[str, Any] = body.get("figures", {})
        self.reasons: Sequence[Mapping[str, Any]] = body.get("reasons", [])
        self.request_id = str(body.get("request_id", ""))
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.detail}")

    @property
    def faults(self) -> list[FieldFault]:
        """Every wrong field of the request."""
        return [FieldFault(**{name: str(each[name]) for name in FieldFault.__slots__}) for each in self.body["errors"]]


class NotSignedIn(KistError):
    """401: the token is missing, expired or revoked. Sign in again."""


class NotAllowed(KistError):
    """403: the caller's role or scope does not allow this."""


class NotFound(KistError):
    """404: there is no such thing, or it is another customer's."""


class Refused(KistError):
    """400, 409 or 422: the request is wrong, conflicts with the present state, or breaks a rule. See `code`."""


class TooManyCalls(KistError):
    """429: the caller's limit is used up, also after the repeats. Wait `retry_after` seconds."""


class Unavailable(KistError):
    """5xx: the service could not answer, also after the repeats. `request_id` names the request in its log."""


class ConnectionLost(Exception):
    """No answer arrived. A request that moves money may have been taken: send it again with the same `key`."""

    def __init__(self, reason: str, *, key: str | None) -> None:
        super().__init__(reason)
        self.key = key


class UnreadableAnswer(Exception):
    """The answer is not what the contract promises: the service may be newer than this client by a major version."""


KINDS: Mapping[int, type[KistError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    429: TooManyCalls,
}


def error_of(status: int, body: Mapping[str, Any], *, retry_after: float | None = None) -> KistError:
    """The error of an answer."""
    kind = KINDS.get(status, Unavailable if status >= 500 else Refused)
    return kind(status, body, retry_after=retry_after)
