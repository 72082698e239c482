"""Figures of a benchmark: one line of JSON each as soon as it is known, and a table for people at the end.

A time alone means little on another machine. Where a figure can be held against a peer (the same work done by a bare
tool, in the same run, in turns), it is a ratio: how much of the peer's speed we reach.
"""

import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measurement, with the unit that it is in. `bound` is the promise it is held to, in words ("at most 8")."""

    name: str
    value: float
    unit: str
    note: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Our rate and a peer's, measured one right after the other; both in the same unit a second."""

    ours: float
    peer: float


def alternate(rounds: int, ours: Callable[[], float], peer: Callable[[], float]) -> list[Pair]:
    """Measures two rates in turns, the order swapped each round, so that a slow minute of the machine hits both."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second, first = peer(), ours()
            pairs.append(Pair(ours=first, peer=second))
        else:
            pairs.append(Pair(ours=ours(), peer=peer()))
    return pairs


def ratio_figures(
    name: str, pairs: Sequence[Pair], *, unit: str, peer: str, note: str = "", bound: str = ""
) -> list[Figure]:
    """Our rate, the peer's rate and the median of their ratios. `peer` names what we are held against."""
    return [
        Figure(name=name, value=statistics.median(pair.ours for pair in pairs), unit=unit, note=note),
        Figure(name=f"{name}: {peer}", value=statistics.median(pair.peer for pair in pairs), unit=unit, note=note),
        Figure(
            name=f"{name}: ratio",
            value=statistics.median(pair.ours / pair.peer for pair in pairs),
            unit="x",
            note=f"ours / {peer}, {len(pairs)} in turns",
            bound=bound,
        ),
    ]


class Report:
    """The figures of one benchmark. Each is printed as a line of JSON when it is known, so that none is lost with what
    comes after it; what fails is named, and the rest goes on."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.figures: list[Figure] = []
        self.failures: list[str] = []

    def add(self, figures: Iterable[Figure]) -> None:
        """Takes figures one by one, as they become known."""
        for figure in figures:
            self.figures.append(figure)
            print(_line(figure), flush=True)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Whatever goes wrong in the block is a failure of this measurement alone."""
        try:
            yield
        except Exception as error:
            # The first line that says something: an assertion of a test's kind shows its operands after it.
            said = next((line for line in str(error).splitlines() if line.strip()), "")
            self.failures.append(f"{what}: {type(error).__name__}: {said[:300]}")
            self.console.print(f"[red]![/] {escape(self.failures[-1])}", soft_wrap=True)

    def show(self) -> None:
        """The table for people, and what is not in it."""
        table = Table("figure", "value", "unit", "bound", "measured on", box=None, padding=(0, 1), header_style="dim")
        table.columns[0].no_wrap = True
        table.columns[1].justify = "right"
        for figure in self.figures:
            value = f"{figure.value:,.2f}" if figure.value < 10 else f"{figure.value:,.0f}"
            table.add_row(figure.name, value, figure.unit, figure.bound, figure.note)
        self.console.print(table)
        for failure in self.failures:
            self.console.print(f"[red]![/] not measured: {escape(failure)}", soft_wrap=True)


def _line(figure: Figure) -> str:
    return json.dumps(
        {
            "figure": figure.name,
            "value": float(f"{figure.value:.4g}"),
            "unit": figure.unit,
            "bound": figure.bound,
            "note": figure.note,
        }
    )


def percentile(seconds: Sequence[float], share: float) -> float:
    """The time in milliseconds within which a share of the measurements stayed."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000
