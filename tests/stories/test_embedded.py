"""The embedded servers and their data survive the end or the kill of the programs that use them."""

import asyncio
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis import Redis

from app.embedded import EmbeddedError, Postgres, Valkey, embedded_services, shared
from app.embedded.processes import is_alive, launch, stop, wait_until
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

# A program that uses the servers of a KIST_HOME until its standard input closes.
USER = """
import sys
from pathlib import Path
from app.embedded import embedded_services
with embedded_services(Path(sys.argv[1])) as addresses:
    print(addresses.database_url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """The two servers of a home."""

    home: Path

    def pids(self) -> list[int]:
        return [pid for pid in (Postgres(self.home).pid(), Valkey(self.home).pid()) if pid is not None]


@contextmanager
def user_of(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that uses the servers. It is stopped in order unless the test killed it."""
    command = [sys.executable, "-c", USER, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        assert user.stdout.readline().startswith("postgresql+asyncpg://kist_app@/kist")
        yield user


def remember(home: Path, value: int) -> None:
    """Write a number into both servers."""

    async def write(dsn: str) -> None:
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        await connection.execute("CREATE TABLE IF NOT EXISTS memory (value int)")
        await connection.execute("INSERT INTO memory VALUES ($1)", value)
        await connection.close()

    asyncio.run(write(Postgres(home).dsn(role="kist_owner")))
    with Redis.from_url(Valkey(home).dsn()) as redis:
        redis.rpush("memory", value)


def remembered(home: Path) -> tuple[list[int], list[int]]:
    async def read(dsn: str) -> list[int]:
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        rows = await connection.fetch("SELECT value FROM memory ORDER BY value")
        await connection.close()
        return [row["value"] for row in rows]

    with Redis.from_url(Valkey(home).dsn()) as redis:
        values = redis.lrange("memory", 0, -1)
    return asyncio.run(read(Postgres(home).dsn(role="kist_owner"))), [int(value) for value in values]


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds=PATIENCE_SECONDS)


def test_stopping_leaves_nothing_running_and_starting_finds_the_data(home: Path) -> None:
    with embedded_services(home):
        pids = Servers(home).pids()
        assert len(pids) == 2
        remember(home, 1)
    assert not any(is_alive(pid) for pid in pids)
    assert Servers(home).pids() == []
    with embedded_services(home):
        assert remembered(home) == ([1], [1])


def test_servers_sit_in_sessions_of_their_own(home: Path) -> None:
    with embedded_services(home):
        assert all(os.getsid(pid) == pid for pid in Servers(home).pids())


def test_no_tcp_port_is_opened(home: Path) -> None:
    with embedded_services(home):
        for pid in Servers(home).pids():
            assert [c for c in psutil.Process(pid).net_connections(kind="inet") if c.status == "LISTEN"] == []


def test_servers_left_by_a_killed_program_are_adopted(home: Path) -> None:
    with user_of(home) as user:
        pids = Servers(home).pids()
        remember(home, 1)
        kill(user.pid)
    assert all(is_alive(pid) for pid in pids)
    with embedded_services(home):
        assert Servers(home).pids() == pids
        assert remembered(home) == ([1], [1])
    assert not any(is_alive(pid) for pid in pids)


def test_killed_servers_recover_what_was_committed(home: Path) -> None:
    with user_of(home) as user:
        remember(home, 1)
        # Valkey flushes its file once a second. A killed process loses nothing; a machine that fails loses a second.
        kill(user.pid, *Servers(home).pids())
    assert (home / "postgres" / "data" / "postmaster.pid").exists()
    with embedded_services(home):
        assert remembered(home) == ([1], [1])


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_the_start(home: Path) -> None:
    with embedded_services(home, valkey=False):
        lines = (home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    # PostgreSQL refuses to start if the pid belongs to a process that its user may signal.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with embedded_services(home, valkey=False):
        assert Postgres(home).pid() not in {None, os.getpid()}


def test_the_last_user_stops_the_servers(home: Path) -> None:
    with user_of(home) as first:
        pids = Servers(home).pids()
        with embedded_services(home):
            assert Servers(home).pids() == pids
            first.communicate(timeout=PATIENCE_SECONDS)
            assert first.returncode == 0
            assert all(is_alive(pid) for pid in pids)
    assert not any(is_alive(pid) for pid in pids)


def test_an_interrupted_initdb_is_done_again(home: Path) -> None:
    draft = home / "postgres" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with embedded_services(home, valkey=False):
        assert not draft.exists()


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    home = folder / ("deep" * 20) / ("deeper" * 10)
    home.mkdir(parents=True)
    with embedded_services(home):
        remember(home, 1)
        sockets = Path(Valkey(home).dsn().removeprefix("unix://").partition("?")[0]).parent
        assert sockets.exists()
    assert not sockets.exists()


def test_data_of_another_major_version_is_refused_in_words(home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"written by PostgreSQL 17, and 18 is installed"), shared(Postgres(home)):
        pass


# Ends its first thread, and continues in another one until the given file exists.
ENDS_IN_PARTS = """
import ctypes, os, sys, threading, time
def wait():
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.01)
threading.Thread(target=wait).start()
ctypes.CDLL(None).syscall(60, 0)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of the system call is that of x86-64")
def test_a_server_that_ends_in_parts_is_collected(tmp_path: Path) -> None:
    stop_file = tmp_path / "stop"
    pid = launch([sys.executable, "-c", ENDS_IN_PARTS, str(stop_file)], log=tmp_path / "log", directory=tmp_path)
    assert wait_until(lambda: not is_alive(pid), seconds=PATIENCE_SECONDS)
    assert psutil.pid_exists(pid), "its other thread still runs"
    stop_file.touch()
    assert wait_until(lambda: len(list(Path(f"/proc/{pid}/task").iterdir())) == 1, seconds=PATIENCE_SECONDS)
    stop(pid, steps=[])
    assert not psutil.pid_exists(pid)


def test_durable_where_it_matters(home: Path) -> None:
    async def setting(dsn: str) -> str:
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        value = await connection.fetchval("SELECT current_setting('fsync') || current_setting('synchronous_commit')")
        await connection.close()
        return str(value)

    with embedded_services(home) as addresses:
        assert asyncio.run(setting(addresses.database_url or "")) == "onon"
        with Redis.from_url(addresses.redis_url or "") as redis:
            assert redis.config_get("appendonly") == {"appendonly": "yes"}
