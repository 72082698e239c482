"""`kist up` as a process of a test: begun, waited for, looked into, and never left behind."""

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

    def said(self) -> str:
        return self.output.read_text()

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        status = self.process.wait(timeout=PATIENCE_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()
        return status

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS, trust_env=False)

    def descendants(self, word: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            # What is killed may be collected between one question and the next.
            with suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE and word in child.cmdline():
                    found.append(child)
        return found

    def everything(self) -> list[psutil.Process]:
        servers = (Postgres(self.home).pid(), Valkey(self.home).pid())
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [*children, *(psutil.Process(pid) for pid in servers if pid is not None)]


def environment_of(home: Path, *, port: int) -> dict[str, str]:
    """What a `kist` command needs to be told to find this home and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL") and name != "KIST_PORT"}
    return {**kept, "KIST_HOME": str(home), "PORT": str(port), "COLUMNS": "200"}


def begin(home: Path, *, port: int, **settings: str) -> Up:
    output = home.parent / f"said-{time.monotonic_ns()}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            # It ends with us, however we end.
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
    up = begin(home, port=port, **settings)
    with up.process:
        try:
            assert until(lambda: "Kist is up" in up.said() or up.process.poll() is not None), up.said()
            assert up.process.poll() is None, up.said()
            yield up
        finally:
            if up.process.poll() is None:
                up.process.send_signal(signal.SIGTERM)


def until(condition: Callable[[], bool]) -> bool:
    """Whether something comes true within our patience."""
    return wait_until(condition, seconds=PATIENCE_SECONDS, pause=0.1)


def gone(processes: Sequence[psutil.Process]) -> bool:
    """Whether all of these end. A process is known by its pid and its start: a pid alone may be a stranger's by now."""

    def lives(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
        return False

    return until(lambda: not any(lives(process) for process in processes))
