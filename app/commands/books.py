"""`kist books`: the trial balance of a day, accrued interest, and the books as files."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from app.domain.errors import DomainError
from app.domain.money import format_inr
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.accounting import accruals, exports, reports
from app.services.accounting.accruals import Accrued
from app.services.accounting.exports import Export, ExportForm, ExportOf
from app.services.accounting.reports import TrialBalance
from app.settings import Settings, load_settings
from app.workers.context import open_context

program = typer.Typer(name="books", help="The books for finance staff.", no_args_is_help=True)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)

On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: the business date.")]
From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")]
To = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, which is included.")]


@program.command("trial-balance")
def trial_balance(on: On = None) -> None:
    """Show every balance at the end of a day."""
    with running_services(load_settings()) as settings:
        found = asyncio.run(_trial_balance(settings, on))
    right = partial(Column, justify="right", no_wrap=True)
    table = Table(
        "code", "account", "product", right("debit"), right("credit"), title=f"Trial balance at the end of {found.on}"
    )
    for line in found.lines:
        debit, credit = (format_inr(paise) if paise else "" for paise in (line.debit_paise, line.credit_paise))
        table.add_row(line.code, line.name, line.product, debit, credit)
    table.add_section()
    table.add_row("", "sum", "", format_inr(found.debit_paise), format_inr(found.credit_paise))
    console.print(table)


@program.command()
def accrued(on: On = None) -> None:
    """Show the interest that has accrued until the end of a day and is not billed."""
    with running_services(load_settings()) as settings:
        found = asyncio.run(_accrued(settings, on))
    right = partial(Column, justify="right", no_wrap=True)
    title = f"Interest accrued and not billed at the end of {found.on}"
    table = Table("product", right("loans or cards"), right("accrued"), right("non-performing"), title=title)
    for line in found.lines:
        table.add_row(
            line.product, f"{line.loans:,}", format_inr(line.performing_paise), format_inr(line.non_performing_paise)
        )
    table.add_section()
    table.add_row("sum", "", format_inr(found.performing_paise), format_inr(found.non_performing_paise))
    console.print(table)


@program.command()
def export(
    of: Annotated[ExportOf, typer.Argument(help="journal, transfers, or accounts for Tally")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write; it must not exist.")],
    from_on: From,
    to_on: To,
    form: Annotated[ExportForm, typer.Option("--format", help="csv, xlsx or tally")] = ExportForm.CSV,
) -> None:
    """Write the books of some days into a file."""
    wanted = Export(of=of, form=form, from_on=from_on.date(), to_on=to_on.date())
    try:
        with running_services(load_settings()) as settings, file.open("xb") as target:
            written = asyncio.run(_export(settings, wanted, target.write))
    except FileExistsError:
        raise typer.BadParameter(f"{file} exists already") from None
    except DomainError as error:
        file.unlink()
        raise typer.BadParameter(error.message) from None
    console.print(f"[green]✓[/] {file}: {written:,} bytes")


async def _trial_balance(settings: Settings, on: datetime | None) -> TrialBalance:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        return await reports.view_trial_balance(uow, on=None if on is None else on.date())


async def _accrued(settings: Settings, on: datetime | None) -> Accrued:
    async with open_context(settings) as context:
        opener = partial(context.uow_factory.open, SYSTEM)
        return await accruals.sum_accrued(opener, on=None if on is None else on.date())


async def _export(settings: Settings, wanted: Export, write: Callable[[bytes], int]) -> int:
    written = 0
    async with open_context(settings) as context:
        async for part in exports.export(partial(context.uow_factory.open, SYSTEM), wanted):
            written += write(part)
    return written
