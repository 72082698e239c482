"""`kist reference`: the pages of docs/reference, written from the code that they describe.

A page is a text that depends on the code alone, so the same code writes the same bytes; a test of the house compares
the pages in the repository with what is written now. Making them needs the whole API, which is imported only then:
otherwise every other command, and every worker, would take twice as long to start.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console(highlight=False)


def reference(
    write: Annotated[Path, typer.Option(file_okay=False, help="The folder that the pages are written to.")],
    client: Annotated[
        Path | None, typer.Option(file_okay=False, help="The folder of the package kist.client, to write it too.")
    ] = None,
) -> None:
    """Write the error codes, events, terms of a product, the rulebook and the OpenAPI document of this version."""
    pages = importlib.import_module("app.commands.reference.pages")
    _write(write, pages.PAGES)
    if client is not None:
        _write(client, pages.CLIENT)


def _write(folder: Path, pages: Mapping[str, Callable[[], str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (folder / name).write_text(page(), encoding="utf-8")
        console.print(f"[green]✓[/] {folder / name}", soft_wrap=True)
