"""The parameters of direct routes: what their declarations say is worked out once, and read in each request."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fastapi._compat import ModelField
from starlette.types import Scope


class Parameter(NamedTuple):
    """A parameter of a route: its name in the function and in the request, and its default value. FastAPI works these
    out from the declaration for each request."""

    name: str
    alias: str
    is_required: bool
    default: Any
    validate: Callable[[str, dict[str, Any]], tuple[Any, list[Any]]]


def parameters_of(fields: Sequence[ModelField]) -> tuple[Parameter, ...]:
    """The parameters of one kind."""
    # Their values are numbers, texts and dates, so a default may be given to many requests.
    return tuple(
        Parameter(
            name=each.name,
            alias=each.validation_alias or each.alias,
            is_required=each.field_info.is_required(),
            default=each.get_default(),
            validate=each.validate,
        )
        for each in fields
    )


def read_parameters(parameters: Sequence[Parameter], given: Mapping[str, str], values: dict[str, Any]) -> bool:
    """Reads parameters of one kind. False if one is missing or wrong: FastAPI then says which."""
    for name, alias, is_required, default, validate in parameters:
        value = given.get(alias)
        if value is None:
            if is_required:
                return False
            values[name] = default
            continue
        values[name], errors = validate(value, values)
        if errors:
            return False
    return True


def query_of(scope: Scope) -> dict[str, str]:
    """The parameters of a query. Of one that is given twice the last counts."""
    query = scope["query_string"].decode("latin-1")
    if "%" in query or "+" in query:
        return dict(parse_qsl(query, keep_blank_values=True))
    return {name: value for name, _, value in (part.partition("=") for part in query.split("&") if part)}
