"""`make chaos`: the whole service under attack for a few minutes, told as it happens; exit 1 if anything is lost."""

import argparse
import asyncio
import random
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.signals import StopRequested, stopped_by_signals
from tests.chaos.faults import Struck
from tests.chaos.run import SETTINGS, Day, live
from tests.chaos.stand import Stand
from tests.stories.running import kist_up

console = Console(highlight=False)


def main() -> None:
    try:
        # Whatever ends us, the service under attack ends with us.
        with stopped_by_signals(threading.Event()):
            attack()
    except StopRequested:
        console.print("[dim]Stopped.")
        sys.exit(130)


def attack() -> None:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long it goes on striking")
    parser.add_argument("--loans", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    wanted = parser.parse_args()
    console.print(f"{wanted.loans} loans, about {wanted.seconds:.0f} s of faults, --seed {wanted.seed}")
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="kist-chaos-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o711)
        with kist_up(home / "home", port=port, **SETTINGS) as up:
            day = asyncio.run(
                live(Stand(up=up), seconds=wanted.seconds, loans=wanted.loans, seed=wanted.seed, tell=tell)
            )
    show(day)
    console.print(f"[dim]{time.monotonic() - began:.0f} s in all, --seed {wanted.seed}")


def tell(struck: Struck) -> None:
    console.print(
        f"{struck.at_seconds:6.1f} s  {struck.name:34} back after {struck.seconds:5.2f} s  [dim]{struck.note}"
    )


def show(day: Day) -> None:
    table = Table("fault", "times", "back after, median", "longest")
    for name in dict.fromkeys(each.name for each in day.struck):
        seconds = sorted(each.seconds for each in day.struck if each.name == name)
        table.add_row(name, str(len(seconds)), f"{seconds[len(seconds) // 2]:.2f} s", f"{seconds[-1]:.2f} s")
    console.print(table)
    load = day.load
    refused = ", ".join(f"{count} x {status}" for status, count in sorted(load.server_errors.items())) or "none"
    console.print(
        f"{load.hung_up} hung up before the answer, {load.retried} requests were sent again; refused for a moment: "
        f"{refused}; the last run finished {day.billed_after_seconds:.1f} s after the last payment"
    )
    for line in day.verdict:
        console.print(f"[green]✓[/] {line}")


if __name__ == "__main__":
    main()
