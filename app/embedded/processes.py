"""What both embedded servers need to know about processes, sockets and the users who run them.

A server may outlive the program that started it (`kill -9`), so nothing here trusts that a process is our child: a
process is known by its pid together with the directory it works in, which no stale pid can imitate.
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
    """An embedded server cannot be started; the message says what a person can do."""


def package_directory(name: str) -> Path:
    """Where a wheel put its files, found without running its code."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise EmbeddedError(f"the package {name} is not installed: `make up` installs everything")
    return Path(found.origin).resolve().parent


def silent(_line: str) -> None:
    """Report to nobody."""


def clean_environment() -> dict[str, str]:
    """Enough to run a server; without the PG* and LC_* variables of whoever typed the command."""
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
    """How a child becomes this user; None leaves it who we are."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and only waits to be collected does not."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        return False
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def works_in(pid: int, *, directory: Path, name: str) -> bool:
    """Whether a pid is the server of this name in this directory, and not a stranger with a reused pid."""
    try:
        process = psutil.Process(pid)
        return process.name().startswith(name) and Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, FileNotFoundError):
        return False


def workers_of(*, directory: Path, name: str) -> list[int]:
    """Every process of this name that works in this directory, whoever started it."""
    return [pid for pid in psutil.pids() if works_in(pid, directory=directory, name=name)]


def stop(pid: int, *, steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Ask a process to end, each time more firmly, and wait so many seconds after each asking."""
    for number, seconds in steps:
        if not is_alive(pid):
            break
        os.kill(pid, number)
        wait_until(lambda: not is_alive(pid), seconds=seconds)
    has_ended = not is_alive(pid)
    child = _children.pop(pid, None)
    if child is not None and has_ended:
        # It is collected when the last of its threads has ended, which may be a moment later than the first: a child
        # that nobody collected would be reported as running still.
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=LAST_THREAD_SECONDS)


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """Whether the condition came true in time."""
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
    """A private directory for a socket: the preferred one, or a short temporary one where its path would not do; the
    last one again where it is still ours, so that whoever uses a server that died finds it after its restart.

    A path is no good when it is longer than the kernel takes, or when a space or another sign in it would have to be
    escaped differently in every kind of address that names it.
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
    """Remove a temporary socket directory that a server left; one inside KIST_HOME is kept."""
    if _is_temporary(directory):
        shutil.rmtree(directory, ignore_errors=True)


def _is_ours(directory: Path, *, user: pwd.struct_passwd | None) -> bool:
    """Whether a temporary socket directory is still the one that we made, and nobody else's of the same name."""
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
    """Who runs PostgreSQL: we ourselves, or, as PostgreSQL refuses to run as root, a user without any rights.

    A directory that already belongs to somebody else keeps its owner, so that the same data can be used by that person
    and by root.
    """
    if os.geteuid() != 0:
        return None
    if directory.exists() and directory.stat().st_uid != 0:
        try:
            return pwd.getpwuid(directory.stat().st_uid)
        except KeyError:
            raise EmbeddedError(
                f"{directory} belongs to a user that does not exist here: chown it to a real one"
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
        # A small container may have no useradd, and the passwd file may be read-only; every system has `nobody`.
        return pwd.getpwnam("nobody")


def let_pass(directory: Path, *, user: pwd.struct_passwd | None, report: Report) -> None:
    """Let the server's user walk through the directories above its own: `o+x` only, which shows no file to anybody."""
    if user is None:
        return
    for step in reversed((directory, *directory.parents)):
        facts = step.stat()
        owns = facts.st_uid == user.pw_uid and facts.st_mode & stat.S_IXUSR
        shares = facts.st_gid == user.pw_gid and facts.st_mode & stat.S_IXGRP
        if not (owns or shares or facts.st_mode & stat.S_IXOTH):
            step.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXOTH)
            report(f"{step} may now be walked through (o+x), so that the user {user.pw_name} reaches its files")
