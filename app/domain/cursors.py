"""Cursors: where a page of a list ended, as text that a client sends back.

A cursor holds the values of the list's order in the last row, so the next page begins after that row even if rows were
added or changed in between. Clients do not read it.
"""

import re
from datetime import date
from typing import Any, Final

from app.domain.errors import Invalid

NUMBER: Final = re.compile(r"[0-9]{1,18}")
SEPARATOR: Final = "_"


class CursorUnknown(Invalid):
    """The cursor is not one that this list gave in this order. Send the `next_cursor` of the page before, with the same
    filters and the same sort."""

    code = "cursor_unknown"


def write_cursor(*values: int | date) -> str:
    """The cursor after a row with these values: `2026-11-21_9_456`."""
    return SEPARATOR.join(str(value) for value in values)


def read_cursor(text: str | None, *kinds: type[int] | type[date]) -> tuple[Any, ...] | None:
    """The values of a cursor; None without a cursor. Raises CursorUnknown."""
    if text is None:
        return None
    parts = text.split(SEPARATOR)
    if len(parts) != len(kinds):
        raise _unknown()
    return tuple(_read(part, kind) for part, kind in zip(parts, kinds, strict=True))


def read_number(text: str | None, *, default: int) -> int:
    """The number of a cursor of a list that is ordered by one number. Raises CursorUnknown."""
    values = read_cursor(text, int)
    return default if values is None else int(values[0])


def _read(part: str, kind: type[int] | type[date]) -> int | date:
    if kind is int and NUMBER.fullmatch(part):
        return int(part)
    if kind is date:
        try:
            return date.fromisoformat(part)
        except ValueError:
            raise _unknown() from None
    raise _unknown()


def _unknown() -> CursorUnknown:
    return CursorUnknown("this list gave no such cursor", field="cursor")
