"""The figures of a benchmark: each is printed as a line of JSON when it is measured, and all in a table at the end.

A time alone means little on another machine. So, where possible, we measure a peer that does the same work with a bare
tool, in turns with ours. The ratio says how much of the peer's speed we reach.
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
    """One measurement with its unit. `bound` is the documented limit in words ("at least 0.5", "at most 8")."""

    name: str
    value: float
    unit: str
    note: str = ""
    bound: str = ""

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return f"{self.value:,.2f}" if self.value < 10 else f"{self.value:,.0f}"

    @property
    def room(self) -> float | None:
        """How many times better than its bound the figure is: 1 is the bound itself, below 1 it is missed. None if it
        has no bound."""
        if not self.bound:
            return None
        limit = float(self.bound.split()[-1].replace(",", ""))
        return self.value / limit if self.bound.startswith("at least") else limit / self.value

    @property
    def missed(self) -> bool:
        """Whether the bound is not kept."""
        return self.room is not None and self.room < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Our rate and a peer's, measured one after the other, both per second."""

    ours: float
    peer: float


def alternate(rounds: int, ours: Callable[[], float], peer: Callable[[], float]) -> list[Pair]:
    """Measures two rates in turns and swaps the order each round, so that a slow moment of the machine hits both."""
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
    """Our rate, the peer's rate and the median of their ratios. `peer` is the peer's name."""
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
    """The figures of one benchmark. Each is printed as JSON at once, so that a later failure does not lose it. A failed
    measurement is reported, and the others continue."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.figures: list[Figure] = []
        self.failures: list[str] = []

    def add(self, figures: Iterable[Figure]) -> None:
        """Takes figures one by one, as they are measured."""
        for figure in figures:
            self.figures.append(figure)
            print(_line(figure), flush=True)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Reports an error in the block as a failure of this measurement only."""
        try:
            yield
        except Exception as error:
            # Only the first line with text: an assertion may print its operands after it.
            first_line = next((line for line in str(error).splitlines() if line.strip()), "")
            self.failures.append(f"{what}: {type(error).__name__}: {first_line[:300]}")
            self.console.print(f"[red]![/] {escape(self.failures[-1])}", soft_wrap=True)

    def show(self) -> None:
        """Prints the table, and the measurements that failed."""
        table = Table("figure", "value", "unit", "bound", "measured on", box=None, padding=(0, 1), header_style="dim")
        table.columns[0].no_wrap = True
        table.columns[1].justify = "right"
        for figure in self.figures:
            bound = f"[red]{figure.bound}: missed[/]" if figure.missed else figure.bound
            table.add_row(figure.name, figure.shown, figure.unit, bound, figure.note)
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
            "missed": figure.missed,
            "note": figure.note,
        }
    )


def percentile(seconds: Sequence[float], share: float) -> float:
    """The percentile of measured seconds, in milliseconds; `share` 0.99 is the 99th."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000
