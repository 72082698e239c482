"""A restored database: without its keys Kist does not start, and without `admin.json` no password is generated."""

import json
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import Up, environment_of, kist_up, start_kist_up

pytestmark = pytest.mark.slow

WRONG_KEYS = "KIST_AADHAAR_INDEX_KEY, KIST_AADHAAR_KEY of version 1 and KIST_AUDIT_KEY are not those"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def kist(home: Path, *words: str, given: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environment = environment_of(home, port=1) | dict(given or {})
    return subprocess.run(
        kist_command(*words), env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )


def refused(home: Path, *, port: int) -> list[str]:
    """The lines that `kist up` prints when it does not start."""
    up = start_kist_up(home, port=port)
    assert up.wait() == 1
    assert "Traceback" not in up.printed()
    return [line for line in up.printed().splitlines() if line.startswith("kist:")]


def signs_in(up: Up, password: str) -> bool:
    form = {"username": "admin@kist.example", "password": password}
    answer = httpx.post(
        f"http://127.0.0.1:{up.port}/api/v1/auth/token", data=form, timeout=PATIENCE_SECONDS, trust_env=False
    )
    return answer.status_code == 200


def stop(up: Up) -> None:
    up.process.send_signal(signal.SIGTERM)
    assert up.wait() == 0


def test_books_are_not_opened_without_their_keys_and_none_are_made_up(home: Path, folder: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        stop(up)
    secrets = home / "secrets.json"
    copy = folder / "kept apart.json"
    secrets.rename(copy)
    (line,) = refused(home, port=port)
    assert f"{secrets} is gone, and the books in {home / 'postgres'} were written under its keys" in line
    assert "put back your copy of the file" in line
    done = kist(home, "reconcile")
    assert (done.returncode, secrets.exists()) == (1, False)
    # The secrets of another home do not fit this database.
    letters = {"aadhaar_key": "A", "aadhaar_index_key": "E", "audit_key": "I"}
    other = json.loads(copy.read_text()) | {name: f"{letter * 43}=" for name, letter in letters.items()}
    secrets.write_text(json.dumps(other))
    (line,) = refused(home, port=port)
    assert line.startswith(f"kist: {WRONG_KEYS} under which these books were written: give the ones that belong")
    for command in (["reconcile"], ["seed"], ["audit", "verify"], ["rotate-aadhaar-key"], ["serve"], ["worker"]):
        done = kist(home, *command)
        assert (done.returncode, done.stderr.splitlines()[-1][: len(WRONG_KEYS) + 6]) == (1, f"kist: {WRONG_KEYS}"), (
            command
        )
        assert "Traceback" not in done.stderr
    done = kist(home, "backup", str(folder / "other.backup"))
    assert (done.returncode, (folder / "other.backup").exists()) == (1, False)
    assert "is not the one under which these books were written" in done.stderr
    # If the keys are given, only the generated secret of tokens is kept.
    secrets.unlink()
    given = {f"KIST_{name.upper()}": json.loads(copy.read_text())[name] for name in letters}
    done = kist(home, "reconcile", given=given)
    assert (done.returncode, done.stderr) == (0, "")
    assert {name for name, value in json.loads(secrets.read_text()).items() if value} == {"jwt_secret"}
    (line,) = refused(home, port=port)
    assert "does not hold KIST_AADHAAR_KEY, KIST_AADHAAR_INDEX_KEY and KIST_AUDIT_KEY" in line
    copy.rename(secrets)
    with kist_up(home, port=port) as up:
        assert signs_in(up, json.loads((home / "admin.json").read_text())["password"])
        stop(up)


def test_restored_books_have_the_password_that_they_had(home: Path, folder: Path, port: int) -> None:
    file, restored = folder / "kist.backup", folder / "restored"
    with kist_up(home, port=port) as up:
        assert kist(home, "backup", str(file)).returncode == 0
        stop(up)
    known = json.loads((home / "admin.json").read_text())["password"]
    done = kist(restored, "restore", str(file))
    assert (done.returncode, restored.exists()) == (1, False)
    assert "the backup was made under another KIST_A" in done.stderr
    restored.mkdir()
    shutil.copy(home / "secrets.json", restored)
    assert kist(restored, "restore", str(file)).returncode == 0
    with kist_up(restored, port=port) as up:
        printed = " ".join(up.printed().replace("│", " ").split())
        assert "the one that these books hold; to set another: kist staff password admin@kist.example" in printed
        assert known not in printed
        assert not (restored / "admin.json").exists()
        assert signs_in(up, known)
        shutil.copy(home / "admin.json", restored)
        done = kist(restored, "staff", "password", "admin@kist.example", "--password", "quite another")
        assert done.returncode == 0, done.stderr
        assert "held the old password, and was removed" in done.stdout
        assert not (restored / "admin.json").exists()
        assert not signs_in(up, known)
        assert signs_in(up, "quite another")
        stop(up)
