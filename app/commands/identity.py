"""`kist rotate-aadhaar-key`: every Aadhaar number sealed under the present key, with a bar that says how far it is."""

import asyncio

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.embedded import running_services
from app.services.people import identity
from app.services.people.vault import SealBroken, create_vault
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def rotate_aadhaar_key() -> None:
    """Seal every Aadhaar number under the present key. May be stopped and run again; twice changes nothing."""
    with running_services(load_settings()) as settings:
        try:
            done = asyncio.run(_rotate(settings))
        except SealBroken as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}")
            raise typer.Exit(code=1) from None
    console.print(f"[green]✓[/] {done:,} numbers were sealed anew; all are under key {settings.aadhaar_key_version}")


async def _rotate(settings: Settings) -> int:
    vault, done = create_vault(settings), 0
    columns = (TextColumn("sealing"), BarColumn(), MofNCompleteColumn(), TextColumn("numbers"), TimeRemainingColumn())
    async with open_context(settings) as context:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("numbers", total=await identity.count_to_rotate(context.uow_factory, vault=vault))
            async for sealed in identity.rotate_key(context.uow_factory, vault=vault):
                done += sealed
                bar.update(task, completed=done)
    return done
