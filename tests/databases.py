"""A database and a queue for every test worker. All workers of a test session share the servers.

The servers' data is in a directory named after the session. The first worker starts the servers and the last one stops
them (see `app.embedded.shared`). The schema is migrated and seeded once, in a template database, which every worker
clones. Between tests a worker's tables are reset to the template's content, with one round trip.

If `KIST_DATABASE_URL` and `KIST_REDIS_URL` are set, those servers are used. Then the owner's role must be allowed to
create databases, and the databases 8 to 15 of that Valkey are emptied. If that database is one of a cluster, every
worker's database is made on all its servers and distributed (see `tests.clusters`).
"""

import base64
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr
from sqlalchemy import make_url

from app.db import migrate
from app.db.models import Base
from app.embedded import Addresses, EmbeddedError, Postgres, Valkey, embedded_services
from app.kept_secrets import SECRET_FIELDS
from app.settings import Settings, normalise_database_url
from tests import clusters

HOME_PREFIX = "kist-tests-"
ABANDONED_AFTER_SECONDS = 600
FIRST_FOREIGN_QUEUE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One pytest process: its session, and its number in the session."""

    session: str
    number: int

    @property
    def home(self) -> Path:
        return Path(tempfile.gettempdir()) / f"{HOME_PREFIX}{self.session}"

    @property
    def database(self) -> str:
        return f"kist_test_{self.session}_{self.number}"

    @property
    def template(self) -> str:
        return f"kist_test_{self.session}_template"


def this_worker() -> Worker:
    """This process, with the session and number that pytest-xdist gives it. Without xdist it is number 0 of a session
    named after its pid."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid():x}")[:10]
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return Worker(session=session, number=number)


def given_address(name: str) -> str | None:
    return os.environ.get(f"KIST_{name}") or os.environ.get(name) or None


@contextmanager
def services(worker: Worker) -> Iterator[Addresses]:
    """The addresses of this worker's database and queue, on given or embedded servers."""
    worker.home.mkdir(mode=0o711, exist_ok=True)
    database_url, redis_url = given_address("DATABASE_URL"), given_address("REDIS_URL")
    with embedded_services(
        worker.home, postgres=database_url is None, valkey=redis_url is None, durable=False
    ) as embedded:
        application = normalise_database_url(database_url or embedded.database_url or "")
        owner = os.environ.get("KIST_OWNER_DATABASE_URL") or embedded.owner_database_url or application
        queue = redis_url or embedded.redis_url or ""
        number = worker.number + (FIRST_FOREIGN_QUEUE if redis_url else 0)
        yield Addresses(
            database_url=with_database(application, worker.database),
            owner_database_url=with_database(normalise_database_url(owner), worker.database),
            redis_url=f"{queue.partition('?')[0]}?db={number}",
        )


def with_database(dsn: str, database: str) -> str:
    """The same address with another database."""
    return make_url(dsn).set(database=database).render_as_string(hide_password=False)


@asynccontextmanager
async def connection(dsn: str) -> AsyncIterator[Any]:
    """A connection of asyncpg, to use outside the tests."""
    made = await asyncpg.connect(dsn.replace("+asyncpg", ""), server_settings={"lock_timeout": "10s"})
    try:
        yield made
    finally:
        await made.close()


async def make_database(worker: Worker, owner_dsn: str) -> None:
    """Makes this worker's database from the session's template. The first worker makes the template."""
    async with connection(with_database(owner_dsn, maintenance_database())) as postgres:
        if await clusters.is_cluster(postgres):
            # CREATE DATABASE copies a template on one server only.
            await clusters.make_database(postgres, owner_dsn, name=worker.database)
            await fill_template(owner_dsn)
            await clusters.distribute(owner_dsn)
            return
        with (worker.home / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not await exists(postgres, worker.template):
                draft = f"{worker.template}_draft"
                await postgres.execute(f'DROP DATABASE IF EXISTS "{draft}"')
                await postgres.execute(f'CREATE DATABASE "{draft}"')
                await fill_template(with_database(owner_dsn, draft))
                # The template gets its name only when it is complete, in case this worker is killed.
                await postgres.execute(f'ALTER DATABASE "{draft}" RENAME TO "{worker.template}"')
            await postgres.execute(f'DROP DATABASE IF EXISTS "{worker.database}" WITH (FORCE)')
            await postgres.execute(f'CREATE DATABASE "{worker.database}" TEMPLATE "{worker.template}"')


async def fill_template(owner_dsn: str) -> None:
    """Migrates the schema, and copies every table that has rows into the schema `baseline`."""
    await migrate.run(owner_dsn)
    async with connection(owner_dsn) as database:
        await database.execute("CREATE SCHEMA baseline")
        for table in tables():
            if await database.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
                await database.execute(f"CREATE TABLE baseline.{table} AS TABLE {table}")


async def drop_database(worker: Worker, owner_dsn: str) -> None:
    """Removes this worker's databases from a given server. An embedded server is removed as a whole."""
    if given_address("DATABASE_URL") is None:
        return
    async with connection(with_database(owner_dsn, maintenance_database())) as postgres:
        if await clusters.is_cluster(postgres):
            await clusters.drop_database(postgres, name=worker.database)
            return
        await postgres.execute(f'DROP DATABASE IF EXISTS "{worker.database}" WITH (FORCE)')
        with suppress(asyncpg.ObjectInUseError):
            await postgres.execute(f'DROP DATABASE IF EXISTS "{worker.template}"')


async def reset_statement(database: Any) -> str:
    """The SQL that resets every table and sequence to the baseline.

    It deletes rows, because truncating makes new files for each table and takes ten times as long.
    """
    kept = {row["table_name"] for row in await database.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'baseline'"
    )}  # fmt: skip
    sequences = await database.fetch(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
    )
    statements = [f"DELETE FROM {table}" for table in reversed(tables())]
    for table in tables():
        if table in kept:
            columns = await insertable_columns(database, table)
            statements.append(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM baseline.{table}"
            )
    for row in sequences:
        value, called = (row["last_value"], True) if row["last_value"] is not None else (1, False)
        statements.append(f"SELECT setval('{row['sequencename']}', {value}, {str(called).lower()})")
    return ";\n".join(statements)


async def insertable_columns(database: Any, table: str) -> str:
    rows = await database.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        table,
    )
    return ", ".join(f'"{row["column_name"]}"' for row in rows)


def tables() -> list[str]:
    """Every table of the models. Referenced tables come before those that refer to them."""
    return [table.name for table in Base.metadata.sorted_tables]


async def exists(postgres: Any, database: str) -> bool:
    return bool(await postgres.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database))


def maintenance_database() -> str:
    """The database from which others are created: that of a given address, or `kist` of the embedded server."""
    given = given_address("DATABASE_URL")
    return make_url(given).database or "postgres" if given else "kist"


def make_settings(services: Addresses, *, home: Path) -> Settings:
    """Settings for tests: these servers, and fixed keys."""
    return Settings(
        env="test",
        home=home,
        database_url=services.database_url,
        owner_database_url=services.owner_database_url,
        redis_url=services.redis_url,
        # All tests call from one address, many of them with the same account, so the limits are high here.
        rate_limit=10_000_000,
        sign_in_attempts_of_account=1_000_000,
        sign_in_attempts_of_address=1_000_000,
        admin_email="admin@kist.example",
        admin_password=SecretStr("a password for tests"),
        jwt_secret=SecretStr("a secret of more than thirty-two bytes for tests"),
        aadhaar_key=SecretStr(base64.b64encode(b"A" * 32).decode()),
        aadhaar_index_key=SecretStr(base64.b64encode(b"I" * 32).decode()),
        audit_key=SecretStr(base64.b64encode(b"S" * 32).decode()),
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables with which another process uses the same servers and keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIST_", "DATABASE_", "REDIS_"))}
    secrets = {f"KIST_{field.upper()}": getattr(settings, field).get_secret_value() for field in SECRET_FIELDS}
    return kept | settings.addresses() | {"KIST_ENV": "test"} | secrets


def remove_session(worker: Worker) -> None:
    """Removes the session's servers and data, after its workers have ended."""
    discard(worker.home)


def sweep_abandoned_sessions() -> None:
    """Removes the servers and data of test sessions that were killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{HOME_PREFIX}*"):
        with suppress(OSError):
            if time.time() - home.stat().st_mtime > ABANDONED_AFTER_SECONDS and not in_use(home):
                discard(home)


def in_use(home: Path) -> bool:
    for path in (home / "run").glob("*.users.lock"):
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def discard(home: Path) -> None:
    with suppress(EmbeddedError):
        Postgres(home).stop()
        Valkey(home).stop()
    shutil.rmtree(home, ignore_errors=True)
