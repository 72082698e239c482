"""`kist generate`: sample data of any size, the same for the same seed, as files or loaded at once."""

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.commands.ingestion import import_with_bar, say
from app.domain.people.customers import is_external_id
from app.embedded import running_services
from app.services.imports.ingestion import CUSTOMERS, LOANS, TRANSACTIONS
from app.services.samples.files import GeneratedFiles, write_files
from app.services.samples.generator import Sample
from app.settings import load_settings

console = Console(highlight=False)


def generate(
    customers: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many people.")] = 300,
    loans_per_customer: Annotated[int, typer.Option(min=0, max=50, help="Loans elsewhere of each who has any.")] = 3,
    transactions: Annotated[
        int, typer.Option(min=0, max=1_000_000_000, help="Bank transactions of all of them.")
    ] = 5_000,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The same seed makes the same files.")] = 1,
    prefix: Annotated[str, typer.Option(help="Put this before every customer's id: letters, digits and . _ : -")] = "",
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where the files go; with --load it may be left out.")
    ] = None,
    load: Annotated[bool, typer.Option("--load", help="Load the files at once.")] = False,
) -> None:
    """Make sample files of customers, loans and transactions, with the traps that real ones have."""
    if out is None and not load:
        raise typer.BadParameter("say where the files go (--out), or load them at once (--load)", param_hint="--out")
    if prefix and not is_external_id(f"{prefix}{customers}"):
        raise typer.BadParameter("an id has up to 64 letters, digits and . _ : -", param_hint="--prefix")
    sample = Sample(
        customers=customers,
        loans_per_customer=loans_per_customer,
        transactions=transactions,
        seed=seed,
        prefix=prefix,
    )
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kist-generated-")))
        began = time.monotonic()
        files = _write(sample, folder)
        where = f" in {folder}" if out else ""
        console.print(f"[green]✓[/] made{where} in {time.monotonic() - began:.1f} s", soft_wrap=True)
        if load:
            _load(files)


def _write(sample: Sample, folder: Path) -> GeneratedFiles:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    totals = {"customers": sample.customers, "loans": sample.loans, "transactions": sample.transactions}
    with bar:
        tasks = {name: bar.add_task(name, total=total) for name, total in totals.items()}
        return write_files(sample, folder=folder, report=lambda name, rows: bar.advance(tasks[name], rows))


def _load(files: GeneratedFiles) -> None:
    with running_services(load_settings()) as settings:
        for kind, path in ((CUSTOMERS, files.customers), (LOANS, files.loans), (TRANSACTIONS, files.transactions)):
            began = time.monotonic()
            outcome = asyncio.run(import_with_bar(settings, path, kind=kind))
            say(outcome, seconds=time.monotonic() - began)
