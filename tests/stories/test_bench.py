"""`kist bench` runs, on few loans, and prints figures that a program can read."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_every_figure_is_printed_for_people_and_for_programs() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "bench", "--scale", "0.002"],
        env={**kept, "COLUMNS": "150"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    names = [figure["figure"] for figure in figures]
    assert len(names) == len(set(names))
    expected = {
        "billing decision, daily interest",
        "quote of 1,200 rows with 40 disbursals",
        "billing run, one worker: ratio",
        "billing run, two workers: ratio",
        "billing run, cost of a loan in a large book",
        "billing run, memory of a worker at its peak",
        "payments over HTTP: ratio",
        "payments on one hot loan: ratio",
        "a loan read: ratio",
        "a statement read: ratio",
        "scoring a file: ratio",
        "scoring a file: peak of memory",
        "importing transactions: ratio",
        "importing customers, xlsx",
        "importing loans, xlsx",
    }
    assert expected <= {*names}
    assert all(figure["value"] > 0 for figure in figures)
