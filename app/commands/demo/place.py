"""Where the story takes place: the Kist that runs already, or one started for it and thrown away afterwards.

The Kist that holds this KIST_HOME is used, or, where a database is given, the one that answers on PORT. Otherwise
`kist up` is started as a person would start it; on servers of its own in a temporary home, so that nothing of it stays,
unless servers are given.
"""

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr

from app.commands.administrator import Login, find_login
from app.commands.demo.narration import StoryFailed
from app.kept_secrets import SECRET_FIELDS
from app.settings import PREFIX, Settings
from app.supervisor import find_running, kist_command

READY_SECONDS = 300.0
STOP_SECONDS = 60.0
LOCALHOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running Kist: its address, its settings, the variables that lead a command to the same data, its
    administrator; `is_own` when it was started for the story."""

    url: str
    settings: Settings
    environment: Mapping[str, str]
    admin: Login
    is_own: bool

    def command(self, *words: str) -> str:
        """Runs a command of kist on the same data; answers what it said. Raises StoryFailed."""
        done = subprocess.run(kist_command(*words), env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StoryFailed(
                f"kist {' '.join(words)} ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}"
            )
        return done.stdout.strip()


@contextmanager
def open_place(settings: Settings) -> Iterator[Place]:
    """A Kist for as long as the block lasts. Raises StoryFailed."""
    if settings.is_production:
        raise StoryFailed("the story moves the business date, which production does not allow: unset KIST_ENV")
    url = _find_url(settings)
    if url is not None:
        yield Place(
            url=url, settings=settings, environment=dict(os.environ), admin=_known_admin(settings), is_own=False
        )
        return
    with ExitStack() as stack:
        if settings.database_url is None:
            home = Path(stack.enter_context(_temporary_home()))
            settings = settings.model_copy(
                update={"home": home, "admin_password": SecretStr(secrets.token_urlsafe(15))}
            )
        yield stack.enter_context(_started(settings))


def _find_url(settings: Settings) -> str | None:
    """The address of a Kist whose data this process can reach; None where there is none."""
    running = find_running(settings.home)
    candidates = [] if running is None else [running.url]
    if settings.database_url is not None:
        candidates.append(f"http://{LOCALHOST}:{settings.port}")
    return next((url for url in candidates if _answers(url)), None)


def _known_admin(settings: Settings) -> Login:
    """The administrator's login as given or kept; signing in tells whether it is right. Nothing is made up here."""
    login = find_login(settings)
    if login is None:
        raise StoryFailed("the password of this Kist's administrator is not known: set KIST_ADMIN_PASSWORD")
    return login


@contextmanager
def _temporary_home() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kist-demo-", ignore_cleanup_errors=True) as name:
        # As root, PostgreSQL runs as another user, who must be able to walk through.
        Path(name).chmod(0o711)
        yield name


@contextmanager
def _started(settings: Settings) -> Iterator[Place]:
    """A `kist up` of our own, stopped in the end."""
    port = settings.port if _is_free(settings.port) else _free_port()
    environment = {
        **os.environ,
        "KIST_HOME": str(settings.home.resolve()),
        "KIST_HOST": LOCALHOST,
        "KIST_PORT": str(port),
        # The story opens the books itself as well: under the same keys, whatever the home would make up.
        **{f"{PREFIX}{field.upper()}": getattr(settings, field).get_secret_value() for field in SECRET_FIELDS},
    }
    if settings.admin_password is not None:
        environment["KIST_ADMIN_PASSWORD"] = settings.admin_password.get_secret_value()
    log = settings.home / "demo.log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches the story only, and the story stops it in order.
        process = subprocess.Popen(
            kist_command("up", "--supervised"),
            env=environment,
            # It ends when we do, however that is.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://{LOCALHOST}:{port}"
        _wait_until_ready(process, url, log=log)
        yield Place(url=url, settings=settings, environment=environment, admin=_known_admin(settings), is_own=True)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, *, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise StoryFailed(f"Kist did not start: {log.read_text(errors='replace').strip()[-800:]}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    """Whether a healthy Kist is there; anything else that listens is none."""
    with suppress(httpx.HTTPError, ValueError, AttributeError):
        found = httpx.get(f"{url}/health", timeout=2.0, trust_env=False).json()
        return found.get("status") == "healthy" and "stats" in found
    return False


def _is_free(port: int) -> bool:
    try:
        with socket.create_server((LOCALHOST, port)):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server((LOCALHOST, 0)) as free:
        return int(free.getsockname()[1])
