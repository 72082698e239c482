"""Python values as JSON, and back: amounts and rates are `Decimal`, days are `date`, instants are `datetime`.

An answer is read by the annotations of its class. A field that this version does not know is ignored, and a value of an
enumeration that it does not know stays text, so that a newer service does not break an older client.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from kist.client.errors import UnreadableAnswer

Value = TypeVar("Value")
#: An amount or a rate that is sent. A float is not one: it may be wrong by a paisa already.
Amount: TypeAlias = Decimal | int | str
#: A public id such as `LN-2026-0001`, or its number.
Id: TypeAlias = str | int


class Unset(Enum):
    """The type of `UNSET`, the value of an argument that is not sent. None is sent, as null."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


def to_json(value: Any) -> Any:
    """A value as JSON takes it. Fields that are `UNSET` are left out."""
    if isinstance(value, float):
        raise TypeError("an amount or a rate is a Decimal, an int or a str: a float may be wrong already")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name.rstrip("_"): getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_json(part) for name, part in value.items() if part is not UNSET}
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    return value


def read(text: str, kind: type[Value]) -> Value:
    """A JSON text as a value of this type. Raises UnreadableAnswer."""
    try:
        return reader_of(kind)(json.loads(text, parse_float=Decimal))  # type: ignore[arg-type, no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableAnswer(f"the answer is no {getattr(kind, '__name__', kind)}: {error!r}") from error


@cache
def reader_of(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of this type from JSON."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        readers = [reader_of(part) for part in parts if part is not NoneType]
        return lambda value: None if value is None else readers[0](value)
    if origin is list:
        row = reader_of(parts[0])
        return lambda rows: [row(each) for each in rows]
    if origin is Literal or hint in {Any, NoneType} or origin is dict:
        return lambda value: value
    if hint is Decimal:
        return Decimal
    if hint in {date, datetime}:
        return hint.fromisoformat  # type: ignore[no-any-return]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        known = {member.value: member for member in hint}
        return lambda value: known.get(value, value)
    if dataclasses.is_dataclass(hint):
        return _reader_of_class(hint)
    return lambda value: value


def _reader_of_class(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    fields = [
        (field.name, field.name.rstrip("_"), hints[field.name], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    ]

    def build(value: Mapping[str, Any]) -> Any:
        found = {
            name: reader_of(hint)(value[key]) for name, key, hint, is_required in fields if is_required or key in value
        }
        return kind(**found)

    return build
