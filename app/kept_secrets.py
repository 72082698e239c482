"""The secrets of a developer's machine: made once, and kept in KIST_HOME, so that what was encrypted yesterday can be
read today. Where books are and the file is gone, nothing is made up."""

import base64
import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: Those under which the books are written: with others they are not read, or not found, or not proved. A new secret of
#: tokens only ends everybody's session.
BOOK_FIELDS = ("aadhaar_key", "aadhaar_index_key", "audit_key")
SECRET_FIELDS = ("jwt_secret", *BOOK_FIELDS)
SECRETS_FILE = "secrets.json"
#: Where the embedded PostgreSQL keeps the books of a KIST_HOME.
EMBEDDED_BOOKS = Path("postgres", "data")

#: The files that this process began, and with what.
_made_here: dict[Path, dict[str, str]] = {}


class SecretsUnusable(Exception):
    """The kept secrets cannot be used; the message says what to do, and repeats none."""


def keep_secrets(home: Path, *, absent: Collection[str], books_elsewhere: bool) -> dict[str, str]:
    """The secrets that were not given, as this KIST_HOME keeps them. Only these are ever made and kept: what was given
    is somebody else's to keep, and a key beside it in the file would be none of the books'.

    New keys are for new books: made beside old ones they would be kept, and be wrong. With `books_elsewhere` (the
    address of a database was given) nobody can tell here, and a home that keeps secrets already has met its books.

    Raises SecretsUnusable.
    """
    path = home / SECRETS_FILE
    try:
        kept = _read(path)
        if set(absent) <= kept.keys():
            return {field: kept[field] for field in absent}
        path.parent.mkdir(parents=True, exist_ok=True)
        with _held(home):
            # Of two processes that start at once the second finds what the first has made.
            kept, was_there = _read(path), path.exists()
            new = {field: make_secret() for field in absent if field not in kept}
            if set(BOOK_FIELDS) & new.keys() and (was_there if books_elsewhere else (home / EMBEDDED_BOOKS).exists()):
                raise _no_keys(home, new, is_there=was_there)
            if new:
                # None for what was given: a file that says nothing of the audit key is older than that key.
                _write(path, json.dumps(dict.fromkeys(SECRET_FIELDS) | kept | new, indent=2) + "\n")
                _made_here.update({} if was_there else {path: kept | new})
        return {field: (kept | new)[field] for field in absent}
    except OSError as error:
        raise SecretsUnusable(f"KIST_HOME: cannot keep secrets in {path}: {error.strerror}") from None


def peek_secrets(home: Path, *, absent: Collection[str]) -> dict[str, str]:
    """The same for whoever writes under no key of their own: what is not kept is made for this process alone.

    Raises SecretsUnusable.
    """
    kept = _read(home / SECRETS_FILE)
    return {field: kept.get(field) or make_secret() for field in absent}


def forget_new_secrets() -> None:
    """Removes the files that this process has begun, because the books turned out to be written under other keys."""
    for path, content in _made_here.items():
        with suppress(OSError, SecretsUnusable):
            if _read(path) == content:
                path.unlink()
    _made_here.clear()


def make_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_once(path: Path, content: str) -> None:
    """A file for its owner's eyes, with this content unless it is there already. Whoever reads it reads the whole."""
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
    """What the file holds; nothing where there is none. Raises SecretsUnusable, OSError."""
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
        # A file from before the audit trail was sealed: the same key every time, without writing the file anew.
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
            f"{path} does not hold {given}, which its books were given before: give it again. No new key was made"
        )
    return SecretsUnusable(
        f"{path} is gone, and the books in {home / EMBEDDED_BOOKS.parent} were written under its keys:"
        f" put back the copy that was kept apart from them, or give {given}."
        " No new keys were made; to begin new books, set another KIST_HOME"
    )


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go even after `kill -9`."""
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, content: str) -> None:
    """For its owner's eyes, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
