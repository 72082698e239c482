"""Books that come back: without their keys they are not opened, without `admin.json` no password is made up."""

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
from tests.stories.running import Up, begin, environment_of, kist_up

pytestmark = pytest.mark.slow

OTHERS = "KIST_AADHAAR_INDEX_KEY, KIST_AADHAAR_KEY of version 1 and KIST_AUDIT_KEY are not those"


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
    """What `kist up` says when it does not start."""
    up = begin(home, port=port)
    assert up.wait() == 1
    assert "Traceback" not in up.said()
    return [line for line in up.said().splitlines() if line.startswith("kist:")]


def signs_in(up: Up, password: str) -> bool:
    form = {"username": "admin@kist.example", "password": password}
    answer = httpx.post(
        f"http://127.0.0.1:{up.port}/api/v1/auth/token", data=form, timeout=PATIENCE_SECONDS, trust_env=False
    )
    return answer.status_code == 200


def stop(up: Up) -> None:
    up.process.send_signal(signal.SIGTERM)
    assert up.wait() == 0


def test_books_are_not_opened_without_their_keys_and_none_are_made_up(home: Path, place: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        stop(up)
    secrets = home / "secrets.json"
    apart = place / "kept apart.json"
    secrets.rename(apart)
    (line,) = refused(home, port=port)
    assert f"{secrets} is gone, and the books in {home / 'postgres'} were written under its keys" in line
    assert "put back your copy of the file" in line
    done = kist(home, "reconcile")
    assert (done.returncode, secrets.exists()) == (1, False)
    # The secrets of another home are there, but they are not those of these books.
    letters = {"aadhaar_key": "A", "aadhaar_index_key": "E", "audit_key": "I"}
    other = json.loads(apart.read_text()) | {name: f"{letter * 43}=" for name, letter in letters.items()}
    secrets.write_text(json.dumps(other))
    (line,) = refused(home, port=port)
    assert line.startswith(f"kist: {OTHERS} under which these books were written: give the ones that belong")
    for command in (["reconcile"], ["seed"], ["audit", "verify"], ["rotate-aadhaar-key"], ["serve"], ["worker"]):
        done = kist(home, *command)
        assert (done.returncode, done.stderr.splitlines()[-1][: len(OTHERS) + 6]) == (1, f"kist: {OTHERS}"), command
        assert "Traceback" not in done.stderr
    done = kist(home, "backup", str(place / "other.backup"))
    assert (done.returncode, (place / "other.backup").exists()) == (1, False)
    assert "is not the one under which these books were written" in done.stderr
    # With the keys given nothing is kept but what was made: the secret of tokens.
    secrets.unlink()
    given = {f"KIST_{name.upper()}": json.loads(apart.read_text())[name] for name in letters}
    done = kist(home, "reconcile", given=given)
    assert (done.returncode, done.stderr) == (0, "")
    assert {name for name, value in json.loads(secrets.read_text()).items() if value} == {"jwt_secret"}
    (line,) = refused(home, port=port)
    assert "does not hold KIST_AADHAAR_KEY, KIST_AADHAAR_INDEX_KEY and KIST_AUDIT_KEY" in line
    apart.rename(secrets)
    with kist_up(home, port=port) as up:
        assert signs_in(up, json.loads((home / "admin.json").read_text())["password"])
        stop(up)


def test_restored_books_have_the_password_that_they_had(home: Path, place: Path, port: int) -> None:
    file, restored = place / "kist.backup", place / "restored"
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
        said = " ".join(up.said().replace("│", " ").split())
        assert "the one that these books hold; to set another: kist staff password admin@kist.example" in said
        assert known not in said
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
