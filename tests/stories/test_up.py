"""`kist up` in a terminal: it is started, interrupted, killed, and started again with the same data."""

import json
import os
import signal
import socket
from pathlib import Path

import httpx
import psutil
import pytest

from app.embedded import Postgres, Valkey
from tests.stories.running import Up, all_ended, kist_up, start_kist_up, until

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def answers(up: Up, path: str) -> bool:
    try:
        return up.get(path).status_code == 200
    except httpx.HTTPError:
        return False


def end(up: Up, *, by: signal.Signals) -> str:
    """Send a signal, and return all that the program has printed."""
    up.process.send_signal(by)
    up.wait()
    return up.printed()


def test_interrupting_stops_everything_and_the_data_stays(home: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        running = up.everything()
        assert len(running) >= 4
        printed = end(up, by=signal.SIGINT)
        assert up.process.returncode == 0
        assert all_ended(running)
    admin = json.loads((home / "admin.json").read_text())
    assert (home / "admin.json").stat().st_mode & 0o777 == 0o600
    assert admin["password"] in printed
    assert f"http://127.0.0.1:{port}/docs" in printed
    with kist_up(home, port=port) as again:
        printed = end(again, by=signal.SIGTERM)
        assert again.process.returncode == 0
    assert admin["password"] not in printed
    assert json.loads((home / "admin.json").read_text()) == admin


def test_a_second_one_on_the_same_home_says_so(home: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        second = start_kist_up(home, port=port)
        assert second.wait() == 1
        assert f"already running at http://127.0.0.1:{port} (process {up.process.pid})" in second.printed()
        assert up.get("/health").status_code == 200


def test_a_taken_port_is_named(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        refused = start_kist_up(home, port=port)
        assert refused.wait() == 1
    assert f"PORT {port}" in refused.printed()
    assert "Traceback" not in refused.printed()
    assert not (home / "postgres").exists()


def test_after_kill_nine_everything_starts_again_on_the_same_port_and_data(home: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        children = [child for child in psutil.Process(up.process.pid).children() if "app.cli" in child.cmdline()]
        assert len(children) == 2
        end(up, by=signal.SIGKILL)
        # The API and the worker notice that their parent has ended. The servers still run until the next `kist up`.
        assert all_ended(children)
    with kist_up(home, port=port) as again:
        running = again.everything()
        end(again, by=signal.SIGINT)
        assert all_ended(running)


@pytest.mark.parametrize("server", [Postgres, Valkey])
def test_a_server_that_died_is_started_again_where_it_was(
    home: Path, port: int, server: type[Postgres] | type[Valkey]
) -> None:
    with kist_up(home, port=port) as up:
        killed = server(home).pid()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: server(home).pid() not in (None, killed))
        # The home's path has a space, so the socket is in a temporary directory, which must stay the same.
        assert until(lambda: answers(up, "/readyz"))
        running = up.everything()
        assert f"{server.name} died; starting it again" in end(up, by=signal.SIGINT)
        assert all_ended(running)


@pytest.mark.parametrize("word", ["serve", "worker"])
def test_a_child_that_died_is_started_again(home: Path, port: int, word: str) -> None:
    with kist_up(home, port=port) as up:
        (child,) = up.descendants(word)
        child.kill()
        assert until(lambda: [other.pid for other in up.descendants(word)] not in ([], [child.pid]))
        assert until(lambda: answers(up, "/health"))
        printed = end(up, by=signal.SIGINT)
        assert "died (killed by SIGKILL); starting it again in 0.5 s" in printed
