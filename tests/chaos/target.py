"""The service under test: a real `kist up` in a home of its own, and access to its processes and its database."""

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
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import PERSONAL_LOAN, REVOLVING_CARD, STANDARD_LOAN
from app.domain.public_ids import format_card_account_id
from app.embedded import Postgres, Valkey
from app.embedded.postgres import OWNER_ROLE
from app.services.cards.cards import list_account_cards
from app.services.cards.opening import open_with_card
from app.services.unit_of_work import Job, UnitOfWorkFactory
from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS
from tests.services.lending_desk import LendingHelper
from tests.stories.running import Up, environment_of

API_PROCESSES = 2
WORKER_PROCESSES = 2
PRODUCTS: Sequence[Product] = (STANDARD_LOAN, PERSONAL_LOAN)


class SilentJobQueue:
    """Ignores jobs: these loans need none."""

    async def enqueue(self, job: Job) -> None: ...


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
        dsn = self.postgres.dsn(role=OWNER_ROLE).replace("+asyncpg", "")
        connection = await asyncpg.connect(dsn, timeout=PATIENCE_SECONDS)
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def value(self, sql: str, *values: object) -> Any:
        return (await self.rows(sql, *values))[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTarget:
    """A card account, and the token of its card."""

    number: int
    token: str

    @property
    def public_id(self) -> str:
        return format_card_account_id(self.number)


async def lend(target: Target, *, loans: int, accounts: int) -> tuple[list[int], list[CardTarget]]:
    """Makes loans that are too large to be paid off, and card accounts, each of a customer of its own. Returns the
    numbers of the loans, and the accounts."""
    engine = create_async_engine(target.postgres.dsn(role="kist_app"))
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
    cards = [await _open_card(lending) for _ in range(accounts)]
    await engine.dispose()
    return numbers, cards


async def _open_card(lending: LendingHelper) -> CardTarget:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(SYSTEM) as uow:
        key = await open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=28
        )
        (card,) = await list_account_cards(uow, key)
    return CardTarget(number=key.account_id, token=card.card.token)


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
