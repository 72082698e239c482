"""Given servers whose passwords differ from the settings: a command prints one line, and the API answers 503."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
import yaml

from app.embedded import Postgres, Valkey
from app.supervisor import kist_command
from tests.house.source import ROOT
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import until

pytestmark = pytest.mark.slow

MESSAGE = "PostgreSQL does not take the password of this role"


@pytest.fixture
def given(home: Path) -> dict[str, str]:
    """The variables with which a command uses given servers, whose roles have passwords."""
    postgres, valkey = Postgres(home), Valkey(home)
    postgres.start()
    valkey.start()
    rules = postgres.data / "pg_hba.conf"
    rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    set_passwords(postgres, owner="first-owner", application="first-app")
    run_sql(postgres, "SELECT pg_reload_conf()")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KIST_", "DATABASE_", "REDIS_"))},
        "KIST_HOME": str(home / "kist"),
        "KIST_DATABASE_URL": address(postgres, "kist_app", "first-app"),
        "KIST_OWNER_DATABASE_URL": address(postgres, "kist_owner", "first-owner"),
        "KIST_REDIS_URL": valkey.dsn(),
        "COLUMNS": "200",
    }


def address(postgres: Postgres, role: str, password: str) -> str:
    return postgres.dsn(role=role).replace("+asyncpg", "").replace(f"//{role}@", f"//{role}:{quote(password)}@")


def run_sql(postgres: Postgres, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(postgres.dsn(role="postgres").replace("+asyncpg", ""))
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def set_passwords(postgres: Postgres, *, owner: str, application: str) -> None:
    run_sql(postgres, f"ALTER ROLE kist_owner PASSWORD '{owner}'", f"ALTER ROLE kist_app PASSWORD '{application}'")


def kist(environment: dict[str, str], *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        kist_command(*words), env=environment | changes, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )


def has_tables(home: Path) -> bool:
    async def ask() -> bool:
        connection = await asyncpg.connect(Postgres(home).dsn(role="postgres").replace("+asyncpg", ""))
        found = await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'loans'")
        await connection.close()
        return bool(found)

    return asyncio.run(ask())


def test_a_wrong_password_is_one_line_before_anything_is_written(given: dict[str, str], home: Path) -> None:
    wrong = given["KIST_DATABASE_URL"].replace("first-app", "second-app")
    done = kist(given, "migrate", KIST_DATABASE_URL=wrong)
    assert (done.returncode, done.stderr) == (1, f"kist: KIST_DATABASE_URL: {MESSAGE}\n")
    assert not has_tables(home)
    nowhere = given["KIST_DATABASE_URL"].replace("/kist?", "/elsewhere?")
    done = kist(given, "migrate", KIST_DATABASE_URL=nowhere)
    assert (done.returncode, done.stderr) == (1, "kist: KIST_DATABASE_URL: PostgreSQL has no database of this name\n")
    done = kist(given, "migrate", KIST_ENV="production", KIST_JWT_SECRET="x" * 32)
    assert (done.returncode, has_tables(home)) == (1, False)
    assert "Traceback" not in done.stderr

    assert kist(given, "migrate").returncode == 0
    for command in (["seed"], ["serve"], ["worker"], ["reconcile"], ["bill"], ["audit", "verify"]):
        done = kist(given, *command, KIST_DATABASE_URL=wrong)
        assert (done.returncode, done.stderr) == (1, f"kist: KIST_DATABASE_URL: {MESSAGE}\n"), command
    assert not (home / "kist" / "admin.json").exists()
    done = kist(given, "seed")
    assert re.search(r"password: \w{5}-\w{5}-\w{5}-\w{5}  \(shown this once, kept in ", done.stdout), done.stdout


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_a_password_that_changes_under_a_running_service(given: dict[str, str], home: Path, port: int) -> None:
    assert kist(given, "migrate").returncode == 0
    log, heartbeat, url = home / "said.log", home / "worker.alive", f"http://127.0.0.1:{port}"
    environment = given | {"KIST_PORT": str(port), "KIST_WORKER_HEARTBEAT": str(heartbeat)}
    with log.open("wb") as output:
        running = [
            subprocess.Popen(
                kist_command(word), env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            for word in ("serve", "worker")
        ]
    try:
        assert until(lambda: status(f"{url}/readyz") == 200)
        assert until(heartbeat.exists)
        assert is_healthy(port)
        before = len(log.read_text().splitlines())
        set_passwords(Postgres(home), owner="second-owner", application="second-app")
        run_sql(Postgres(home), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'kist_app'")
        assert until(lambda: status(f"{url}/readyz") == 503)
        assert not is_healthy(port)
        assert [status(url + path) for path in ("/health", "/readyz", "/livez")] == [503, 503, 200]
        printed = [line for line in log.read_text().splitlines()[before:] if "database does not answer" in line]
        assert len(printed) >= 3
        assert all(line.startswith("{") for line in printed)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=PATIENCE_SECONDS)


def status(url: str) -> int:
    try:
        return httpx.get(url, timeout=PATIENCE_SECONDS, trust_env=False).status_code
    except httpx.TransportError:
        return 0


def is_healthy(port: int) -> bool:
    """The check that docker-compose.yml makes, on this port."""
    test = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["api"]["healthcheck"]["test"]
    command = [word.replace("$$", "$").replace("/8000", f"/{port}") for word in test[1:]]
    return subprocess.run(command).returncode == 0
