"""`make chaos`: injects faults into the service for a few minutes, and prints each. Exit 1 if anything is lost."""

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
from tests.chaos.faults import FaultRecord
from tests.chaos.middle import EVERYTHING
from tests.chaos.run import SETTINGS, ChaosResult, run_chaos
from tests.chaos.target import Target
from tests.stories.running import kist_up

console = Console(highlight=False)


def main() -> None:
    try:
        # The service under test is stopped on a signal too.
        with stopped_by_signals(threading.Event()):
            attack()
    except StopRequested:
        console.print("[dim]Stopped.")
        sys.exit(130)


def attack() -> None:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="for how long faults are injected")
    parser.add_argument("--only", default="", help="only faults that have these words in their names")
    parser.add_argument("--loans", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    console.print(f"{options.loans} loans, about {options.seconds:.0f} s of faults, --seed {options.seed}")
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="kist-chaos-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o711)
        with kist_up(home / "home", port=port, **SETTINGS) as up:
            chaos = run_chaos(
                Target(up=up),
                seconds=options.seconds,
                loans=options.loans,
                seed=options.seed,
                faults=[fault for fault in EVERYTHING if options.only in fault.name],
                report=report,
            )
            result = asyncio.run(chaos)
    show(result)
    console.print(f"[dim]{time.monotonic() - began:.0f} s in all, --seed {options.seed}")


def report(record: FaultRecord) -> None:
    console.print(
        f"{record.at_seconds:6.1f} s  {record.name:34} back after {record.seconds:5.2f} s  [dim]{record.note}"
    )


def show(result: ChaosResult) -> None:
    table = Table("fault", "times", "back after, median", "longest")
    for name in dict.fromkeys(each.name for each in result.records):
        seconds = sorted(each.seconds for each in result.records if each.name == name)
        table.add_row(name, str(len(seconds)), f"{seconds[len(seconds) // 2]:.2f} s", f"{seconds[-1]:.2f} s")
    console.print(table)
    caller = result.scene.caller
    refused = ", ".join(f"{count} x {status}" for status, count in sorted(caller.refused.items())) or "none"
    console.print(
        f"{caller.hung_up} connections were closed before the answer, {caller.retried} requests were sent again; "
        f"temporary refusals: {refused}; "
        f"all was quiet {result.quiet_after_seconds:.1f} s after the last request"
    )
    for line in result.verified:
        console.print(f"[green]✓[/] {line}")


if __name__ == "__main__":
    main()
