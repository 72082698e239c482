"""Runs `kist up` as a process of a test, and always stops it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from app.embedded import Postgres, Valkey
from app.embedded.processes import wait_until
from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Up:
    """A `kist up` that a test started."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    output: Path

    def printed(self) -> str:
        return self.output.read_text()

    def wait(self) -> int:
        """Waits until it ends. Returns its exit status."""
        status = self.process.wait(timeout=PATIENCE_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()
        return status

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS, trust_env=False)

    def descendants(self, word: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            # A process that was killed may disappear between two calls.
            with suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE and word in child.cmdline():
                    found.append(child)
        return found

    def everything(self) -> list[psutil.Process]:
        servers = (Postgres(self.home).pid(), Valkey(self.home).pid())
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [*children, *(psutil.Process(pid) for pid in servers if pid is not None)]


def environment_of(home: Path, *, port: int) -> dict[str, str]:
    """The variables with which a `kist` command uses this home and no given servers."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL") and name != "KIST_PORT"}
    return {**kept, "KIST_HOME": str(home), "PORT": str(port), "COLUMNS": "200"}


def start_kist_up(home: Path, *, port: int, **settings: str) -> Up:
    output = home.parent / f"said-{time.monotonic_ns()}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            # It stops when this process ends, even if this process is killed.
            kist_command("up", "--supervised"),
            env=environment_of(home, port=port) | settings,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Up(process=process, home=home, port=port, output=output)


@contextmanager
def kist_up(home: Path, *, port: int, **settings: str) -> Iterator[Up]:
    up = start_kist_up(home, port=port, **settings)
    with up.process:
        try:
            assert until(lambda: "Kist is up" in up.printed() or up.process.poll() is not None), up.printed()
            assert up.process.poll() is None, up.printed()
            yield up
        finally:
            if up.process.poll() is None:
                up.process.send_signal(signal.SIGTERM)


def until(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true in time."""
    return wait_until(condition, seconds=PATIENCE_SECONDS, pause=0.1)


def all_ended(processes: Sequence[psutil.Process]) -> bool:
    """Whether all of these processes end in time. psutil compares start times too, so a reused pid does not count."""

    def still_runs(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
        return False

    return until(lambda: not any(still_runs(process) for process in processes))
