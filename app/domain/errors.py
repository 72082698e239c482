"""What can go wrong, in four families.

Every refusal of the domain and of the services is a named subclass with a stable `code`, and lives beside the
function that raises it. A family says what kind of answer it deserves, never which one: HTTP is decided in
`app/api/errors.py` alone. A message may be shown to the caller, so it never carries an identity number or a secret.
"""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code, a sentence for people, the field it is about and the figures compared."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details: Mapping[str, object] = details


class NotFound(DomainError):
    """The thing does not exist, or is not the caller's to see."""

    code = "not_found"


class Conflict(DomainError):
    """The request contradicts the present state; the same request may succeed later or elsewhere."""

    code = "conflict"


class Rejected(DomainError):
    """The request is well formed and understood, and a rule of the business refuses it."""

    code = "rejected"


class Invalid(DomainError):
    """The request itself is wrong; the same request never succeeds."""

    code = "invalid"
