"""Records the SQL of one request, writes the same statements as a script for pgbench, and runs it.

The peer of a payment or an application is not written by hand. We record the statements of a real one, and pgbench
repeats them with as many clients, on loans or customers of its own.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from sqlalchemy import Engine, TextClause, event

from app.db.statements import LISTENERS
from app.embedded.postgres import PROGRAMS
from app.main import create_app
from app.settings import Settings
from bench.serving import expect

#: Statements, each with its values by name. BEGIN and COMMIT have no values.
Heard = list[tuple[str, Mapping[str, Any]]]

VARIABLE = re.compile(r"(?<![:\w]):([a-z_]+)\b")
CLIENTS = 32


async def hear(
    settings: Settings, path: str, *, bodies: Sequence[Mapping[str, Any]], warm: Sequence[str] = (), status: int = 201
) -> "tuple[Heard, Any]":
    """Posts each body through the whole API in this process: the statements of the last one, and its answer. `warm`
    lists what is read before, because a process reads it only once."""
    app = create_app(settings.model_copy(update={"log_level": "WARNING"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://kist", trust_env=False) as http:
            assert settings.admin_password is not None, "the benchmark makes an administrator of its own"
            form = {"username": settings.admin_email, "password": settings.admin_password.get_secret_value()}
            signed_in = await http.post("/api/v1/auth/token", data=form)
            expect(signed_in, status=200)
            headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
            for each in warm:
                await http.get(each, headers=headers)
            assert bodies, "something is posted"
            for number, body in enumerate(bodies):
                with listening() as heard:
                    response = await http.post(path, json=body, headers=headers | {"Idempotency-Key": f"heard{number}"})
                    expect(response, status=status)
    return heard, response.json()  # type: ignore[possibly-undefined]


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


def pgbench_script(
    heard: Heard,
    *,
    changing: Mapping[str, str],
    answers: Mapping[str, str],
    changing_numbers: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """The statements as a script of pgbench.

    `changing` maps the names of values that differ each time to expressions of pgbench's variables, and
    `changing_numbers` the numbers that do. All other values are as they were recorded. If a statement contains a key of
    `answers`, its result is stored in variables with that prefix.
    """
    lines = []
    for statement, values in heard:

        def spell(match: re.Match[str], values: Mapping[str, Any] = values) -> str:
            name = match[1]
            if name in changing:
                return spell_changing(changing[name], values[name])
            return literal(values[name], changing_numbers)

        prefix = next((prefix for part, prefix in answers.items() if part in statement), None)
        text = VARIABLE.sub(spell, statement).strip()
        lines.append(text + (";" if prefix is None else f"\n\\gset {prefix}"))
    return "\n".join(lines) + "\n"


def spell_changing(expression: str, value: Any) -> str:
    """An expression of pgbench in the place of a value, or of each value of an array."""
    if not isinstance(value, list):
        return expression
    return "ARRAY[" + ", ".join("NULL" if part is None else expression for part in value) + "]"


def literal(value: Any, changing_numbers: Mapping[int, str] = MappingProxyType({})) -> str:
    """A value as SQL, without colons that pgbench would read as variables. Numbers that change become expressions."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(literal(part, changing_numbers) for part in value) + "]" if value else "'{}'"
    if isinstance(value, int) and value in changing_numbers:
        return changing_numbers[value]
    if isinstance(value, datetime):
        return f"'{value:%Y%m%dT%H%M%SZ}'"
    if isinstance(value, date | int | Decimal) and not isinstance(value, bool):
        return f"'{value}'" if isinstance(value, date) else str(value)
    if isinstance(value, bytes):
        return rf"'\x{value.hex()}'"
    return "'" + str(value).replace("'", "''").replace(":", ": ") + "'"


def run_pgbench(settings: Settings, script: str, *, numbers: range) -> float:
    """Repeats a script by as many clients; the rate. Each time `:loan` is another one of the numbers."""
    each = len(numbers) // CLIENTS
    file: Path = settings.home / "round.sql"
    first = f"\\set loan {numbers.start} + (:client_id * {each} + :done) * {numbers.step}\n\\set done :done + 1\n"
    file.write_text(first + script)
    command = [
        str(PROGRAMS / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2",
        f"--transactions={each}", "--define=done=0", f"--file={file}", settings.app_dsn.replace("+asyncpg", ""),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "number of failed transactions: 0 " in done.stdout, done.stdout
    rate = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", done.stdout)
    assert rate is not None, done.stdout
    return float(rate[1])
