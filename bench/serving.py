"""API processes to measure: ours, and a bare one that answers the same bytes."""

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

from app.settings import Settings
from app.supervisor import kist_command

READY_SECONDS = 60.0
#: One a core serves best: with more they only take turns.
PROCESSES = os.cpu_count() or 1


@contextmanager
def kist_api(settings: Settings) -> Iterator[int]:
    """The API as `kist up` runs it; hands out its port."""
    with _listening() as listening:
        command = [*kist_command("serve"), "--descriptor", str(listening.fileno())]
        # As many requests a minute as a machine can make, and the log that production writes.
        environment = {**os.environ, **settings.addresses()}
        with _running(command, listening=listening, environment=environment):
            port = int(listening.getsockname()[1])
            asyncio.run(_wait_until_ready(port, "/readyz"))
            yield port


@contextmanager
def bare_api(body: bytes, *, home: Path) -> Iterator[int]:
    """A FastAPI route that does nothing but answer these bytes, in as many processes."""
    (home / "bare.json").write_bytes(body)
    with _listening() as listening:
        command = [sys.executable, "-m", "bench.bare", str(listening.fileno()), str(home / "bare.json")]
        with _running(command, listening=listening, environment=dict(os.environ)):
            port = int(listening.getsockname()[1])
            asyncio.run(_wait_until_ready(port, "/"))
            yield port


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        listening.set_inheritable(True)
        yield listening


@contextmanager
def _running(command: list[str], *, listening: socket.socket, environment: dict[str, str]) -> Iterator[None]:
    processes = [
        subprocess.Popen(
            command,
            env=environment,
            pass_fds=(listening.fileno(),),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(PROCESSES)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


async def _wait_until_ready(port: int, path: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        while True:
            try:
                if (await http.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, "the API does not answer"
            await asyncio.sleep(0.1)


async def sign_in(port: int, settings: Settings) -> str:
    """An access token of the administrator."""
    assert settings.admin_password is not None, "the benchmark makes an administrator of its own"
    form = {"username": settings.admin_email, "password": settings.admin_password.get_secret_value()}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        response = await http.post("/api/v1/auth/token", data=form)
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])
