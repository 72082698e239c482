"""`kist bench`: the measurements in `bench/`, which stand beside the program and are no part of it."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

CHECKOUT = Path(__file__).resolve().parents[2]
errors = Console(stderr=True, highlight=False)


def bench(
    loans: Annotated[int, typer.Option(min=1, help="Loans in the billing run.")] = 20_000,
    payments: Annotated[int, typer.Option(min=1, help="Payments of each kind.")] = 1_000,
) -> None:
    """Measure decisions, a payment and a billing range, on a temporary embedded database."""
    if not (CHECKOUT / "bench" / "__main__.py").exists():
        errors.print("[red]kist:[/] the measurements are in the folder bench of a checkout, and this is none")
        raise typer.Exit(code=1)
    words = [sys.executable, "-m", "bench", "--loans", str(loans), "--payments", str(payments)]
    raise typer.Exit(code=subprocess.run(words, cwd=CHECKOUT, check=False).returncode)
