"""`python -m bench` and `kist bench`: measures every figure of docs/performance.md."""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from app.commands.seeding import seed_with
from app.db import migrate
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.observability import configure_logging
from app.settings import Settings, load_settings
from app.signals import StopRequested, stopped_by_signals
from app.workers.context import open_context
from bench.applications import measure_applications
from bench.billing import DUE_ON, BookSizes, bill_all, measure_billing
from bench.cards import CardSizes, measure_cards
from bench.day_ends import measure_day_ends, vacuum
from bench.decisions import measure_decisions
from bench.files import FileSizes, measure_files
from bench.given import GROUPS as GIVEN
from bench.given import measure_given
from bench.loading import load_loans
from bench.month import measure_month
from bench.payments import CROWDS, PEER_TIMES, measure_payments
from bench.reads import measure_reads
from bench.report import Figure, Report
from bench.written import write_figures

#: The output has no known width unless it is a terminal. This is wide enough for the table.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
GROUPS = ("decisions", "billing", "day-ends", "cards", "payments", "reads", "loans", "files")
#: In how many rounds a billing run and its peer are measured.
ROUNDS = 3
#: How many times we try to remove the folder of the servers.
REMOVALS = 50


def main() -> None:
    """Measures and prints the figures. Exits with 1 if a measurement failed."""
    parser = argparse.ArgumentParser(prog="kist bench", description=__doc__)
    parser.add_argument("--only", default=",".join(GROUPS), help=f"only some of {','.join(GROUPS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="how much to measure; 1 is the documented amount")
    parser.add_argument("--given", action="store_true", help="on the servers of KIST_DATABASE_URL and KIST_REDIS_URL")
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="also write figures.md and images/figures.svg there"
    )
    options = parser.parse_args()
    groups = set(options.only.split(","))
    if unknown := groups - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    console.print(f"[dim]Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    report = Report(console)
    try:
        with stopped_by_signals(threading.Event()):
            if options.given:
                with report.trying("given servers"):
                    measure_given(report, groups & GIVEN, console, scale=options.scale)
            else:
                _measure(report, groups, scale=options.scale)
    except StopRequested:
        report.failures.append("stopped by a signal; the figures that were measured before are above")
    report.show()
    seconds = time.monotonic() - began
    console.print(f"[dim]{seconds:.0f} s in all")
    if options.write:
        write_figures(report, options.write, scale=options.scale, seconds=seconds)
    sys.exit(1 if report.failures else 0)


def _measure(report: Report, groups: set[str], *, scale: float) -> None:
    if "decisions" in groups:
        console.print("[dim]decisions ...")
        with report.trying("decisions"):
            report.add(measure_decisions())
    if "billing" in groups:
        console.print("[dim]billing ...")
        with report.trying("billing"), temporary_home() as settings:
            _measure_billing(settings, report, scale=scale)
    if "day-ends" in groups:
        console.print("[dim]day-ends ...")
        with report.trying("day-ends"), temporary_home() as settings:
            report.add(asyncio.run(_measure_day_ends(settings, loans=max(int(500_000 * scale), 400))))
    if "cards" in groups:
        console.print("[dim]cards ...")
        with report.trying("cards"), temporary_home() as settings:
            sizes = CardSizes(accounts=max(int(200_000 * scale), 400), authorisations=max(int(3_000 * scale), 64))
            measure_cards(settings, report, sizes=sizes, rounds=ROUNDS)
    if groups & {"payments", "reads", "loans"}:
        with report.trying("payments, reads, loans"), temporary_home() as settings:
            _measure_requests(settings, report, groups, scale=scale)
    if "files" in groups:
        console.print("[dim]files ...")
        with report.trying("files"), temporary_home() as settings:
            _measure_files(settings, report, scale=scale)


async def _measure_day_ends(settings: Settings, *, loans: int) -> list[Figure]:
    """Day-ends of a book with some loans past due, against its billing."""
    async with open_context(settings) as context:
        return await measure_day_ends(settings, context.uow_factory, loans=loans)


@contextmanager
def temporary_home() -> Iterator[Settings]:
    """Temporary embedded servers. Addresses in the environment are ignored."""
    for variable in [name for name in os.environ if name.endswith(("DATABASE_URL", "REDIS_URL"))]:
        del os.environ[variable]
    home = Path(tempfile.mkdtemp(prefix="kist-bench-"))
    home.chmod(0o711)
    try:
        os.environ.update(KIST_HOME=str(home), KIST_ENV="development", KIST_ADMIN_PASSWORD=secrets.token_urlsafe(15))
        with running_services(load_settings()) as settings:
            migrate.upgrade(settings.owner_dsn)
            seed_with(settings)
            yield settings
    finally:
        _remove(home)


def _remove(home: Path) -> None:
    """Removes the servers' folder. It tries several times, because a server that is stopping may still write there."""
    for _ in range(REMOVALS):
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            return
        time.sleep(0.1)


def _measure_billing(settings: Settings, report: Report, *, scale: float) -> None:
    """Billing runs, the cost of a loan in a book ten times as large, and a month in the middle of the loans' lives."""
    usual, small, large = (max(int(loans * scale), 40) for loans in (200_000, 50_000, 500_000))
    measure_billing(settings, report, sizes=BookSizes(small=small, usual=usual, large=large), rounds=ROUNDS)
    measure_month(settings, report, loans=usual, rounds=ROUNDS)


def _measure_requests(settings: Settings, report: Report, groups: set[str], *, scale: float) -> None:
    """Payments, reads and applications, on a book of loans that are billed once."""
    payments, reads = max(int(3_000 * scale), 64), max(int(4_000 * scale), 40)
    # One recorded payment, a hundred to warm up, three rounds of each side, those on one loan, alone, and by a crowd.
    count = max(payments * (7 + 3 * PEER_TIMES) + 4 * sum(max(payments // 2, *CROWDS) for _ in CROWDS) + 200, reads)
    # Every second loan of the book was prepaid, and is not used for payments.
    asyncio.run(load_book(settings, count=2 * count))
    if "payments" in groups:
        console.print("[dim]payments ...")
        with report.trying("payments"):
            measure_payments(settings, report, numbers=range(1, 2 * count + 1, 2), count=payments)
        # Else autovacuum may remove what the payments left behind while the reads are timed.
        asyncio.run(vacuum(settings))
    if "reads" in groups:
        console.print("[dim]reads ...")
        with report.trying("reads"):
            measure_reads(settings, report, numbers=range(1, count + 1), count=reads)
    if "loans" in groups:
        console.print("[dim]loans ...")
        with report.trying("loans"):
            measure_applications(settings, report, numbers=range(1, 2 * count + 1), count=payments // 3)


def _measure_files(settings: Settings, report: Report, *, scale: float) -> None:
    """Files, in a database without other customers, because an import gives its customers numbers."""
    scored, imported, customers = (max(int(rows * scale), 1_000) for rows in (10_000_000, 1_000_000, 20_000))
    with tempfile.TemporaryDirectory(prefix="kist-bench-files-") as folder:
        sizes = FileSizes(scored=scored, imported=imported, customers=customers)
        measure_files(settings, report, Path(folder), sizes=sizes)


async def load_book(settings: Settings, *, count: int) -> None:
    """Loans that were billed once, every second one prepaid before."""
    async with open_context(settings) as context:
        console.print(f"[dim]loading {count:,} loans, and billing them ...")
        await load_loans(context.uow_factory, count=count)
        await vacuum(settings)
        async with context.uow_factory.open(SYSTEM) as uow:
            await uow.set_business_date(DUE_ON)
        await bill_all(context.uow_factory)


if __name__ == "__main__":
    configure_logging("WARNING")
    main()
