"""What is wrong with a field of a request: a code and a sentence for each kind of error that pydantic finds.

No sentence repeats what the client sent, and a name that the client sent is shown only if it is safe.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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


def fault_of(entry: Mapping[str, Any]) -> FieldFault:
    """An error of pydantic as a fault, with our code and our sentence."""
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
