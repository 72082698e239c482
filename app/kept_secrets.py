"""The secrets of a developer's machine: generated once and kept in KIST_HOME, so that data that was encrypted yesterday
can be read today. If a database exists and the file is missing, no secrets are generated."""

import base64
import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: The secrets that the stored data depends on. With another encryption key, numbers cannot be read; with another index
#: key they cannot be found; with another audit key the seals cannot be verified. A new `jwt_secret` only ends sessions.
BOOK_FIELDS = ("aadhaar_key", "aadhaar_index_key", "audit_key")
SECRET_FIELDS = ("jwt_secret", *BOOK_FIELDS)
SECRETS_FILE = "secrets.json"
#: Where the embedded PostgreSQL keeps the books of a KIST_HOME.
EMBEDDED_BOOKS = Path("postgres", "data")

#: The secrets files that this process created, and their content.
_made_here: dict[Path, dict[str, str]] = {}


class SecretsUnusable(Exception):
    """The kept secrets cannot be used. The message says what to do and contains no secret."""


def keep_secrets(home: Path, *, absent: Collection[str], books_elsewhere: bool) -> dict[str, str]:
    """The secrets that the environment does not give (`absent`), as this KIST_HOME keeps them. Missing ones are
    generated and kept. A secret that was given is not stored: its owner keeps it.

    New keys are only generated for a new database, because they would be wrong for an old one. The embedded database is
    old when its directory exists. With `books_elsewhere` (the address of a database was given) this cannot be seen;
    then a home that already has a secrets file counts as one with an old database.

    Raises SecretsUnusable.
    """
    path = home / SECRETS_FILE
    try:
        kept = _read(path)
        if set(absent) <= kept.keys():
            return {field: kept[field] for field in absent}
        path.parent.mkdir(parents=True, exist_ok=True)
        with _held(home):
            # Read again under the lock: another process may have generated the secrets meanwhile.
            kept, was_there = _read(path), path.exists()
            new = {field: make_secret() for field in absent if field not in kept}
            if set(BOOK_FIELDS) & new.keys() and (was_there if books_elsewhere else (home / EMBEDDED_BOOKS).exists()):
                raise _no_keys(home, new, is_there=was_there)
            if new:
                # A given secret is written as null. A file without the field `audit_key` is older than that field.
                _write(path, json.dumps(dict.fromkeys(SECRET_FIELDS) | kept | new, indent=2) + "\n")
                _made_here.update({} if was_there else {path: kept | new})
        return {field: (kept | new)[field] for field in absent}
    except OSError as error:
        raise SecretsUnusable(f"KIST_HOME: cannot keep secrets in {path}: {error.strerror}") from None


def read_secrets(home: Path, *, absent: Collection[str]) -> dict[str, str]:
    """The same without writing: a missing secret is generated for this process only. Raises SecretsUnusable."""
    kept = _read(home / SECRETS_FILE)
    return {field: kept.get(field) or make_secret() for field in absent}


def forget_new_secrets() -> None:
    """Removes the secrets files that this process created, because the database turned out to use other keys."""
    for path, content in _made_here.items():
        with suppress(OSError, SecretsUnusable):
            if _read(path) == content:
                path.unlink()
    _made_here.clear()


def make_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_once(path: Path, content: str) -> None:
    """Writes a file that only its owner can read, unless it exists. A reader never sees a part of the content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(content)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _read(path: Path) -> dict[str, str]:
    """The secrets in the file; empty if there is no file. Raises SecretsUnusable, OSError."""
    try:
        stored = dict(json.loads(path.read_text()))
        kept = {field: str(value) for field, value in stored.items() if value is not None}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError):
        raise SecretsUnusable(
            f"{path} is damaged: put back a copy, or set KIST_JWT_SECRET and the keys yourself"
        ) from None
    if set(SECRET_FIELDS) - stored.keys() == {"audit_key"}:
        # A file from before the audit trail had seals. The derived key is the same every time, so the file can stay.
        derived = hmac.digest(kept["aadhaar_index_key"].encode(), b"kist:audit", "sha256")
        kept.setdefault("audit_key", base64.b64encode(derived).decode())
    return kept


def _no_keys(home: Path, fields: Collection[str], *, is_there: bool) -> SecretsUnusable:
    path, names = home / SECRETS_FILE, [f"KIST_{field.upper()}" for field in BOOK_FIELDS]
    if is_there:
        names = [f"KIST_{field.upper()}" for field in BOOK_FIELDS if field in fields]
    given = f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
    if is_there:
        return SecretsUnusable(
            f"{path} does not hold {given}, which the environment gave when its books were begun: give it again."
            " No new key was made"
        )
    return SecretsUnusable(
        f"{path} is gone, and the books in {home / EMBEDDED_BOOKS.parent} were written under its keys:"
        f" put back your copy of the file, or give {given}."
        " No new keys were made; to begin new books, set another KIST_HOME"
    )


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """Lets one process in at a time. The kernel releases the lock even after `kill -9`."""
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, content: str) -> None:
    """Replaces the file in one step. Only its owner can read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
