"""Keeping the API and the worker alive, and ending them in order.

`kist up` is the parent of everything: it holds the lock of its KIST_HOME, owns the listening socket (so that a
restarted API never loses its port, and several API processes share it), starts the children, starts again what dies,
and on Ctrl-C ends the API first, then the workers, then Valkey, then PostgreSQL.

A child lives in a session of its own, so the terminal's Ctrl-C reaches only the parent. It reads its standard input,
which nobody writes to: when the parent dies, however it dies, the pipe closes and the child ends itself.
"""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

import httpx

from app.observability import set_aside

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long has recovered; its next death starts the back-off anew.
RECOVERED_AFTER_SECONDS = 30.0
#: Long enough for a machine that is busy with ten other things.
READY_SECONDS = 300.0
# A little longer than the children's own patience with the work they have in hand.
STOP_SECONDS = 30.0

Report = Callable[[str], None]


class SupervisorError(Exception):
    """`kist up` cannot go on; the message says what a person can do."""


class AlreadyRunning(SupervisorError):
    """Another `kist up` holds this KIST_HOME."""


class PortTaken(SupervisorError):
    """Somebody else listens on PORT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The `kist up` of a KIST_HOME."""

    pid: int
    url: str


@dataclass(slots=True, kw_only=True)
class Child:
    """A process to keep alive: its command, and what happened to it so far."""

    name: str
    command: Sequence[str]
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS


def kist_command(*words: str) -> list[str]:
    """The command line of this same program; it works where the program's script does not stand on the PATH."""
    return [sys.executable, "-m", "app.cli", *words]


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """The children of one `kist up`, in the order in which they are started and ended."""

    logs: Path
    environment: Mapping[str, str]
    report: Report
    children: list[Child] = field(default_factory=list)
    hurry: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            set_aside(self.log_of(child))
            self._launch(child)

    def wait_until_ready(self, url: str) -> None:
        """Until the API answers. A child that dies before that is a mistake in the set-up, and is not started again."""
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(url):
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    raise SupervisorError(f"the {child.name} did not start\n{self.tail(child)}")
            if time.monotonic() > deadline:
                raise SupervisorError(f"no answer from {url} within {READY_SECONDS:.0f} seconds: see {self.logs}")
            time.sleep(0.1)

    def watch(self, *, tend_servers: Callable[[], None]) -> NoReturn:
        """Start again whatever dies, later each time it dies soon. Ends by `StopRequested` only."""
        while True:
            tend_servers()
            for child in self.children:
                self._tend(child)
            time.sleep(0.2)

    def stop(self) -> None:
        """End the children in order: nobody may ask for work any more before the workers end."""
        for name in dict.fromkeys(child.name for child in self.children):
            self._stop([child for child in self.children if child.name == name])

    def log_of(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def tail(self, child: Child, *, lines: int = 20) -> str:
        return "\n".join(self.log_of(child).read_text(errors="replace").splitlines()[-lines:])

    def _launch(self, child: Child) -> None:
        with self.log_of(child).open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                pass_fds=child.inherited,
                start_new_session=True,
            )
        child.started_at = time.monotonic()

    def _tend(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self._launch(child)
            return
        status = child.process.poll()
        if status is None:
            return
        _close(child.process.stdin)
        if time.monotonic() - child.started_at > RECOVERED_AFTER_SECONDS:
            child.pause_seconds = FIRST_PAUSE_SECONDS
        self.report(
            f"the {child.name} died ({_manner(status)}); starting it again in {child.pause_seconds:g} s,"
            f" its log is {self.log_of(child)}"
        )
        child.process = None
        child.restart_at = time.monotonic() + child.pause_seconds
        child.pause_seconds = min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _stop(self, children: Sequence[Child]) -> None:
        processes = [child.process for child in children if child.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in processes):
            if self.hurry.is_set() or time.monotonic() > deadline:
                for process in processes:
                    process.kill()
            time.sleep(0.02)
        for process in processes:
            process.wait()
            _close(process.stdin)


@contextmanager
def home_of_its_own(home: Path, *, url: str) -> Iterator[bool]:
    """Hold a KIST_HOME alone. Yields whether the last holder ended badly, and may have left children that are ending.

    Raises `AlreadyRunning`. The kernel lets go of the lock with its holder, so a `kill -9` needs no cleaning up.
    """
    path = _lock_path(home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
    except OSError as error:
        raise SupervisorError(f"cannot write in KIST_HOME {home}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = find_running(home)
            where = f" at {found.url} (process {found.pid})" if found else ""
            raise AlreadyRunning(
                f"Kist is already running{where} with its data in {home}: stop that one, or set another KIST_HOME"
            ) from None
        lock.seek(0)
        ended_badly = lock.read() != ""
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "url": url}))
        lock.flush()
        try:
            yield ended_badly
        finally:
            lock.truncate(0)


def find_running(home: Path) -> Running | None:
    """The `kist up` that holds a KIST_HOME, if one does."""
    try:
        with _lock_path(home).open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                facts = json.loads(lock.read())
                return Running(pid=facts["pid"], url=facts["url"])
    except (OSError, ValueError, KeyError):
        return None
    return None


def listen(host: str, *, port: int, patience_seconds: float) -> socket.socket:
    """The listening socket. With patience for a port that is about to be given up. Raises `PortTaken`."""
    deadline = time.monotonic() + patience_seconds
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=2048)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise PortTaken(
                f"cannot listen on {host}, PORT {port} ({os.strerror(error.errno or 0)}):"
                f" choose another one, for example PORT={port + 1 if port < 65535 else port - 1} make up"
            ) from None


def end_with_parent() -> None:
    """In a child: end like on SIGTERM as soon as the parent is gone."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _lock_path(home: Path) -> Path:
    return home / "run" / "up.lock"


def _answers(url: str) -> bool:
    try:
        # Any answer will do: whether the service is healthy is for its users to judge.
        httpx.get(url, timeout=2.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def _manner(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()
