"""`python -m bench.against OTHER`: payments, reads or billing of this checkout against those of another one, in turns.

Two whole runs of the benchmark, one after the other, differ by a tenth when nothing has changed. Here both versions run
at the same time, each on servers of its own, and one client asks them in turns, in rounds of some seconds; the CPU time
that their processes take, without PostgreSQL's, is measured with it. OTHER is a checkout of another commit with an
environment of its own (or the same): `git worktree add OTHER COMMIT && ln -s "$PWD/.venv" OTHER/.venv`. Name it twice
for a control.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIDE = Path(__file__).with_name("side.py")
#: What is asked in a round: how often, over how many connections; how many loans are billed, by how many workers.
ROUNDS = {
    "payments": {"payments": (600, 32), "payments, one connection": (100, 1), "the probe /livez": (2_000, 32)},
    "reads": {"a loan read": (3_000, 32), "a statement read": (2_000, 32), "the probe /livez": (3_000, 32)},
    "billing": {"billing, one worker": (40_000, 1), "billing, two workers": (40_000, 2)},
}
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


class Side:
    """One checkout, its servers, and a loaded book."""

    def __init__(self, checkout: Path, group: str, *, loans: int) -> None:
        self.checkout, self.group = checkout, group
        python = checkout / ".venv" / "bin" / "python"
        # The script is ours for both sides: it must find the modules of its own side.
        self._process = subprocess.Popen(
            [str(python), str(SIDE), group, str(loans)],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while not self._read().get("is_ready"):
            pass

    def measure(self, what: str) -> dict[str, float]:
        """One round: answers a second, the median answer in milliseconds, and CPU microseconds an answer."""
        assert self._process.stdin is not None, "the side reads from a pipe"
        count, connections = ROUNDS[self.group][what]
        self._process.stdin.write(json.dumps({"what": what, "count": count, "connections": connections}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def end(self) -> None:
        """Ends it and its servers."""
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None, "the side writes to a pipe"
        for line in self._process.stdout:
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise SystemExit(f"{self.checkout} does not run: try `python -m bench` there")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.against", description=__doc__)
    parser.add_argument("other", type=Path, nargs="+", help="another checkout, or several")
    parser.add_argument("--only", choices=sorted(ROUNDS), default="payments")
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    checkouts = [Path.cwd(), *(each.resolve() for each in options.other)]
    rounds = ROUNDS[options.only]
    # A loan is paid once, and read often; a book is billed in a fresh copy each time.
    paid = (options.rounds + 1) * sum(count for what, (count, _) in rounds.items() if what.startswith("payments"))
    loans = paid or max(count for count, _ in rounds.values())
    sides = []
    try:
        for checkout in checkouts:
            console.print(f"[dim]loading a book in {checkout} ...")
            sides.append(Side(checkout, options.only, loans=loans))
        show(checkouts, {what: turns(sides, what, rounds=options.rounds) for what in rounds})
    finally:
        for side in sides:
            side.end()


def turns(sides: list[Side], what: str, *, rounds: int) -> list[list[dict[str, float]]]:
    """The rounds of each side, after one to warm up; who is first changes from round to round."""
    console.print(f"[dim]{what} ...")
    for side in sides:
        side.measure(what)
    found: list[list[dict[str, float]]] = [[] for _ in sides]
    for number in range(rounds):
        places = list(range(len(sides)))
        for place in places if number % 2 else reversed(places):
            found[place].append(sides[place].measure(what))
    return found


def show(checkouts: list[Path], measured: dict[str, list[list[dict[str, float]]]]) -> None:
    """The medians of each side, and of its ratios to this checkout round by round."""
    table = Table("what", "checkout", "1/s", "this / it", "median ms", "this / it", "CPU us", "this / it", box=None)
    for what, sides in measured.items():
        for checkout, found in zip(checkouts, sides, strict=True):
            cells = []
            for name in ("rate", "median_ms", "cpu_us"):
                ratios = [ours[name] / theirs[name] for ours, theirs in zip(sides[0], found, strict=True)]
                cells += [f"{statistics.median(each[name] for each in found):,.1f}", f"{statistics.median(ratios):.2f}"]
            table.add_row(what, checkout.name, *cells)
    console.print(table)


if __name__ == "__main__":
    main()
