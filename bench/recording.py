"""Records the SQL of one request, and writes the same statements as a script for pgbench.

The peer of a payment is not written by hand. We record the statements of one real payment, and pgbench repeats them
with as many clients, on loans of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, TextClause, event

from app.db.statements import LISTENERS

#: Statements, each with its values by name. BEGIN and COMMIT have no values.
Heard = list[tuple[str, Mapping[str, Any]]]

VARIABLE = re.compile(r"(?<![:\w]):([a-z_]+)\b")


@contextmanager
def listening() -> Iterator[Heard]:
    """Records every statement that this process executes in the block."""
    heard: Heard = []

    def keep(_connection: Any, clause: Any, _many: Any, values: Any, _options: Any) -> None:
        assert isinstance(clause, TextClause), "frequent statements are written as text, because building them is slow"
        heard.append((clause.text, values))

    def begin(_connection: Any) -> None:
        heard.append(("BEGIN", {}))

    def commit(_connection: Any) -> None:
        heard.append(("COMMIT", {}))

    def keep_driven(statement: str, values: Mapping[str, Any]) -> None:
        heard.append((statement, values))

    listeners: list[tuple[str, Callable[..., None]]] = [("before_execute", keep), ("begin", begin), ("commit", commit)]
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    LISTENERS.append(keep_driven)
    try:
        yield heard
    finally:
        LISTENERS.remove(keep_driven)
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def pgbench_script(heard: Heard, *, changing: Mapping[str, str], answers: Mapping[str, str]) -> str:
    """The statements as a script of pgbench.

    `changing` maps the names of values that differ each time to expressions of pgbench's variables. All other values
    are as they were recorded. If a statement contains a key of `answers`, its result is stored in variables with that
    prefix.
    """
    lines = []
    for statement, values in heard:

        def spell(match: re.Match[str], values: Mapping[str, Any] = values) -> str:
            name = match[1]
            return spell_changing(changing[name], values[name]) if name in changing else literal(values[name])

        prefix = next((prefix for part, prefix in answers.items() if part in statement), None)
        text = VARIABLE.sub(spell, statement).strip()
        lines.append(text + (";" if prefix is None else f"\n\\gset {prefix}"))
    return "\n".join(lines) + "\n"


def spell_changing(expression: str, value: Any) -> str:
    """An expression of pgbench in the place of a value, or of each value of an array."""
    if not isinstance(value, list):
        return expression
    return "ARRAY[" + ", ".join("NULL" if part is None else expression for part in value) + "]"


def literal(value: Any) -> str:
    """A value as SQL, without colons that pgbench would read as variables."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(map(literal, value)) + "]" if value else "'{}'"
    if isinstance(value, datetime):
        return f"'{value:%Y%m%dT%H%M%SZ}'"
    if isinstance(value, date | int) and not isinstance(value, bool):
        return f"'{value}'" if isinstance(value, date) else str(value)
    if isinstance(value, bytes):
        return rf"'\x{value.hex()}'"
    return "'" + str(value).replace("'", "''").replace(":", ": ") + "'"
