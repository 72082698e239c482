"""A home keeps the secrets that were made because none were given, and never a key that is not that of its books."""

import base64
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import pytest

from app.kept_secrets import BOOK_FIELDS, SECRET_FIELDS, forget_new_secrets, keep_secrets
from app.settings import SettingsError, load_settings


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for field in (*SECRET_FIELDS, "database_url"):
        monkeypatch.delenv(f"KIST_{field.upper()}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("KIST_ENV", "development")
    monkeypatch.setenv("KIST_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def kept(home: Path) -> dict[str, str]:
    found = json.loads((home / "secrets.json").read_text())
    assert set(found) == set(SECRET_FIELDS)
    return {field: value for field, value in found.items() if value is not None}


def begin_books(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)


@pytest.mark.parametrize("given", [each for size in range(5) for each in combinations(SECRET_FIELDS, size)])
def test_only_secrets_that_were_not_given_are_stored(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    for field in given:
        monkeypatch.setenv(f"KIST_{field.upper()}", key())
    first = load_settings()
    absent = {field for field in SECRET_FIELDS if field not in given}
    assert (set(kept(home)) if (home / "secrets.json").exists() else set()) == absent
    begin_books(home)
    assert load_settings() == first
    for field in given:
        monkeypatch.delenv(f"KIST_{field.upper()}")
    lost = sorted(set(given) & set(BOOK_FIELDS))
    if lost:
        with pytest.raises(SettingsError, match=f"KIST_{lost[0].upper()}"):
            load_settings()
    else:
        load_settings()
    assert (kept(home) if (home / "secrets.json").exists() else {}) == {
        field: getattr(first, field).get_secret_value() for field in SECRET_FIELDS if field in absent
    } | ({} if lost or "jwt_secret" in absent else {"jwt_secret": kept(home)["jwt_secret"]})


def test_a_file_from_before_the_audit_trail_was_sealed_has_the_same_key_every_time(home: Path) -> None:
    old = {field: key() for field in ("jwt_secret", "aadhaar_key", "aadhaar_index_key")}
    home.mkdir()
    (home / "secrets.json").write_text(json.dumps(old))
    begin_books(home)
    assert load_settings() == load_settings()
    assert json.loads((home / "secrets.json").read_text()) == old


def test_with_given_keys_only_a_token_secret_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_books(home)
    for field in BOOK_FIELDS:
        monkeypatch.setenv(f"KIST_{field.upper()}", key())
    load_settings()
    assert set(kept(home)) == {"jwt_secret"}
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600
    monkeypatch.delenv("KIST_AUDIT_KEY")
    monkeypatch.delenv("KIST_AADHAAR_KEY")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == (
        f"{home / 'secrets.json'} does not hold KIST_AADHAAR_KEY and KIST_AUDIT_KEY, which the environment"
        " gave when its books were begun: give it again. No new key was made"
    )
    monkeypatch.setenv("KIST_DATABASE_URL", "postgresql://kist@localhost/kist")
    with pytest.raises(SettingsError, match="does not hold KIST_AADHAAR_KEY and KIST_AUDIT_KEY"):
        load_settings()
    assert set(kept(home)) == {"jwt_secret"}


def test_without_keeps_new_nothing_is_stored(home: Path) -> None:
    one, other = load_settings(keeps_new=False), load_settings(keeps_new=False)
    assert one.audit_key != other.audit_key
    assert not home.exists()
    assert load_settings() == load_settings(keeps_new=False)


def test_only_a_file_made_by_this_process_is_removed(home: Path) -> None:
    load_settings()
    (home / "secrets.json").rename(home / "apart")
    (home / "apart").rename(home / "secrets.json")
    forget_new_secrets()
    assert not (home / "secrets.json").exists()
    load_settings()
    (home / "secrets.json").write_text(json.dumps({field: key() for field in SECRET_FIELDS}))
    forget_new_secrets()
    assert (home / "secrets.json").exists()


def test_processes_that_start_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(keep_secrets, tmp_path, absent=SECRET_FIELDS, books_elsewhere=False) for _ in range(32)]
    assert len({json.dumps(call.result()) for call in calls}) == 1
