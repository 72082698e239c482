"""`kist reference`: the pages of docs/reference, written from the code that they describe.

A page is a text that depends on the code alone, so the same code writes the same bytes; a test of the house compares
the pages in the repository with what is written now.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from app.commands.reference.contract import openapi_document
from app.commands.reference.error_codes import error_codes
from app.commands.reference.product_terms import product_terms
from app.commands.reference.rules import rulebook

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "errors.md": error_codes,
    "openapi.json": openapi_document,
    "product-terms.md": product_terms,
    "rules.md": rulebook,
}

console = Console(highlight=False)


def reference(
    write: Annotated[Path, typer.Option(file_okay=False, help="The folder that the pages are written to.")],
) -> None:
    """Write the error codes, the terms of a product, the rulebook and the OpenAPI document of this version."""
    write.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (write / name).write_text(page(), encoding="utf-8")
        console.print(f"[green]✓[/] {write / name}", soft_wrap=True)
