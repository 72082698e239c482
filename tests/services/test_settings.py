"""Settings that are refused. Further checks before production starts are in `test_startup.py`."""

import base64
import secrets
from typing import Any

import pytest

from app.settings import SettingsError, load_settings


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which production starts."""
    for name in ("KIST_JWT_SECRET", "KIST_AADHAAR_KEY", "KIST_AADHAAR_INDEX_KEY", "KIST_AUDIT_KEY"):
        monkeypatch.setenv(name, key())
    monkeypatch.setenv("KIST_ENV", "production")
    monkeypatch.setenv("KIST_AADHAAR_CHECK", "checksum")
    return monkeypatch


def test_a_production_that_starts(production: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.is_production
    assert settings.calls_a_minute == (600, 6_000, 60_000)
    production.setenv("KIST_RATE_LIMIT_SERVICE", "100000")
    assert load_settings().calls_a_minute == (600, 6_000, 100_000)


@pytest.mark.parametrize("name", ["KIST_JWT_SECRET", "KIST_AADHAAR_KEY", "KIST_AADHAAR_INDEX_KEY", "KIST_AUDIT_KEY"])
def test_a_secret_that_was_not_given(production: pytest.MonkeyPatch, name: str) -> None:
    production.delenv(name)
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        load_settings()


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"KIST_JWT_SECRET": "too short"}, "32 bytes"),
        ({"KIST_TRUSTED_PROXIES": "everybody"}, "KIST_TRUSTED_PROXIES"),
        ({"KIST_RATE_LIMIT": "0"}, "KIST_RATE_LIMIT"),
    ],
)
def test_invalid_settings_are_refused(production: pytest.MonkeyPatch, changed: dict[str, str], named: str) -> None:
    for name, value in changed.items():
        production.setenv(name, value)
    with pytest.raises(SettingsError, match=named) as refused:
        load_settings()
    assert not any(value and value in str(refused.value) for value in changed.values() if len(value) > 8)


def test_development_starts_with_less(production: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name, value in (("KIST_ENV", "development"), ("KIST_AADHAAR_CHECK", "format"), ("KIST_HOME", str(tmp_path))):
        production.setenv(name, value)
    production.delenv("KIST_JWT_SECRET")
    assert load_settings().calls_a_minute == (1_000_000, 1_000_000, 1_000_000)
