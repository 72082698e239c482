"""`kist score`: what a file of bank transactions says about everybody in it, at once and without storing anything."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.imports.bank_transactions import REASONS
from app.services.imports.file_scoring import FileScores, score_file
from app.services.people.customers import make_identity_service
from app.settings import Settings, load_settings
from app.workers.context import open_context

BAND: int = 100
REJECTS_SHOWN = 10
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def score(
    file: Annotated[Path, typer.Argument(help="A file of bank transactions, in any layout that an import takes.")],
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="A CSV file for the scores.")] = None,
) -> None:
    """Score everybody in a file of bank transactions, checked as an import checks. An estimate: nothing is stored."""
    with running_services(load_settings()) as settings:
        began = time.monotonic()
        try:
            found = asyncio.run(_score(settings, file))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
        seconds = time.monotonic() - began
    _say(found, seconds=seconds)
    if out is not None:
        _write(found, out)


async def _score(settings: Settings, file: Path) -> FileScores:
    columns = TextColumn("{task.description}"), BarColumn(pulse_style="cyan"), TextColumn("{task.completed:,} rows")
    async with open_context(settings) as context:
        with Progress(*columns, TimeElapsedColumn(), console=errors, transient=True) as bar:
            task = bar.add_task("reading", total=None)
            return await score_file(
                context.uow_factory,
                SYSTEM,
                file,
                identity=make_identity_service(settings),
                progress=lambda rows: bar.update(task, completed=rows),
            )


def _say(found: FileScores, *, seconds: float) -> None:
    table = Table("score", "people", box=None, padding=(0, 1), header_style="dim")
    bands = found.scores.group_by(band=pl.col("score") // BAND * BAND).len().sort("band")
    for band, people in bands.iter_rows():
        table.add_row(f"{band} to {band + BAND - 1}", f"{people:,}")
    console.print(table)
    console.print(
        f"[green]✓[/] {found.scores.height:,} people scored from {found.rows_read:,} rows in {seconds:.1f} s,"
        f" {found.rows_read / max(seconds, 0.001):,.0f} rows a second"
        f" (scorecard bank_balance, version {found.scorecard_version})"
    )
    if found.rejects.height:
        console.print(f"[yellow]![/] {found.rejects.height:,} rows were refused; the first of them:")
        for row_number, code in found.rejects.head(REJECTS_SHOWN).iter_rows():
            console.print(f"  row {row_number}: {REASONS[code]}")
    console.print("[dim]An estimate from this file alone: nothing was stored, and no decision reads it.")


def _write(found: FileScores, out: Path) -> None:
    rupees = pl.format(
        "{}{}.{}",
        pl.when(pl.col("balance_paise") < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        pl.col("balance_paise").abs() // 100,
        (pl.col("balance_paise").abs() % 100).cast(pl.String).str.zfill(2),
    )
    shown = found.scores.sort("first_row").select("person", "first_row", "transactions", balance=rupees, score="score")
    try:
        shown.write_csv(out)
    except OSError as error:
        errors.print(f"[red]kist:[/] the scores cannot be written: {error.strerror}", soft_wrap=True)
        raise typer.Exit(code=1) from None
