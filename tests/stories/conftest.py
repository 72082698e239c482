"""A folder for the servers of one test.

It is not below pytest's own temporary directory. Every pytest removes the access of other users from that directory
when it starts, and if the tests run as root, PostgreSQL runs as another user.
"""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded import Postgres, Valkey


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kist-story-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def home(folder: Path) -> Iterator[Path]:
    """A KIST_HOME in a path with spaces. Servers that a failed test left running in it are stopped."""
    home = folder / "a home with spaces"
    home.mkdir()
    yield home
    Valkey(home).stop()
    Postgres(home).stop()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
