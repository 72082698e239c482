"""Figures of payments and billing on given servers, one server or a cluster, without a peer.

The servers are those of `KIST_DATABASE_URL`, `KIST_OWNER_DATABASE_URL` and `KIST_REDIS_URL`. The database must have no
customers: the book stays in it, so use one that can be dropped afterwards. On a cluster it is distributed before
(`kist migrate`, `kist distribute`).
"""

import asyncio
import os
import secrets
import time
from collections.abc import Iterator, Set
from datetime import timedelta

from rich.console import Console

from app.commands.seeding import seed_with
from app.db import migrate
from app.db.placement import find_placement
from app.db.repositories.operations.health import count_customers
from app.domain.people.access import SYSTEM
from app.settings import Settings, load_settings
from app.workers.context import open_context
from bench.billing import DUE_ON, bill_all
from bench.loading import load_loans
from bench.payments import AMOUNT, PaymentClient
from bench.recording import CLIENTS
from bench.report import Figure, Report, percentile
from bench.serving import kist_api, sign_in

GROUPS = frozenset({"billing", "payments"})
MONTHS = 3
ROUNDS = 3


class NotEmpty(Exception):
    """The given database has customers, so it is not measured."""


def measure_given(report: Report, groups: Set[str], console: Console, *, scale: float) -> None:
    """Loads a book, bills it for some months, and pays on it. Raises NotEmpty."""
    os.environ.setdefault("KIST_ADMIN_PASSWORD", secrets.token_urlsafe(15))
    settings = load_settings()
    loans, payments = max(int(50_000 * scale), 200), max(int(3_000 * scale), 64)
    migrate.upgrade(settings.owner_dsn)
    shards = asyncio.run(_check_empty(settings))
    seed_with(settings)
    servers = f"a cluster, {shards} shards" if shards else "one server"
    console.print(f"[dim]loading {loans:,} loans on {servers} ...")
    report.add(asyncio.run(_bill(settings, loans=loans, servers=servers, months=MONTHS if "billing" in groups else 1)))
    if "payments" in groups:
        console.print("[dim]payments ...")
        report.add(_pay(settings, loans=loans, count=min(payments, loans // (ROUNDS + 2)), servers=servers))


async def _check_empty(settings: Settings) -> int:
    """The number of shards; 0 on one server. Raises NotEmpty."""
    async with open_context(settings, unchecked=True) as context, context.uow_factory.open(SYSTEM) as uow:
        if await count_customers(uow.session):
            raise NotEmpty("the given database has customers: measure on a new one, because the book stays in it")
        return len((await find_placement(uow.session)).shards)


async def _bill(settings: Settings, *, loans: int, servers: str, months: int) -> list[Figure]:
    figures = []
    async with open_context(settings) as context:
        await load_loans(context.uow_factory, count=loans)
        for month in range(months):
            async with context.uow_factory.open(SYSTEM) as uow:
                await uow.set_business_date(DUE_ON + timedelta(days=31 * month))
            began = time.monotonic()
            await bill_all(context.uow_factory)
            figures.append(
                Figure(
                    name=f"billing run, month {month + 1}, one worker",
                    value=loans / (time.monotonic() - began),
                    unit="loans/s",
                    note=f"{loans:,} loans on {servers}",
                )
            )
    return figures


def _pay(settings: Settings, *, loans: int, count: int, servers: str) -> Iterator[Figure]:
    numbers = iter(range(1, loans + 1))
    note = f"{count:,} payments a round, {CLIENTS} connections, {servers}"

    def take(how_many: int) -> Iterator[int]:
        return (next(numbers) for _ in range(how_many))

    with kist_api(settings) as port:
        client = PaymentClient(port, asyncio.run(sign_in(port, settings)))
        client.pay(take(count // 4), amount=AMOUNT)
        client.answers.clear()
        rates = [client.pay(take(count), amount=AMOUNT) for _ in range(ROUNDS)]
        taken = [seconds for answers in client.answers for seconds in answers.taken]
        yield Figure(name="payments over HTTP", value=sorted(rates)[ROUNDS // 2], unit="1/s", note=note)
        yield Figure(name="payment over HTTP, median", value=percentile(taken, 0.50), unit="ms", note=note)
        yield Figure(name="payment over HTTP, 99 %", value=percentile(taken, 0.99), unit="ms", note=note)
        client.answers.clear()
        client.pay(take(count // 8), amount=AMOUNT, connections=1)
        alone = [seconds for answers in client.answers for seconds in answers.taken]
        yield Figure(name="one payment alone, median", value=percentile(alone, 0.50), unit="ms", note="one connection")
