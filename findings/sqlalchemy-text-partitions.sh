#!/usr/bin/env bash
# SQLAlchemy 2.1.9 (and 2.0.43), with aiosqlite 0.21.0.
# One would expect: the execution option yield_per=10 makes `Result.partitions()` give ten rows at a time, whatever the
# statement is, and on a connection as on a session.
# What happens: for select() it does. For text() the option does not reach partitions(): an ordinary result gives one row
# at a time, and an asynchronous one gives all rows at once, so a report that was meant to stream holds everything.
# partitions(10) gives ten for both.
# Output seen:
#   first chunk of select: 10 (sync), 10 (async)
#   first chunk of text: 1 (sync), 1000 (async)
#   first chunk of text with the size named: 10 (sync), 10 (async)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq sqlalchemy==2.1.9 aiosqlite==0.21.0 greenlet==3.5.6
venv/bin/python - <<'PY'
import asyncio
import sys

from sqlalchemy import create_engine, literal_column, select, text
from sqlalchemy.ext.asyncio import create_async_engine

ROWS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) SELECT x FROM n"
STATEMENTS = {"select": select(literal_column("x")).select_from(text(f"({ROWS})")), "text": text(ROWS)}


async def first_chunk(statement, *size):
    async with create_async_engine("sqlite+aiosqlite://").connect() as connection:
        result = await connection.stream(statement, execution_options={"yield_per": 10})
        async for rows in result.partitions(*size):
            return len(rows)


def chunks(statement, *size):
    with create_engine("sqlite://").connect() as connection:
        result = connection.execute(statement, execution_options={"yield_per": 10})
        return len(next(result.partitions(*size))), asyncio.run(first_chunk(statement, *size))


found = {name: chunks(statement) for name, statement in STATEMENTS.items()}
found["text with the size named"] = chunks(STATEMENTS["text"], 10)
for name, (sync, asynchronous) in found.items():
    print(f"first chunk of {name}: {sync} (sync), {asynchronous} (async)")
expected = {"select": (10, 10), "text": (1, 1000), "text with the size named": (10, 10)}
sys.exit(0 if found == expected else "the behaviour has changed")
PY
