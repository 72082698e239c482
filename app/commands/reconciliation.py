"""`kist reconcile`: every loan against its ledger. It reports, and never repairs."""

import asyncio
import time

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.domain.reporting.reconciliation import Difference
from app.embedded import running_services
from app.services.reporting import reconciliation
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)

#: A broken book has many differences with one cause: more than these tell nobody anything.
SHOWN = 50


def reconcile() -> None:
    """Derive every balance again from the transfers and from the loan's whole life; exit 1 if a paisa differs."""
    began = time.monotonic()
    with running_services(load_settings()) as settings:
        loans, differences = asyncio.run(_reconcile(settings))
    seconds = time.monotonic() - began
    if not differences:
        console.print(f"[green]✓[/] {loans:,} loans follow from their books, to the paisa ({seconds:.1f} s)")
        return
    table = Table("loan", "figure", "stored", "derived", title=f"{len(differences):,} differences in {loans:,} loans")
    for difference in differences[:SHOWN]:
        table.add_row(str(difference.loan_id), difference.figure, str(difference.stored), str(difference.derived))
    console.print(table)
    raise typer.Exit(code=1)


async def _reconcile(settings: Settings) -> tuple[int, list[Difference]]:
    found: list[Difference] = []
    done = 0
    columns = (TextColumn("reconciling"), BarColumn(), MofNCompleteColumn(), TextColumn("loans"), TimeRemainingColumn())
    async with open_context(settings) as context:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("loans", total=await reconciliation.count_loans(context.uow_factory))
            async for page in reconciliation.reconcile_all(context.uow_factory):
                done += page.loans
                found += page.differences
                bar.update(task, completed=done)
    return done, found
