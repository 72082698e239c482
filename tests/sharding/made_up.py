"""Made-up arguments and rows, with which a repository function runs without a database.

They only have the right types. What a function makes of them is worth nothing; what it sends is what counts.
"""

import dataclasses
import enum
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, get_args, get_origin, get_type_hints

DAY: Final = date(2026, 11, 21)
_PLAIN: Final[dict[Any, Any]] = {
    int: 1, str: "x", float: 1.0, bytes: b"x", Decimal: Decimal(1), date: DAY,
    datetime: datetime(2026, 11, 21, tzinfo=UTC),
    dict: {}, list: [], tuple: (), set: set(), frozenset: frozenset(), object: 1, Any: 1,
}  # fmt: skip
_DEEPEST: Final = 6


@dataclasses.dataclass(frozen=True)
class Variant:
    """How arguments are made up: whether optional ones are given, and what every flag is. `rows` is how many rows each
    statement finds."""

    given: bool
    flag: bool
    rows: int


def make_up(hint: Any, variant: Variant, *, depth: int = 0) -> Any:
    """A value of a type."""
    if isinstance(hint, typing.NewType):
        return make_up(hint.__supertype__, variant, depth=depth)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        known = [each for each in arguments if each is not type(None)]
        is_optional = len(known) < len(arguments)
        return None if is_optional and not variant.given else make_up(known[0], variant, depth=depth)
    if origin is typing.Literal:
        return arguments[0]
    if origin is typing.Annotated:
        return make_up(arguments[0], variant, depth=depth)
    if origin is not None:
        return _container(origin, arguments, variant, depth=depth)
    if hint is bool:
        return variant.flag
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type):
        return _instance(hint, variant, depth=depth)
    return 1


def _container(origin: Any, arguments: Sequence[Any], variant: Variant, *, depth: int) -> Any:
    def part(number: int) -> Any:
        return make_up(arguments[number], variant, depth=depth + 1)

    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {part(0): part(1)}
    if origin is tuple:
        if not arguments or arguments[-1] is Ellipsis:
            return (part(0),) if arguments else ()
        return tuple(part(number) for number in range(len(arguments)))
    if origin in (set, Set, frozenset):
        return {part(0)}
    if origin in (list, Sequence, Collection, Iterable):
        return [part(0)]
    if origin is Iterator:
        return iter([part(0)])
    return FoundRow()


def _instance(hint: type, variant: Variant, *, depth: int) -> Any:
    if issubclass(hint, enum.Enum):
        return next(iter(hint))
    if depth > _DEEPEST:
        return FoundRow()
    if dataclasses.is_dataclass(hint) or hasattr(hint, "_fields"):
        hints = get_type_hints(hint)
        names = [each.name for each in dataclasses.fields(hint) if each.init] if dataclasses.is_dataclass(hint) else (
            list(hint._fields)
        )  # fmt: skip
        return hint(**{name: make_up(hints[name], variant, depth=depth + 1) for name in names})
    return FoundRow()


class FoundRow:
    """A row that has whatever is asked of it, with a value that its name suggests. Without a year it is of no loan of
    ours."""

    def __init__(self, *, has_year: bool = True) -> None:
        self.year = 2026 if has_year else None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith(("_on", "_date", "_through", "_until", "_since", "day", "through", "since")):
            return DAY
        return _PLAIN[datetime] if name.endswith("_at") else 1

    def __getitem__(self, name: Any) -> Any:
        return getattr(self, name) if isinstance(name, str) else 1

    def __iter__(self) -> Iterator[Any]:
        return iter([1, 1])

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self

    def keys(self) -> list[str]:
        return ["id"]
