"""Backs up and restores the whole database as a stream of bytes, with PostgreSQL's own `pg_dump` and `pg_restore`.

A dump shows one snapshot, even if other transactions write meanwhile. The rows of each table are counted in the same
snapshot, so that a restored database can be compared with these counts. A restore is one transaction.
"""

import asyncio
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.domain.operations.audit import Head

CHUNK_BYTES = 1024 * 1024
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
)
KEY_VERSIONS = text("SELECT DISTINCT aadhaar_key_version FROM customers WHERE aadhaar_key_version IS NOT NULL")
HEAD = text("SELECT number, hash FROM audit_seals ORDER BY number DESC LIMIT 1")
KEY_CHECKS = text("SELECT key, version, value FROM key_checks")
APPLICATION_ROLE = "kist_app"

Notify = Callable[[str], None]


class Sink(Protocol):
    """A target for bytes, such as a file that is open for writing."""

    def write(self, chunk: bytes, /) -> int: ...


class ArchiveFailed(Exception):
    """`pg_dump` or `pg_restore` failed. The message is the last lines of its error output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a database holds, as of one snapshot."""

    revision: str
    rows: Mapping[str, int]
    key_versions: tuple[int, ...]
    audit_head: Head | None
    key_checks: Mapping[tuple[str, int], bytes]


async def dump(owner_dsn: str, *, programs: Path, to: Sink, notify: Callable[[str, int, int], None]) -> Contents:
    """Writes the database to a stream. Calls `notify` before each table with its name, its rows and the rows of all
    tables.

    Raises ArchiveFailed.
    """
    async with _connected(owner_dsn) as connection:
        snapshot = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
        contents = await read_contents(connection)
        command = [str(programs / "pg_dump"), "--format=custom", "--schema=public", "--verbose"]
        command += ["--compress=gzip:3", f"--snapshot={snapshot}", *_address(owner_dsn)]

        def table_begins(line: str) -> None:
            if (table := _quoted(line, after="dumping contents of table")) is not None:
                notify(table, contents.rows.get(table, 0), sum(contents.rows.values()))

        await asyncio.to_thread(_run, command, dsn=owner_dsn, notify=table_begins, output=to)
    return contents


async def restore(owner_dsn: str, *, programs: Path, source: IO[bytes], notify: Notify) -> Contents:
    """Loads a dump into a database that `is_empty`, and returns what it holds then. Raises ArchiveFailed."""
    command = [str(programs / "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction", "--verbose"]
    async with _connected(owner_dsn) as connection:
        if not await _has_application_role(connection):
            command.append("--no-acl")
        # The dump creates the schema again, with its grants.
        await connection.execute(text("DROP SCHEMA IF EXISTS public"))
        await connection.commit()

    def table_begins(line: str) -> None:
        if (table := _quoted(line, after="processing data for table")) is not None:
            notify(table.rpartition(".")[2])

    await asyncio.to_thread(_run, [*command, *_address(owner_dsn)], dsn=owner_dsn, notify=table_begins, source=source)
    async with _connected(owner_dsn) as connection:
        return await read_contents(connection)


async def count_rows(owner_dsn: str) -> Mapping[str, int]:
    """The rows of every table, now."""
    async with _connected(owner_dsn) as connection:
        return (await read_contents(connection)).rows


# A cluster's own connections between its servers are no sessions of anybody.
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    " AND pid <> pg_backend_pid() AND application_name NOT LIKE 'citus%'"
)


async def count_other_sessions(owner_dsn: str) -> int:
    """How many other programs are connected to the database."""
    async with _connected(owner_dsn) as connection:
        return int((await connection.execute(_OTHERS)).scalar_one())


_HAS_EXTENSION = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = :name)")


async def has_extension(owner_dsn: str, name: str) -> bool:
    """Whether an extension is installed in the database."""
    async with _connected(owner_dsn) as connection:
        return bool((await connection.execute(_HAS_EXTENSION, {"name": name})).scalar_one())


async def is_empty(owner_dsn: str) -> bool:
    """Whether a database has no tables at all."""
    async with _connected(owner_dsn) as connection:
        return (await connection.execute(TABLES)).first() is None


@asynccontextmanager
async def _connected(owner_dsn: str) -> AsyncIterator[AsyncConnection]:
    """A connection whose transaction sees one snapshot."""
    engine = create_async_engine(owner_dsn, poolclass=NullPool, isolation_level="REPEATABLE READ")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def read_contents(connection: AsyncConnection) -> Contents:
    """What the database holds, as this transaction sees it."""
    tables = (await connection.execute(TABLES)).scalars().all()
    rows = {}
    for table in tables:
        rows[table] = (await connection.execute(text(f'SELECT count(*) FROM "{table}"'))).scalar_one()  # noqa: S608
    head = (await connection.execute(HEAD)).one_or_none()
    # An older schema without the table `key_checks` can be backed up and restored too.
    checks = (await connection.execute(KEY_CHECKS)).all() if "key_checks" in rows else []
    return Contents(
        revision=(await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one(),
        rows=rows,
        key_versions=tuple(sorted((await connection.execute(KEY_VERSIONS)).scalars())),
        audit_head=None if head is None else Head(number=head.number, hash=head.hash),
        key_checks={(row.key, row.version): row.value for row in checks},
    )


async def _has_application_role(connection: AsyncConnection) -> bool:
    exists = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
    return bool((await connection.execute(exists, {"role": APPLICATION_ROLE})).scalar_one())


def _address(dsn: str) -> list[str]:
    url = make_url(dsn)
    host = url.query.get("host", url.host)
    parts: dict[str, Any] = {"host": host, "port": url.port, "username": url.username, "dbname": url.database}
    return [f"--{name}={value}" for name, value in parts.items() if value]


def _run(
    command: list[str], *, dsn: str, notify: Notify, output: Sink | None = None, source: IO[bytes] | None = None
) -> None:
    """Runs a program between two streams. The password is passed in the environment, because other users can read a
    command line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    password = make_url(dsn).password
    last: list[str] = []
    with subprocess.Popen(
        command,
        env=kept | {"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {}),
        stdin=subprocess.DEVNULL if source is None else subprocess.PIPE,
        stdout=subprocess.DEVNULL if output is None else subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        error_reader = threading.Thread(target=_read_errors, args=(process.stderr, notify, last))
        error_reader.start()
        with suppress(BrokenPipeError):  # It ended early; its error output says why.
            _pump(process.stdout, output)
            _pump(source, process.stdin)
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        error_reader.join()
    if process.returncode != 0:
        raise ArchiveFailed("\n".join(line for line in last if "error" in line) or "\n".join(last))


def _read_errors(stream: IO[bytes] | None, notify: Notify, last: list[str]) -> None:
    assert stream is not None, "the program's error stream is a pipe"
    for raw in stream:
        line = raw.decode(errors="replace").strip()
        notify(line)
        last[:] = [*last, line][-8:]


def _pump(source: IO[bytes] | None, target: Sink | None) -> None:
    while source is not None and target is not None and (chunk := source.read(CHUNK_BYTES)):
        target.write(chunk)


def _quoted(line: str, *, after: str) -> str | None:
    """The quoted name after the words `after`: `loans` in `... table "public.loans"`."""
    _, found, rest = line.partition(after)
    return rest.split('"')[1].removeprefix("public.") if found and rest.count('"') >= 2 else None
