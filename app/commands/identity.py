"""`kist rotate-aadhaar-key`: encrypts every Aadhaar number with the current key, with a progress bar. The secrets of
webhooks are encrypted under the same versions, and come first."""

import asyncio

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.embedded import running_services
from app.services.events import webhooks
from app.services.events.sealed_secrets import create_secret_box
from app.services.people import identity
from app.services.people.vault import SealBroken, create_vault
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def rotate_aadhaar_key() -> None:
    """Encrypt every Aadhaar number with the current key. It may be stopped and run again."""
    with running_services(load_settings()) as settings:
        try:
            done = asyncio.run(_rotate(settings))
        except SealBroken as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}")
            raise typer.Exit(code=1) from None
    console.print(
        f"[green]✓[/] {done:,} numbers were encrypted again; all are now under key {settings.aadhaar_key_version}"
    )


async def _rotate(settings: Settings) -> int:
    vault, done = create_vault(settings), 0
    columns = (
        TextColumn("encrypting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("numbers"),
        TimeRemainingColumn(),
    )
    async with open_context(settings) as context:
        await webhooks.reseal_secrets(context.uow_factory, box=create_secret_box(settings))
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("numbers", total=await identity.count_to_rotate(context.uow_factory, vault=vault))
            async for sealed in identity.rotate_key(context.uow_factory, vault=vault):
                done += sealed
                bar.update(task, completed=done)
    return done
