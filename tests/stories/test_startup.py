"""The start-up checks in a terminal: one line for each problem to correct, exit status 1, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.settings import Settings
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_production_says_in_one_line_each_why_it_does_not_start(
    settings: Settings, clean_database: None, tmp_path: Path, command: str
) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KIST_", "DATABASE_", "REDIS_"))},
        **settings.addresses(),
        "KIST_HOME": str(tmp_path),
        "KIST_ENV": "production",
        "KIST_REDIS_URL": "redis://127.0.0.1:1/0",
        "KIST_JWT_SECRET": "x" * 32,
        "KIST_AADHAAR_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
        "KIST_AADHAAR_INDEX_KEY": "SUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUk=",
        "KIST_AUDIT_KEY": "U1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1M=",
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    lines = done.stderr.strip().removeprefix("kist: ").split("\n")
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in lines] == [
        "KIST_JWT_SECRET", "KIST_AADHAAR_KEY", "KIST_AADHAAR_INDEX_KEY", "KIST_AUDIT_KEY", "KIST_AADHAAR_CHECK",
        "KIST_REDIS_URL",
    ]  # fmt: skip
    assert not any(secret in done.stderr for secret in ("xxxx", "QUFB", "SUlJ", "U1NT"))


@pytest.mark.parametrize("command", ["import transactions", "score"])
def test_a_database_that_was_never_migrated_is_named_in_one_line(
    settings: Settings, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "transactions.csv"
    file.write_text("user_id,date,amount,type\n7,2026-01-01,10.00,CREDIT\n")
    # The server's own database, which never had our tables.
    elsewhere = {
        name: make_url(getattr(settings, field)).set(database="postgres").render_as_string(hide_password=False)
        for name, field in (("KIST_DATABASE_URL", "app_dsn"), ("KIST_OWNER_DATABASE_URL", "owner_dsn"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *command.split(), str(file)],
        env={**os.environ, **settings.addresses(), **elsewhere, "KIST_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("kist: the database does not have the tables of this version")
    assert "Traceback" not in done.stderr
