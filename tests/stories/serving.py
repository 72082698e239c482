"""Two API processes of a test, begun and ended with it, on the servers of its session."""

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
    """Wakes nobody: no worker runs beside these tests."""

    async def enqueue(self, job: Job) -> None: ...


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Two processes of `kist serve` that share one listening socket, as the supervisor starts them."""
    environment = databases.environment_of(settings) | {
        # Ten connections serve two hundred clients: on a slow machine the last one waits longer than a default allows.
        "KIST_DATABASE_POOL_TIMEOUT_SECONDS": "100",
    }
    log_file = settings.home / "api.log"
    with log_file.open("ab") as log, socket.create_server(("127.0.0.1", 0), backlog=2048) as door:
        command = [sys.executable, "-m", "app.cli", "serve", "--descriptor", str(door.fileno())]
        running = [
            subprocess.Popen(
                command,
                env=environment,
                pass_fds=[door.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            for _ in range(PROCESSES)
        ]
        try:
            found = f"http://127.0.0.1:{door.getsockname()[1]}"
            # The socket listens already: the first answer comes when the first process is there.
            assert httpx.get(f"{found}/livez", timeout=PATIENCE_SECONDS, trust_env=False).status_code == 200
            yield found
        finally:
            assert [process.poll() for process in running] == [None] * PROCESSES, log_file.read_text()[-2000:]
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=PATIENCE_SECONDS)
