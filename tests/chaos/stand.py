"""The service under attack: a real `kist up` in a home of its own, and what an onlooker can see of it."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import psutil
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.session import create_session_factory
from app.domain.products.products import Product
from app.domain.products.seeded import PERSONAL_LOAN, STANDARD_LOAN
from app.embedded import Postgres, Valkey
from app.embedded.postgres import OWNER_ROLE
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS
from tests.services.lending_desk import LendingHelper
from tests.stories.running import Up, environment_of

API_PROCESSES = 2
WORKER_PROCESSES = 2
PRODUCTS: Sequence[Product] = (STANDARD_LOAN, PERSONAL_LOAN)


class SilentJobQueue:
    """The loans of the stand call for no job that anybody waits for."""

    async def enqueue(self, job: Job) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One `kist up`, reached over HTTP by those who pay and over the owner's connection by those who judge."""

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
        """The children `serve` or `worker` that live."""
        for _ in range(10):
            with suppress(psutil.NoSuchProcess):  # one ended while we looked
                return self.up.descendants(word)
        return []

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """What the books hold. Raises OSError and PostgresError while the database is away."""
        dsn = self.postgres.dsn(role=OWNER_ROLE).replace("+asyncpg", "")
        connection = await asyncpg.connect(dsn, timeout=PATIENCE_SECONDS)
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def value(self, sql: str, *values: object) -> Any:
        return (await self.rows(sql, *values))[0][0]


async def lend(stand: Stand, *, loans: int) -> list[int]:
    """Makes loans that are large enough never to be paid off; answers their numbers."""
    engine = create_async_engine(stand.postgres.dsn(role="kist_app"))
    uow_factory = UnitOfWorkFactory(
        sessions=create_session_factory(engine), job_queue=SilentJobQueue(), clock=lambda: datetime.now(UTC)
    )
    lending = LendingHelper(uow_factory)
    numbers = []
    for number in range(loans):
        product = PRODUCTS[number % len(PRODUCTS)]
        rate = "12" if product is STANDARD_LOAN else "8.8"
        loan = await lending.disburse(product, amount=900_000, rate=rate, instalments=36)
        numbers.append(loan.number)
    await engine.dispose()
    return numbers


async def run_kist(stand: Stand, *words: str) -> tuple[int, str]:
    """A `kist` command on the stand's home: its exit status, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *kist_command(*words),
        env=environment_of(stand.up.home, port=stand.up.port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
