"""Embedded PostgreSQL and Valkey: `kist up` and the tests start them when no addresses are given.

Several programs may use the servers of one KIST_HOME at the same time: `kist up` in one terminal, `kist import` in
another, or eight test workers. The first program starts the servers, and the last one stops them. Each program holds a
shared file lock while it runs. The kernel releases it even after `kill -9`, so the count is always right. If a killed
program leaves the servers running, the next program uses them.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.embedded import processes
from app.embedded.postgres import APP_ROLE, OWNER_ROLE, Postgres
from app.embedded.processes import EmbeddedError, Report, silent
from app.embedded.valkey import Valkey
from app.settings import Settings

__all__ = [
    "Addresses",
    "EmbeddedError",
    "Postgres",
    "ServerMonitor",
    "Valkey",
    "embedded_services",
    "running_services",
    "shared",
]


#: After a failed start, a server is not started again for this time.
RETRY_SECONDS = 5.0


class Server(Protocol):
    """A server that `shared` can start and stop."""

    name: str
    directory: Path

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def pid(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of the embedded servers; None for a server that is not used."""

    database_url: str | None = None
    owner_database_url: str | None = None
    redis_url: str | None = None


class ServerMonitor:
    """Starts the servers of a home again when they die, with the same addresses."""

    def __init__(self, settings: Settings, *, report: Report) -> None:
        """`settings` are those before the embedded servers' addresses were added: a server with a given address is not
        monitored."""
        self._report = report
        self._pids: dict[Server, int | None] = {}
        if settings.database_url is None:
            self._pids[Postgres(settings.home, report=report)] = None
        if settings.redis_url is None:
            self._pids[Valkey(settings.home, report=report)] = None
        self._retry_at = 0.0

    def check(self) -> None:
        """Checks each server once, and starts the dead ones. Call it repeatedly."""
        for server, known in self._pids.items():
            # It is quick to see whether a known process runs, and slow to search for one by its directory.
            if known is not None and processes.is_alive(known):
                continue
            self._pids[server] = server.pid()
            if self._pids[server] is None and time.monotonic() >= self._retry_at:
                self._restart(server)

    def _restart(self, server: Server) -> None:
        self._report(f"{server.name} died; starting it again, its log is in {server.directory}")
        try:
            start_lock = server.directory.parent / "run" / f"{server.name}.turn.lock"
            with start_lock.open("a") as lock, _exclusive(lock.fileno()):
                server.start()
            self._pids[server] = server.pid()
        except (EmbeddedError, OSError) as error:
            self._report(f"{server.name} could not be started again: {error}")
            self._retry_at = time.monotonic() + RETRY_SECONDS


@contextmanager
def shared(server: Server) -> Iterator[None]:
    """Use a server together with other programs: start it if needed, and stop it if no other program uses it."""
    locks = server.directory.parent / "run"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        users = (locks / f"{server.name}.users.lock").open("a")
        start_lock = (locks / f"{server.name}.turn.lock").open("a")
    except OSError as error:
        raise EmbeddedError(
            f"cannot write in {locks} ({error.strerror}): set KIST_HOME to a directory of yours"
        ) from None
    with users, start_lock:
        try:
            with _exclusive(start_lock.fileno()):
                fcntl.flock(users, fcntl.LOCK_SH)
                server.start()
            yield
        finally:
            with _exclusive(start_lock.fileno()):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _is_last(users.fileno()):
                    server.stop()


@contextmanager
def embedded_services(
    home: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True, report: Report = silent
) -> Iterator[Addresses]:
    """Run the servers of a KIST_HOME for as long as the block lasts. PostgreSQL starts first and stops last."""
    with ExitStack() as stack:
        database_url = owner_database_url = redis_url = None
        if postgres:
            database = Postgres(home, durable=durable, report=report)
            stack.enter_context(shared(database))
            database_url, owner_database_url = database.dsn(role=APP_ROLE), database.dsn(role=OWNER_ROLE)
        if valkey:
            queue = Valkey(home, durable=durable, report=report)
            stack.enter_context(shared(queue))
            redis_url = queue.dsn()
        yield Addresses(database_url=database_url, owner_database_url=owner_database_url, redis_url=redis_url)


@contextmanager
def running_services(settings: Settings, *, valkey: bool = True, report: Report = silent) -> Iterator[Settings]:
    """The settings with the addresses of running servers. Embedded servers are started for those that are not given.
    `valkey` is False if the caller needs no queue."""
    needs_postgres, needs_valkey = settings.database_url is None, valkey and settings.redis_url is None
    with embedded_services(settings.home, postgres=needs_postgres, valkey=needs_valkey, report=report) as addresses:
        found: dict[str, str | None] = {}
        if needs_postgres:
            found |= {"database_url": addresses.database_url, "owner_database_url": addresses.owner_database_url}
        if needs_valkey:
            found["redis_url"] = addresses.redis_url
        yield settings.model_copy(update=found)


@contextmanager
def _exclusive(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _is_last(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
