"""`python -m bench` and `kist bench`: all measurements, in about half a minute."""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
from rich.console import Console

from app.commands.seeding import seed_with
from app.db import migrate
from app.domain.access import SYSTEM
from app.embedded import running_services
from app.settings import Settings, load_settings
from app.workers.context import open_context
from bench.decisions import measure_decisions
from bench.http import measure_http
from bench.loading import load_loans
from bench.report import Figure, show
from bench.services import DUE_ON, measure_billing, measure_payments

console = Console(highlight=False)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="kist bench", description=__doc__)
    parser.add_argument("--loans", type=int, default=20_000, help="loans in the billing run")
    parser.add_argument("--payments", type=int, default=1_000, help="payments of each kind")
    options = parser.parse_args()
    if options.loans < 3 * options.payments:
        parser.error("three payments are made for different loans: --loans must be three times --payments or more")
    began = time.monotonic()
    console.print(f"[dim]Python {sys.version.split()[0]}, {os.cpu_count()} cores; decisions ...")
    figures = measure_decisions()
    with tempfile.TemporaryDirectory(prefix="kist-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        figures += _measure_on(Path(name), loans=options.loans, payments=options.payments)
    show(console, figures)
    console.print(f"[dim]{time.monotonic() - began:.0f} s in all")


def _measure_on(home: Path, *, loans: int, payments: int) -> list[Figure]:
    """Everything that needs servers, on embedded ones in a temporary home, whatever the environment says."""
    for variable in [name for name in os.environ if name.endswith(("DATABASE_URL", "REDIS_URL"))]:
        del os.environ[variable]
    os.environ.update(KIST_HOME=str(home), KIST_ENV="development", KIST_ADMIN_PASSWORD=secrets.token_urlsafe(15))
    with running_services(load_settings()) as settings:
        migrate.upgrade(settings.owner_dsn)
        seed_with(settings)
        return asyncio.run(_measure(settings, loans=loans, payments=payments))


async def _measure(settings: Settings, *, loans: int, payments: int) -> list[Figure]:
    figures: list[Figure] = []
    async with open_context(settings) as context:
        desk = context.desk
        console.print(f"[dim]loading {loans:,} loans ...")
        await load_loans(desk, count=loans)
        await _analyse(settings)
        async with desk.open(SYSTEM) as work:
            await work.set_business_date(DUE_ON)
        console.print("[dim]billing them ...")
        figures += await measure_billing(desk, count=loans)
        console.print("[dim]paying ...")
        figures += await measure_payments(desk, loan_ids=range(1, payments + 1), abreast=1)
        figures += await measure_payments(desk, loan_ids=range(payments + 1, 2 * payments + 1), abreast=5)
    figures += await measure_http(settings, loan_ids=range(2 * payments + 1, 3 * payments + 1), abreast=16)
    return figures


async def _analyse(settings: Settings) -> None:
    """What autovacuum would do within a minute: the planner knows the tables it is about to read."""
    connection = await asyncpg.connect(settings.owner_dsn.replace("+asyncpg", ""))
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
