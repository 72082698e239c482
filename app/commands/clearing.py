"""`kist clearing`: loads a clearing file of a card network."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.imports.clearings import ClearingOutcome, load_clearings
from app.settings import Settings, load_settings
from app.workers.context import open_context

REJECTS_SHOWN = 10
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def clearing(
    file: Annotated[
        Path, typer.Argument(help="A CSV file in the layout of docs/cards.md.", exists=True, dir_okay=False)
    ],
) -> None:
    """Load a clearing file of a card network. The same file a second time changes nothing."""
    with running_services(load_settings()) as settings:
        try:
            outcome = asyncio.run(_load(settings, file))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    _say(outcome)
    if outcome.read and outcome.rejected == outcome.read:
        raise typer.Exit(code=1)


async def _load(settings: Settings, file: Path) -> ClearingOutcome:
    async with open_context(settings) as context:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            return await load_clearings(context.uow_factory, SYSTEM, lines)


def _say(outcome: ClearingOutcome) -> None:
    console.print(
        f"[green]✓[/] {outcome.read:,} rows: {outcome.loaded:,} posted, {outcome.known:,} known before,"
        f" {outcome.rejected:,} refused"
    )
    for reject in outcome.rejects[:REJECTS_SHOWN]:
        console.print(f"  row {reject.row}: {escape(reject.message)} ({reject.code})")
