"""The service under test: a real `kist up` in a home of its own, and access to its processes and its database."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import psutil

from app.embedded import Postgres, Valkey
from app.embedded.postgres import OWNER_ROLE
from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import Up, environment_of

API_PROCESSES = 2
WORKER_PROCESSES = 2
#: What asyncpg raises when the connection ends, or has ended and is not closed yet.
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One `kist up`. Payments reach it over HTTP; the verification reads its database as the owner."""

    up: Up

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.up.port}"

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.up.home)

    @property
    def valkey(self) -> Valkey:
        return Valkey(self.up.home)

    def admin(self) -> dict[str, str]:
        """The form with which the administrator signs in."""
        kept = json.loads((self.up.home / "admin.json").read_text())
        return {"username": kept["email"], "password": kept["password"]}

    def processes(self, word: str) -> list[psutil.Process]:
        """The running children: `serve` or `worker`."""
        for _ in range(10):
            with suppress(psutil.NoSuchProcess):  # one ended during the search
                return self.up.descendants(word)
        return []

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """Rows of the database. Raises OSError and PostgresError while it cannot be reached."""
        async with self.connection() as connection:
            return list(await connection.fetch(sql, *values))

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection as the owner of the database, who may lock its tables."""
        dsn = self.postgres.dsn(role=OWNER_ROLE).replace("+asyncpg", "")
        connection = await asyncpg.connect(dsn, timeout=PATIENCE_SECONDS)
        try:
            yield connection
        finally:
            # It may have been killed.
            with suppress(OSError, *LOST):
                await connection.close(timeout=1)

    async def value(self, sql: str, *values: object) -> Any:
        return (await self.rows(sql, *values))[0][0]


async def run_kist(target: Target, *words: str) -> tuple[int, str]:
    """Runs a `kist` command on the target's home. Returns its exit status and its output."""
    process = await asyncio.create_subprocess_exec(
        *kist_command(*words),
        env=environment_of(target.up.home, port=target.up.port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()
