"""Starts the API processes that are measured: ours, and a bare FastAPI application that answers the same bytes."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.embedded.processes import tail
from app.settings import Settings
from app.supervisor import kist_command
from bench.load import UnexpectedAnswer, name_answer

READY_SECONDS = 300.0
#: One for each core. More processes would only compete for the cores.
PROCESSES = os.cpu_count() or 1


@contextmanager
def kist_api(settings: Settings) -> Iterator[int]:
    """The API as `kist up` runs it. Yields its port."""
    with _open_listener() as listener:
        command = [*kist_command("serve", "--supervised"), "--descriptor", str(listener.fileno())]
        # The development settings have a very high rate limit, and write the same log as production.
        environment = {**os.environ, **settings.addresses()}
        with _running(command, listener=listener, environment=environment, log=settings.home / "api.log"):
            port = int(listener.getsockname()[1])
            asyncio.run(_wait_until_ready(port, "/readyz", log=settings.home / "api.log"))
            yield port


@contextmanager
def bare_api(body: bytes, *, home: Path) -> Iterator[int]:
    """A FastAPI route that only answers these bytes, in as many processes. Yields its port."""
    (home / "bare.json").write_bytes(body)
    with _open_listener() as listener:
        command = [sys.executable, "-m", "bench.bare", str(listener.fileno()), str(home / "bare.json")]
        with _running(command, listener=listener, environment=dict(os.environ), log=home / "bare.log"):
            port = int(listener.getsockname()[1])
            asyncio.run(_wait_until_ready(port, "/", log=home / "bare.log"))
            yield port


@contextmanager
def _open_listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        listener.set_inheritable(True)
        yield listener


@contextmanager
def _running(command: list[str], *, listener: socket.socket, environment: dict[str, str], log: Path) -> Iterator[None]:
    """Runs one process for each core. They stop with the block, and also when this process is killed, because then
    their standard input closes."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("ab") as errors:
            while len(processes) < PROCESSES:
                process = subprocess.Popen(
                    command,
                    env=environment,
                    pass_fds=(listener.fileno(),),
                    stdin=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
                processes.append(process)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.communicate()


async def _wait_until_ready(port: int, path: str, *, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        while True:
            try:
                if (await http.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"the API does not answer: {tail(log, lines=3)}"
            await asyncio.sleep(0.1)


def expect(response: httpx.Response, *, status: int) -> None:
    """Checks the status of an answer. Raises UnexpectedAnswer."""
    if response.status_code != status:
        found = name_answer(response.status_code, response.content)
        raise UnexpectedAnswer(
            f"{response.request.method} {response.request.url.path}: expected {status}, found {found}"
        )


async def sign_in(port: int, settings: Settings) -> str:
    """An access token of the administrator."""
    assert settings.admin_password is not None, "temporary_home() sets the administrator's password"
    form = {"username": settings.admin_email, "password": settings.admin_password.get_secret_value()}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        response = await http.post("/api/v1/auth/token", data=form)
    expect(response, status=200)
    return str(response.json()["access_token"])
