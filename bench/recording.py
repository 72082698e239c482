"""The SQL of one request, as the API executes it, and the same statements as a script for pgbench.

What a payment costs the database is what it sends there. So we do not write a peer's SQL by hand: we listen to one real
payment and let pgbench repeat what was heard, with as many clients, on loans of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, TextClause, event

from app.db.statements import LISTENERS

#: Statement and values, by name; BEGIN and COMMIT come without values.
Heard = list[tuple[str, Mapping[str, Any]]]

VARIABLE = re.compile(r"(?<![:\w]):([a-z_]+)\b")


@contextmanager
def listening() -> Iterator[Heard]:
    """Keeps every statement that any engine of this process executes meanwhile."""
    heard: Heard = []

    def keep(_connection: Any, clause: Any, _many: Any, values: Any, _options: Any) -> None:
        assert isinstance(clause, TextClause), "a busy path is written out: what is built costs more than it saves"
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
    """The statements as a script. `changing` names the values that differ from one time to the next, and the
    expression of pgbench's variables that has each; all other values stand as they were heard. The answers of a
    statement whose text holds a key of `answers` become variables, with that prefix."""
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
    """A value as SQL, without anything in it that pgbench would take for a variable of its own."""
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
