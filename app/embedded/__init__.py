"""PostgreSQL and Valkey without installing either: what `kist up` and the tests run on when no address is given.

Several programs may use the servers of one KIST_HOME at the same time: `kist up` in one terminal, `kist import` in
another, eight test workers. Whoever comes first starts them, and whoever leaves last stops them. Each user holds a
shared file lock for as long as it lives; the kernel lets go of it even after `kill -9`, so the count is never wrong,
and servers that such a death left behind are simply adopted by whoever comes next.
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


#: How long a server that did not start is left alone before it is tried again.
REST_SECONDS = 5.0


class Server(Protocol):
    """What `shared` needs of a server."""

    name: str
    directory: Path

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def pid(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the embedded servers are reached; None for one that was not asked for."""

    database_url: str | None = None
    owner_database_url: str | None = None
    redis_url: str | None = None


class ServerMonitor:
    """Starts the servers of a home again when they die, at the address at which their users look for them."""

    def __init__(self, settings: Settings, *, report: Report) -> None:
        """`settings` as they were given: a server whose address is in them is somebody else's to keep."""
        self._report = report
        self._pids: dict[Server, int | None] = {}
        if settings.database_url is None:
            self._pids[Postgres(settings.home, report=report)] = None
        if settings.redis_url is None:
            self._pids[Valkey(settings.home, report=report)] = None
        self._rest_until = 0.0

    def tend(self) -> None:
        """Looks once, and starts what is dead. To be called again and again."""
        for server, known in self._pids.items():
            # Looking a server up by its directory is dear; whether a process lives is not.
            if known is not None and processes.is_alive(known):
                continue
            self._pids[server] = server.pid()
            if self._pids[server] is None and time.monotonic() >= self._rest_until:
                self._revive(server)

    def _revive(self, server: Server) -> None:
        self._report(f"{server.name} died; starting it again, its log is in {server.directory}")
        try:
            turn = server.directory.parent / "run" / f"{server.name}.turn.lock"
            with turn.open("a") as lock, _exclusive(lock.fileno()):
                server.start()
            self._pids[server] = server.pid()
        except (EmbeddedError, OSError) as error:
            self._report(f"{server.name} could not be started again: {error}")
            self._rest_until = time.monotonic() + REST_SECONDS


@contextmanager
def shared(server: Server) -> Iterator[None]:
    """Hold a running server together with whoever else uses it; the last one to leave stops it."""
    locks = server.directory.parent / "run"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        users = (locks / f"{server.name}.users.lock").open("a")
        turn = (locks / f"{server.name}.turn.lock").open("a")
    except OSError as error:
        raise EmbeddedError(
            f"cannot write in {locks} ({error.strerror}): set KIST_HOME to a directory of yours"
        ) from None
    with users, turn:
        try:
            with _exclusive(turn.fileno()):
                fcntl.flock(users, fcntl.LOCK_SH)
                server.start()
            yield
        finally:
            with _exclusive(turn.fileno()):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _is_last(users.fileno()):
                    server.stop()


@contextmanager
def embedded_services(
    home: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True, report: Report = silent
) -> Iterator[Addresses]:
    """Run the servers of a KIST_HOME for as long as the block lasts. PostgreSQL comes first and leaves last."""
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
    """The settings completed with the addresses of running servers: the given ones, and embedded ones for the rest.
    `valkey` is False for who needs no queue."""
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
