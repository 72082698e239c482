"""`kist bench`: the measurements in `bench/`, which stand beside the program and are no part of it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

CHECKOUT = Path(__file__).resolve().parents[2]
errors = Console(stderr=True, highlight=False)


def bench(
    only: Annotated[str | None, typer.Option(help="Some groups of figures, with commas between them.")] = None,
    scale: Annotated[float, typer.Option(min=0, help="Of the amount of work; 1 is what is documented.")] = 1.0,
) -> None:
    """Measure the speed of everything, each thing against a peer, on temporary embedded servers."""
    if not (CHECKOUT / "bench" / "__main__.py").exists():
        errors.print("[red]kist:[/] the measurements are in the folder bench of a checkout, and this is none")
        raise typer.Exit(code=1)
    words = [sys.executable, "-m", "bench", "--scale", str(scale), *(("--only", only) if only else ())]
    # In our place, so that whoever ends us ends the measurement, and it its servers.
    os.chdir(CHECKOUT)
    os.execv(sys.executable, words)  # noqa: S606 - no shell is wanted
