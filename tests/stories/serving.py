"""Runs two API processes for a test, on the servers of its session."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from app.services.unit_of_work import Job
from app.settings import Settings
from tests import databases
from tests.patience import PATIENCE_SECONDS

PROCESSES = 2


class SilentJobQueue:
    """Ignores jobs: no worker runs in these tests."""

    async def enqueue(self, job: Job) -> None: ...


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Two processes of `kist serve` that share one listening socket, as the supervisor starts them."""
    environment = databases.environment_of(settings) | {
        # Ten connections serve two hundred clients. On a slow machine the default timeout would be too short.
        "KIST_DATABASE_POOL_TIMEOUT_SECONDS": "100",
    }
    log_file = settings.home / "api.log"
    with log_file.open("ab") as log, socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        command = [sys.executable, "-m", "app.cli", "serve", "--descriptor", str(listener.fileno())]
        running = [
            subprocess.Popen(
                command,
                env=environment,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            for _ in range(PROCESSES)
        ]
        try:
            found = f"http://127.0.0.1:{listener.getsockname()[1]}"
            # The socket listens already, so this call waits until the first process answers.
            assert httpx.get(f"{found}/livez", timeout=PATIENCE_SECONDS, trust_env=False).status_code == 200
            yield found
        finally:
            assert [process.poll() for process in running] == [None] * PROCESSES, log_file.read_text()[-2000:]
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=PATIENCE_SECONDS)
