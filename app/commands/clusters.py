"""`kist distribute`: one server becomes a cluster."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.embedded import running_services
from app.services.operations import clusters
from app.services.operations.clusters import SHARDS, DistributeRefused
from app.settings import Settings, load_settings

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

ONE_WAY = (
    "This is one way: rows that are in shards do not come back into one server, except by restoring a backup there. "
    "Stop the API and the workers before, and start them again afterwards."
)


def distribute(
    shards: Annotated[int, typer.Option(min=1, max=4_096, help="Shards of a new cluster.")] = SHARDS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Distribute the tables over the servers of a Citus cluster, by customer; on a new or a filled database."""
    with running_services(load_settings(), valkey=False) as settings:
        distribute_with(settings, shards=shards, dry_run=dry_run)


def distribute_with(settings: Settings, *, shards: int = SHARDS, dry_run: bool = False) -> None:
    """Distributes what is not distributed yet, and says so."""
    try:
        steps = asyncio.run(clusters.read_plan(settings, shards=shards))
        if not steps:
            console.print("Every table is in its place, and every setting is made.")
            return
        console.print(ONE_WAY)
        if dry_run:
            for step in steps:
                console.print(f"  {step.what}\n    [dim]{escape(step.statement)}[/]", soft_wrap=True)
            return
        failed = asyncio.run(clusters.distribute(settings, steps, shards=shards, notify=_say))
    except DistributeRefused as error:
        errors.print(f"[red]kist:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(code=1) from None
    for statement in failed:
        console.print(f"could not free space, run it later: {escape(statement)}", soft_wrap=True)
    console.print(f"[green]✓[/] {len(steps) - len(failed)} of {len(steps)} steps done")


def _say(what: str, number: int, of: int) -> None:
    console.print(f"[dim]{number}/{of}[/] {escape(what)}", soft_wrap=True)
