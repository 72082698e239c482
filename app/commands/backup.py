"""`kist backup` and `kist restore`: the database into one file and out of it, table by table before your eyes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.db.archive import ArchiveFailed
from app.embedded import running_services
from app.embedded.postgres import PROGRAMS
from app.services.operations.backup import BackupRefused, Manifest, back_up, bring_back, check_backup, read_manifest
from app.settings import Settings, load_settings

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("rows"))


def backup(file: Annotated[Path, typer.Argument(help="Where to write it; it must not exist yet.")]) -> None:
    """Write the whole database, as of this moment, into one file. The secrets are not in it: keep them apart."""

    async def action(settings: Settings, progress: Progress) -> Manifest:
        bar = progress.add_task("reading", total=None)

        def notify(table: str, rows: int, total: int) -> None:
            progress.update(bar, description=table, advance=rows, total=total)

        return await back_up(settings, file, programs=PROGRAMS, notify=notify)

    manifest = _run(action, load_settings())
    size = file.stat().st_size / 1_000_000
    console.print(f"[green]✓[/] {sum(manifest.rows.values()):,} rows in {escape(str(file))} ({size:.1f} MB)")
    console.print(f"audit head: {manifest.audit_head or 'none yet'}", soft_wrap=True)
    console.print(
        "The keys are not in it. Without them its Aadhaar numbers cannot be read: keep a copy, apart from it."
    )


def restore(file: Annotated[Path, typer.Argument(help="A file that `kist backup` wrote.")]) -> None:
    """Restore a backup into an empty database, under the secrets with which it was made."""

    async def action(settings: Settings, progress: Progress) -> Manifest:
        rows = read_manifest(file).rows
        bar = progress.add_task("checking", total=sum(rows.values()))

        def notify(table: str) -> None:
            progress.update(bar, description=table, advance=rows.get(table, 0))

        return await bring_back(settings, file, programs=PROGRAMS, notify=notify)

    # A backup that is refused leaves nothing in a new KIST_HOME: no secrets, no servers.
    settings = load_settings(keeps_new=False)
    with _refusals():
        check_backup(settings, file)
    manifest = _run(action, settings)
    console.print(f"[green]✓[/] {sum(manifest.rows.values()):,} rows of {manifest.made_at}, as the manifest says")
    head = f" --head {manifest.audit_head}" if manifest.audit_head else ""
    console.print(f"Now: kist migrate, kist reconcile, kist audit verify{head}", soft_wrap=True)


def _run(action: Callable[[Settings, Progress], Awaitable[Manifest]], settings: Settings) -> Manifest:
    async def with_bar(settings: Settings) -> Manifest:
        with Progress(*COLUMNS, console=console) as progress:
            return await action(settings, progress)

    with running_services(settings, valkey=False) as found, _refusals():
        return asyncio.run(with_bar(found))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BackupRefused, ArchiveFailed, OSError) as error:
        errors.print(f"[red]kist:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(code=1) from None
