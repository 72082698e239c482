"""`kist reference`: the pages of docs/reference, written from the code that they describe.

A page is a text that depends on the code alone, so the same code writes the same bytes; a test of the house compares
the pages in the repository with what is written now.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from app.commands.reference import python_client
from app.commands.reference.contract import openapi_document
from app.commands.reference.error_codes import error_codes
from app.commands.reference.event_types import event_types
from app.commands.reference.metrics import metrics
from app.commands.reference.product_terms import product_terms
from app.commands.reference.rules import rulebook

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "errors.md": error_codes,
    "events.md": event_types,
    "metrics.md": metrics,
    "openapi.json": openapi_document,
    "product-terms.md": product_terms,
    "rules.md": rulebook,
}

#: The modules of the package kist.client that are written from the document.
CLIENT: Final[Mapping[str, Callable[[], str]]] = {
    "codes.py": python_client.codes,
    "models.py": python_client.models,
    "operations.py": python_client.operations,
}

console = Console(highlight=False)


def reference(
    write: Annotated[Path, typer.Option(file_okay=False, help="The folder that the pages are written to.")],
    client: Annotated[
        Path | None, typer.Option(file_okay=False, help="The folder of the package kist.client, to write it too.")
    ] = None,
) -> None:
    """Write the error codes, events, terms of a product, the rulebook and the OpenAPI document of this version."""
    _write(write, PAGES)
    if client is not None:
        _write(client, CLIENT)


def _write(folder: Path, pages: Mapping[str, Callable[[], str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (folder / name).write_text(page(), encoding="utf-8")
        console.print(f"[green]✓[/] {folder / name}", soft_wrap=True)
