"""The base classes of all errors: `DomainError` and its four families.

Every error of the domain and of the services is a subclass of one family. It has a stable `code`, and it is defined in
the module that raises it. The family does not name an HTTP status: `app/api/errors.py` chooses the status. A message
may be shown to the caller, so it never contains an identity number or a secret.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

SENTENCE_END: Final = re.compile(r"(?<=\.) (?=[A-Z])")


class DomainError(Exception):
    """The base class: a stable `code`, a `message` for people, the `field` at fault, and `details` with the figures."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details: Mapping[str, object] = details

    @property
    def what_to_do(self) -> str:
        """What the caller can do, in words: the docstring of the class after its first sentence."""
        return words_of(type(self))[1]


class NotFound(DomainError):
    """The object does not exist, or the caller may not see it."""

    code = "not_found"


class Conflict(DomainError):
    """The request conflicts with the present state. The same request may succeed later."""

    code = "conflict"


class Rejected(DomainError):
    """The request is well formed, but a business rule refuses it."""

    code = "rejected"


class Invalid(DomainError):
    """The request itself is wrong. The same request never succeeds."""

    code = "invalid"


#: What rows that do not fit together may raise. Work on many loans names such a loan, and goes on with the others.
BROKEN: Final = (DomainError, ArithmeticError, AssertionError, LookupError, TypeError, ValueError)


def fault_of(error: Exception) -> str:
    """The stable code of an error, or the name of its class."""
    return error.code if isinstance(error, DomainError) else type(error).__name__


def words_of(kind: type[DomainError]) -> tuple[str, str]:
    """What happened and what to do: the first sentence of the docstring, and the others."""
    text = " ".join((kind.__doc__ or "").split())
    happened, *others = SENTENCE_END.split(text, maxsplit=1)
    return happened, " ".join(others)
