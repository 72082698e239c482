"""`kist reconcile`: compares every loan with its ledger, and the books with both. It reports, and never repairs."""

import asyncio
import time

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.commands.counting import count
from app.domain.money import format_inr
from app.domain.people.access import SYSTEM
from app.domain.reporting.reconciliation import Difference
from app.embedded import running_services
from app.services.accounting import agreement
from app.services.accounting.agreement import Agreement
from app.services.cards import reconciliation as cards
from app.services.cards.reconciliation import CardDifference
from app.services.reporting import reconciliation
from app.settings import Settings, load_settings
from app.workers.context import open_context

console = Console(highlight=False)

#: Many differences often have one cause, so only the first ones are shown.
SHOWN = 50


def reconcile() -> None:
    """Derive every balance again from the loan's transfers and history. Exit 1 if a paisa differs."""
    began = time.monotonic()
    with running_services(load_settings()) as settings:
        loans, differences = asyncio.run(_reconcile(settings))
        accounts, of_cards = asyncio.run(_reconcile_cards(settings))
        books = asyncio.run(_compare(settings))
    seconds = time.monotonic() - began
    if accounts and not of_cards:
        console.print(f"[green]✓[/] {count(accounts, 'card account')}: ledger and past agree")
    for one in of_cards[:SHOWN]:
        console.print(f"card account {one.account_id}: {one.what} is {one.stored}, derived {one.derived}")
    if not differences:
        agree = "agrees with its ledger" if loans == 1 else "agree with their ledgers"
        console.print(f"[green]✓[/] {count(loans, 'loan')} {agree} to the paisa ({seconds:.1f} s)")
        _show(books)
        if of_cards or books.differences:
            raise typer.Exit(code=1)
        return
    table = Table(
        "loan",
        "figure",
        "stored",
        "derived",
        title=f"{count(len(differences), 'difference')} in {count(loans, 'loan')}",
    )
    for difference in differences[:SHOWN]:
        table.add_row(str(difference.loan_id), difference.figure, str(difference.stored), str(difference.derived))
    console.print(table)
    _show(books)
    raise typer.Exit(code=1)


def _show(books: Agreement) -> None:
    """Whether the trial balance is the sum of the loans, and what was kept of closed periods that of the ledgers."""
    for one in books.differences:
        kept, ledger = format_inr(one.kept_paise), format_inr(one.ledger_paise)
        console.print(f"books: {one.what} is {kept}, the ledger says {ledger}")
    if not books.differences:
        closed = f", closed through {books.closed_through}" if books.closed_through else ""
        console.print(f"[green]✓[/] the trial balance of {format_inr(books.total_paise)} agrees with them{closed}")


async def _compare(settings: Settings) -> Agreement:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        return await agreement.compare(uow)


async def _reconcile_cards(settings: Settings) -> tuple[int, list[CardDifference]]:
    accounts, found = 0, list[CardDifference]()
    async with open_context(settings) as context:
        async for page in cards.reconcile_all(context.uow_factory):
            accounts += page.accounts
            found += page.differences
    return accounts, found


async def _reconcile(settings: Settings) -> tuple[int, list[Difference]]:
    found: list[Difference] = []
    done = 0
    columns = (TextColumn("reconciling"), BarColumn(), MofNCompleteColumn(), TextColumn("loans"), TimeRemainingColumn())
    async with open_context(settings) as context:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("loans", total=await reconciliation.count_loans(context.uow_factory))
            async for page in reconciliation.reconcile_all(context.uow_factory):
                done += page.loans
                found += page.differences
                bar.update(task, completed=done)
    return done, found
