"""A place for the servers of one test.

Not below pytest's own temporary directory: every pytest that starts takes the rights of that directory away from
others, and when the tests run as root, PostgreSQL runs as another user.
"""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded import Postgres, Valkey


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kist-story-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def home(place: Path) -> Iterator[Path]:
    """A KIST_HOME in a path with spaces; whatever a failed test left running in it is stopped."""
    home = place / "a home with spaces"
    home.mkdir()
    yield home
    Valkey(home).stop()
    Postgres(home).stop()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
