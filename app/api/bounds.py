"""How large a request may be, and how long it may take, by its path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from starlette.exceptions import HTTPException

Bound = TypeVar("Bound", int, float)

#: The most bytes of all headers of a request together.
LARGEST_HEAD: Final = 32 * 1024
#: The most digits of a Content-Length that are read as a number.
LONGEST_LENGTH: Final = 15


@dataclass(frozen=True, slots=True)
class Bounds(Generic[Bound]):
    """A bound of most requests, and others for the paths that begin with a prefix (uploads)."""

    usual: Bound
    by_prefix: Mapping[str, Bound] = field(default_factory=dict)

    def of(self, path: str) -> Bound:
        """The bound of a path."""
        for prefix, bound in self.by_prefix.items():
            if path.startswith(prefix):
                return bound
        return self.usual


def check_head(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Raises HTTPException (431) for headers that are too large together."""
    size = 0
    for name, value in headers:
        size += len(name) + len(value)
    if size > LARGEST_HEAD:
        raise HTTPException(431)


def announces_more(content_length: bytes, *, than: int) -> bool:
    """Whether a Content-Length says that the body is larger."""
    return content_length.isdigit() and (len(content_length) > LONGEST_LENGTH or int(content_length) > than)
