"""`kist import`: loads files from the command line, with a progress bar and the remaining time."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.commands.counting import count
from app.db.repositories.imports.ingestion import Reject
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.imports import ingestion
from app.services.imports.ingestion import CUSTOMERS, LOANS, TRANSACTIONS, ImportOutcome
from app.services.people.customers import make_identity_service
from app.settings import Settings, load_settings
from app.workers.context import open_context

REJECTS_SHOWN = 10
program = typer.Typer(name="import", no_args_is_help=True, help="Load files of customers, loans and transactions.")
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


@program.callback()
def import_files() -> None:
    """Load files of customers, loans and transactions."""


@program.command()
def transactions(
    file: Annotated[Path, typer.Argument(help="A CSV file of bank transactions, in any of the known layouts.")],
) -> None:
    """Load bank transactions. Bad rows are refused with reasons. Rows of earlier files are not loaded twice."""
    _import(file, kind=TRANSACTIONS)


@program.command()
def customers(
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx) or CSV file of customers, with a header.")],
) -> None:
    """Load customers of another system, with their ids and limits there. Existing customers are not changed."""
    _import(file, kind=CUSTOMERS)


@program.command()
def loans(
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx) or CSV file of other lenders' loans.")],
) -> None:
    """Load loans of other lenders. They count for scores and limits, and are never billed."""
    _import(file, kind=LOANS)


def _import(file: Path, *, kind: str) -> None:
    began = time.monotonic()
    with running_services(load_settings()) as settings:
        try:
            outcome = asyncio.run(import_with_bar(settings, file, kind=kind))
            refused = asyncio.run(list_first_rejects(settings, outcome))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    say(outcome, seconds=time.monotonic() - began, refused=refused)
    if outcome.has_brought_nothing:
        errors.print("[red]kist:[/] nothing was loaded", soft_wrap=True)
        raise typer.Exit(code=1)


async def import_with_bar(settings: Settings, file: Path, *, kind: str) -> ImportOutcome:
    """Loads a file of a kind and shows the progress."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,} a second"),
        TimeRemainingColumn(),
        console=console,
    )
    began = time.monotonic()
    async with open_context(settings) as context:
        with bar:
            task = bar.add_task(escape(file.name), total=None, rows=0, rate=0)

            def show(progress: ingestion.Progress) -> None:
                rate = int(progress.rows / max(time.monotonic() - began, 0.001))
                bar.update(
                    task,
                    total=progress.bytes_total,
                    completed=progress.bytes_read,
                    rows=progress.rows,
                    rate=rate,
                )

            return await ingestion.import_file(
                context.uow_factory, SYSTEM, file, kind=kind, identity=make_identity_service(settings), progress=show
            )


async def list_first_rejects(settings: Settings, outcome: ImportOutcome) -> list[Reject]:
    """The first rows that an import refused."""
    if not outcome.rows_rejected:
        return []
    async with open_context(settings) as context:
        return await ingestion.list_rejects(context.uow_factory, SYSTEM, outcome.import_id, limit=REJECTS_SHOWN)


def say(outcome: ImportOutcome, *, seconds: float, refused: Sequence[Reject] = ()) -> None:
    """Prints the result of an import."""
    if outcome.already_loaded:
        console.print(f"This file was loaded before, as import {outcome.import_id}: nothing was changed.")
    else:
        mark = "[yellow]![/]" if outcome.has_brought_nothing else "[green]✓[/]"
        again, loaded = outcome.retried, f"{outcome.rows_loaded:,} rows loaded of {outcome.rows_read:,}"
        if again:
            loaded = f"{again.loaded:,} of {again.rows:,} rows tried again were loaded"
        console.print(f"{mark} {loaded} in {seconds:.1f} s (import {outcome.import_id})")
    known = outcome.retried.known if outcome.retried else outcome.rows_known
    if known:
        console.print(f"  rows known already: {known:,}, from earlier files; they are not loaded twice")
    if outcome.rows_rejected:
        console.print(f"[yellow]![/] {outcome.rows_rejected:,} rows were refused; each is kept with its reason")
        for reject in refused:
            console.print(f"  row {reject.row_number}: {escape(reject.reason)}", soft_wrap=True)
        console.print(
            f"  all of them: /api/v1/imports/{outcome.import_id}/rejects, or in the admin pages"
            f" under Rejected rows: #{outcome.import_id}",
            soft_wrap=True,
        )
    if outcome.scores_asked:
        console.print(f"  scores will be computed for {count(outcome.scores_asked, 'customer')}")
