"""`kist bench`: runs the measurements in `bench/`, which are part of a checkout and not of the installed program."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

CHECKOUT = Path(__file__).resolve().parents[2]
errors = Console(stderr=True, highlight=False)


def bench(
    only: Annotated[str | None, typer.Option(help="Only these groups of figures, separated by commas.")] = None,
    scale: Annotated[float, typer.Option(min=0, help="How much to measure; 1 is the documented amount.")] = 1.0,
    given: Annotated[
        bool, typer.Option("--given", help="On given servers: payments and billing, in a database without customers.")
    ] = False,
    write: Annotated[
        Path | None, typer.Option(help="Also write the table and its picture (figures.md, images/figures.svg) there.")
    ] = None,
) -> None:
    """Measure the speed of the service, each part against another program, on temporary embedded servers."""
    if not (CHECKOUT / "bench" / "__main__.py").exists():
        errors.print("[red]kist:[/] the folder `bench` is missing: run this command in a checkout")
        raise typer.Exit(code=1)
    words = [sys.executable, "-m", "bench", "--scale", str(scale), *(("--only", only) if only else ())]
    words += ["--given"] if given else []
    words += ["--write", str(write.resolve())] if write else []
    # It replaces this process, so that a signal reaches the measurement, which stops its servers.
    os.chdir(CHECKOUT)
    os.execv(sys.executable, words)  # noqa: S606 - no shell is wanted
