"""Functions for both embedded servers: processes, sockets and the users who run them.

A server may outlive the program that started it (`kill -9`), so it need not be our child. We identify it by its pid and
its working directory; a reused pid has another directory.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import psutil

SYSTEM_USER = "kist-postgres"
SHORT_PREFIX = "kist-"
# sun_path is 108 bytes on Linux and 104 on macOS, both with a closing NUL.
LONGEST_SOCKET_PATH = 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/+-]+")

Report = Callable[[str], None]
LAST_THREAD_SECONDS = 5.0
_children: dict[int, subprocess.Popen[bytes]] = {}


class EmbeddedError(Exception):
    """An embedded server cannot be started. The message says what the user can do."""


def package_directory(name: str) -> Path:
    """The directory of an installed package, found without running its code. Raises EmbeddedError."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise EmbeddedError(f"the package {name} is not installed: `make up` installs everything")
    return Path(found.origin).resolve().parent


def silent(_line: str) -> None:
    """Ignore a reported line."""


def clean_environment() -> dict[str, str]:
    """The variables that a server needs, without the user's PG* and LC_* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def launch(command: Sequence[str], *, log: Path, directory: Path, user: pwd.struct_passwd | None = None) -> int:
    """Start a server in a session of its own, so that the terminal's Ctrl-C reaches us and not the server."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=clean_environment(),
            start_new_session=True,
            **identity(user),
        )
    _children[child.pid] = child
    return child.pid


class Identity(TypedDict, total=False):
    """The arguments of subprocess that make a child run as another user."""

    user: int
    group: int
    extra_groups: list[int]


def identity(user: pwd.struct_passwd | None) -> Identity:
    """The arguments of subprocess with which a child runs as this user; empty for our own user (None)."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def is_alive(pid: int) -> bool:
    """Whether a process runs. A zombie process does not."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        return False
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def works_in(pid: int, *, directory: Path, name: str) -> bool:
    """Whether a pid is the server of this name in this directory, and not another process with a reused pid."""
    try:
        process = psutil.Process(pid)
        return process.name().startswith(name) and Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, FileNotFoundError):
        return False


def processes_in(*, directory: Path, name: str) -> list[int]:
    """Every process of this name with this working directory, whoever started it."""
    return [pid for pid in psutil.pids() if works_in(pid, directory=directory, name=name)]


def stop(pid: int, *, steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send a process the signals of `steps` until it has ended, and wait up to so many seconds after each."""
    for number, seconds in steps:
        if not is_alive(pid):
            break
        os.kill(pid, number)
        wait_until(lambda: not is_alive(pid), seconds=seconds)
    has_ended = not is_alive(pid)
    child = _children.pop(pid, None)
    if child is not None and has_ended:
        # A child can be collected only when its last thread has ended, which may be a little later. Python would warn
        # that a child that was not collected still runs.
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=LAST_THREAD_SECONDS)


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """Wait for a condition. Returns whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def tail(path: Path, *, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def socket_directory(
    preferred: Path, *, socket_name: str, user: pwd.struct_passwd | None = None, last: Path | None = None
) -> Path:
    """A private directory for a socket: the preferred one or, if its path cannot be used, a temporary one.

    A path cannot be used if it is longer than the kernel allows, or if it contains a space or another character that
    addresses would have to escape. `last` is the temporary directory of an earlier server. If it is still ours it is
    used again, so that programs find the restarted server at the same address.
    """
    full = f"{preferred}/{socket_name}"
    if len(os.fsencode(full)) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(full):
        preferred.mkdir(parents=True, exist_ok=True)
        chosen = preferred
    elif last is not None and _is_ours(last, user=user):
        chosen = last
    else:
        chosen = Path(tempfile.mkdtemp(prefix=SHORT_PREFIX, dir=_short_directory()))
    if user is not None:
        os.chown(chosen, user.pw_uid, user.pw_gid)
    chosen.chmod(0o700)
    return chosen


def discard_socket_directory(directory: Path) -> None:
    """Remove a server's socket directory if it is a temporary one. One in KIST_HOME is kept."""
    if _is_temporary(directory):
        shutil.rmtree(directory, ignore_errors=True)


def _is_ours(directory: Path, *, user: pwd.struct_passwd | None) -> bool:
    """Whether a temporary socket directory is one of ours, and not another user's with the same name."""
    try:
        facts = directory.lstat()
    except OSError:
        return False
    owner = os.geteuid() if user is None else user.pw_uid
    return _is_temporary(directory) and stat.S_ISDIR(facts.st_mode) and facts.st_uid == owner


def _is_temporary(directory: Path) -> bool:
    return directory.name.startswith(SHORT_PREFIX) and directory.parent == _short_directory()


def _short_directory() -> Path:
    temporary = Path(tempfile.gettempdir())
    plain = PLAIN_PATH.fullmatch(str(temporary)) and len(os.fsencode(temporary)) <= LONGEST_SOCKET_PATH - 40
    return temporary if plain else Path("/tmp")  # noqa: S108 - a private directory is made inside it


def server_user(directory: Path) -> pwd.struct_passwd | None:
    """The user who runs PostgreSQL: None for ourselves. PostgreSQL refuses to run as root, so root uses another user.

    A directory that belongs to another user keeps its owner, so that this user and root can use the same data.
    """
    if os.geteuid() != 0:
        return None
    if directory.exists() and directory.stat().st_uid != 0:
        try:
            return pwd.getpwuid(directory.stat().st_uid)
        except KeyError:
            raise EmbeddedError(
                f"{directory} belongs to a user that does not exist on this machine: change its owner with chown"
            ) from None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return _make_system_user()


def _make_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/bin/false", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError):
        # A small container may have no useradd, or the passwd file may be read-only. Every system has `nobody`.
        return pwd.getpwnam("nobody")


def open_parent_directories(directory: Path, *, user: pwd.struct_passwd | None, report: Report) -> None:
    """Let the server's user pass through the directories above its own. It sets only `o+x`, which shows no files."""
    if user is None:
        return
    for step in reversed((directory, *directory.parents)):
        facts = step.stat()
        owns = facts.st_uid == user.pw_uid and facts.st_mode & stat.S_IXUSR
        shares = facts.st_gid == user.pw_gid and facts.st_mode & stat.S_IXGRP
        if not (owns or shares or facts.st_mode & stat.S_IXOTH):
            step.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXOTH)
            report(f"{step} was opened for passing through (o+x), so that the user {user.pw_name} reaches its files")
