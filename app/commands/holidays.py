"""`kist holidays`: loads the holidays of the lender's calendar, by which working days are counted."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.embedded import running_services
from app.services.products.holidays import load_holidays
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def holidays(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns on, name.", exists=True, dir_okay=False)],
) -> None:
    """Load the holidays of the lender's calendar. The same file a second time changes nothing."""
    with running_services(load_settings()) as settings:
        try:
            loaded = asyncio.run(_load(settings, file))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    console.print(f"[green]✓[/] {loaded:,} {'holiday' if loaded == 1 else 'holidays'}")


async def _load(settings: Settings, file: Path) -> int:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            return await load_holidays(uow, lines)
