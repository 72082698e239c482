"""`kist bill`: bills a business date from the command line, with a progress bar."""

import asyncio
import os
import socket
import time
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.db.repositories.billing.runs import RangeTotals, RunProgress
from app.domain.errors import DomainError
from app.domain.money import format_inr
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.billing import runs
from app.services.cards import runs as card_runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

#: This process works so long between two updates of the progress bar.
STEP = timedelta(milliseconds=500)
PAUSE_SECONDS = 0.05


def bill(
    on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The business date; today's by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be billed, and write nothing.")] = False,
) -> None:
    """Bill everything that is due by a business date. Running workers take part in it."""
    began = time.monotonic()
    with running_services(load_settings()) as settings:
        if dry_run:
            _say_preview(asyncio.run(_preview(settings, on.date() if on else None)))
            return
        try:
            run = asyncio.run(_bill(settings, on.date() if on else None))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    seconds = time.monotonic() - began
    console.print(
        f"[green]✓[/] {run.business_date}: {run.bills:,} bills on {run.loans:,} loans,"
        f" {format_inr(run.demanded_paise)} demanded, in {seconds:.1f} s (run {run.run_id})"
    )
    if run.parked:
        console.print(
            f"[yellow]![/] {run.parked:,} loans could not be billed: GET /api/v1/billing/runs/{run.run_id}/parked"
        )


def _say_preview(totals: RangeTotals) -> None:
    console.print(
        f"would bill {totals.bills:,} cycles of {totals.loans:,} loans, {format_inr(totals.demanded_paise)} in all;"
        f" {totals.parked:,} could not be billed. Nothing was written."
    )


async def _preview(settings: Settings, business_date: date | None) -> RangeTotals:
    async with open_context(settings) as context:
        async with context.uow_factory.open(SYSTEM) as uow:
            today = await uow.business_date()
        return await runs.preview_run(context.uow_factory, business_date=business_date or today)


async def _bill(settings: Settings, business_date: date | None) -> RunProgress:
    worker = f"{socket.gethostname()}:{os.getpid()}:bill"
    bar = Progress(
        TextColumn("billing"), BarColumn(), MofNCompleteColumn(), TextColumn("loans"), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    async with open_context(settings) as context:
        uow_factory: UnitOfWorkFactory = context.uow_factory
        async with uow_factory.open(SYSTEM) as uow:
            run_id = await runs.start_run(uow, business_date=business_date)
        with bar:
            task = bar.add_task("billing", total=None)
            while True:
                await card_runs.run_day(uow_factory, run_id=run_id, worker=worker, until=uow_factory.clock() + STEP)
                async with uow_factory.open(SYSTEM) as uow:
                    run = await runs.get_run(uow, run_id)
                bar.update(task, total=run.loans_due, completed=run.loans + run.parked)
                if run.status != "running":
                    return run
                # Other workers hold the last ranges: wait until they finish, or until their leases expire.
                await asyncio.sleep(PAUSE_SECONDS)
