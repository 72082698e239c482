"""The field of a stored document, such as the terms of a product or the facts of a score: lines of words on a page,
JSON in an export."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette_admin.fields import BaseField
from starlette_admin.types import RequestAction

from app.api.admin.drawing.formats import words
from app.domain.money import format_inr

#: A name of the program, such as `equal_instalment`. Other text was written by people, and stays as it is.
_NAME: Final = re.compile(r"[a-z]+(_[a-z0-9]+)+")


@dataclass
class DocumentField(BaseField):
    """A document. On a page each of its parts is a line of words, amounts are in rupees, and what is not there is left
    out."""

    detail_template: str = "kist/document.html"

    async def serialize_value(self, request: Request, value: Any) -> Any:
        if request.state.action == RequestAction.EXPORT:
            return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
        return "\n".join(document_lines(value)) or "–"


def document_lines(value: Any, *, indent: str = "") -> Iterator[str]:
    """The lines of a stored document: `{"interest_paise": 12345}` is `interest: ₹123.45`."""
    parts = value.items() if isinstance(value, Mapping) else [(f"{at}.", part) for at, part in enumerate(value, 1)]
    for name, part in parts:
        label = words(name.removesuffix("_paise"))
        if _is_plain(part):
            if said := _said(part, is_money=name.endswith("_paise")):
                yield f"{indent}{label}: {said}"
            continue
        below = list(document_lines(part, indent=indent + "    "))
        if below:
            yield f"{indent}{label}" + ("" if label.endswith(".") else ":")
            yield from below


def _is_plain(part: Any) -> bool:
    """Whether a part fits on one line: a value, or a list of values."""
    if isinstance(part, list):
        return all(not isinstance(each, list | Mapping) for each in part)
    return not isinstance(part, Mapping)


def _said(value: Any, *, is_money: bool) -> str:
    if isinstance(value, list):
        return ", ".join(_said(each, is_money=is_money) or "–" for each in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_money and isinstance(value, int):
        return format_inr(value)
    return words(value) if _NAME.fullmatch(str(value)) else str(value)
