"""`kist rules`: what the law asks of us on a day and what changes next; `kist rules check`: what breaks it."""

import asyncio
import sys
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from app.domain.people.access import SYSTEM
from app.domain.rulebook.rules import Sureness
from app.embedded import running_services
from app.services.rulebook import rules
from app.services.rulebook.rules import BrokenRule, RulesChecked, RulesOfDay
from app.settings import Settings, load_settings
from app.workers.context import open_context

program = typer.Typer(name="rules", help="The rules in force, and what breaks them.", invoke_without_command=True)
#: A file or a pipe has no known width; this shows every rule on one line.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)

On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: the business date.")]


@program.callback()
def show(context: typer.Context, on: On = None) -> None:
    """Show the rules in force on a day for our kind of lender, with their sources, and what changes next."""
    if context.invoked_subcommand is not None:
        return
    with running_services(load_settings()) as settings:
        found = asyncio.run(_view(settings, _day(on)))
    table = Table(
        Column("rule", no_wrap=True),
        "value",
        "from",
        "until",
        "source",
        "sure",
        title=f"{found.lender.value}, {found.on}",
    )
    for row in found.rows:
        until = "" if row.until is None else str(row.until)
        sure = "" if row.source.sureness is Sureness.HIGH else row.source.sureness.value
        table.add_row(row.rule.value, row.shown, str(row.from_on), until, row.source.reference, sure)
    console.print(table)
    for change in found.changes:
        before = "new" if change.before is None else change.before.shown
        after = "ends" if change.after is None else change.after.shown
        named = change.after or change.before
        assert named is not None, "a change has a row before or after it"
        console.print(f"{change.on}: {named.rule.value}: {before} -> {after}")


@program.command()
def check(on: On = None) -> None:
    """Judge every product version and open loan by the rules of a day; exit 1 if an offer or a loan breaks one."""
    with running_services(load_settings()) as settings:
        found = asyncio.run(_check(settings, _day(on)))
    for broken in found.broken:
        breach, row = broken.breach, broken.breach.row
        console.print(
            f"{broken.product}.{broken.version} ({_state(broken)}) breaks {row.rule.value}: {breach.term} is "
            f"{breach.found} ({row.source.reference})",
            soft_wrap=True,
        )
    if any(broken.is_offered or broken.loans for broken in found.broken):
        raise typer.Exit(code=1)
    console.print(
        f"[green]✓[/] no offer and no open loan breaks a rule of {found.on} "
        f"({found.versions} product versions, {found.loans:,} loans)"
    )


def _state(broken: BrokenRule) -> str:
    if broken.loans:
        return f"{broken.loans:,} open loans, first {broken.first_loan}"
    return "on offer" if broken.is_offered else "replaced"


def _day(on: datetime | None) -> date | None:
    return None if on is None else on.date()


async def _view(settings: Settings, on: date | None) -> RulesOfDay:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        return await rules.view_rules(uow, on=on)


async def _check(settings: Settings, on: date | None) -> RulesChecked:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        return await rules.check_rules(uow, on=on)
