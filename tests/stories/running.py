"""`kist up` as a process of a test: begun, waited for, looked into, and never left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from app.embedded import Postgres, Valkey
from app.embedded.processes import is_alive, wait_until
from app.supervisor import kist_command

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Up:
    """A `kist up` that a test started."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10.0, trust_env=False)

    def descendants(self, word: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            # What is killed may be collected between one question and the next.
            with suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE and word in child.cmdline():
                    found.append(child)
        return found

    def everything(self) -> list[int]:
        servers = (Postgres(self.home).pid(), Valkey(self.home).pid())
        children = [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]
        return [pid for pid in {*children, *servers} if pid is not None]


def environment_of(home: Path, *, port: int) -> dict[str, str]:
    """What a `kist` command needs to be told to find this home and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL") and name != "KIST_PORT"}
    return {**kept, "KIST_HOME": str(home), "PORT": str(port), "COLUMNS": "200"}


def begin(home: Path, *, port: int, **settings: str) -> Up:
    output = home.parent / f"said-{time.monotonic_ns()}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            kist_command("up"),
            env=environment_of(home, port=port) | settings,
            stdin=subprocess.DEVNULL,
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
            wait_until(lambda: "Kist is up" in up.said() or up.process.poll() is not None, seconds=SECONDS, pause=0.1)
            assert up.process.poll() is None, up.said()
            yield up
        finally:
            if up.process.poll() is None:
                up.process.send_signal(signal.SIGTERM)


def gone(pids: list[int], *, seconds: float = 20.0) -> bool:
    return wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds=seconds)
