"""Figures of a benchmark: a table for people, and one line of JSON each for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measurement, with the unit that it is in."""

    name: str
    value: float
    unit: str
    note: str = ""


def show(console: Console, figures: Sequence[Figure]) -> None:
    """Prints the table and the lines."""
    table = Table("figure", "value", "unit", "measured on", box=None, padding=(0, 1), header_style="dim")
    table.columns[0].no_wrap = True
    table.columns[1].justify = "right"
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:,.1f}", figure.unit, figure.note)
    console.print(table)
    for figure in figures:
        line = {"figure": figure.name, "value": float(f"{figure.value:.4g}"), "unit": figure.unit, "note": figure.note}
        print(json.dumps(line))


def payment_figures(way: str, taken: Sequence[float], *, seconds: float, note: str) -> list[Figure]:
    """What payments took, each and together, in seconds: how many a second, the median and the 95th percentile."""
    return [
        Figure(name=f"payment, {way}", value=len(taken) / seconds, unit="1/s", note=note),
        Figure(name=f"payment, {way}, median", value=_percentile(taken, 0.50), unit="ms", note=note),
        Figure(name=f"payment, {way}, 95 %", value=_percentile(taken, 0.95), unit="ms", note=note),
    ]


def _percentile(seconds: Sequence[float], share: float) -> float:
    """The time in milliseconds within which a share of the measurements stayed."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000
