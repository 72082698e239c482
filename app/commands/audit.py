"""`kist audit verify`: every seal over the audit trail computed again. It reports, and never repairs."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.domain.operations.audit import Finding, Head, NotAHead, parse_head
from app.embedded import running_services
from app.services.operations import audit
from app.settings import Settings, decode_key, load_settings
from app.workers.context import open_context

program = typer.Typer(name="audit", no_args_is_help=True, help="The audit trail and its seals.")
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

SHOWN = 50


@program.callback()
def group() -> None:
    """The audit trail and its seals."""


@program.command()
def verify(
    head: Annotated[str | None, typer.Option(help="A head that was kept elsewhere: it must still be there.")] = None,
) -> None:
    """Compute every seal again; exit 1 if an event or a seal was changed, removed, inserted or reordered."""
    try:
        kept = None if head is None else parse_head(head)
    except NotAHead as error:
        errors.print(f"[red]kist:[/] {escape(error.message)}")
        raise typer.Exit(code=1) from None
    with running_services(load_settings()) as settings:
        findings = asyncio.run(_verify(settings, kept))
    if findings:
        table = Table("seal", "events", "problem", title=f"{len(findings):,} findings")
        for finding in findings[:SHOWN]:
            table.add_row(str(finding.seal or ""), finding.events, finding.problem)
        console.print(table)
        raise typer.Exit(code=1)


async def _verify(settings: Settings, kept: Head | None) -> list[Finding]:
    findings: list[Finding] = []
    seals = events = 0
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TextColumn("seals"), TimeRemainingColumn())
    async with open_context(settings) as context:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("seals", total=await audit.count_seals(context.uow_factory))
            async for verified in audit.verify(context.uow_factory, key=decode_key(settings.audit_key), head=kept):
                findings += verified.findings
                seals, events = verified.seals, verified.events
                bar.update(task, completed=seals)
        head, unsealed = await audit.view_end(context.uow_factory)
    if not findings:
        console.print(f"[green]✓[/] {events:,} events are as they were sealed, under {seals:,} seals")
    console.print(f"head: {head or 'none yet'}", soft_wrap=True)
    if unsealed.oldest_at is not None:
        console.print(
            f"not sealed yet: {unsealed.events:,} events, the oldest of {unsealed.oldest_at:%Y-%m-%d %H:%M} UTC"
        )
    return findings
