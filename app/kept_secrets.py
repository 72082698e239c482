"""The secrets of a developer's machine: made once, and kept in KIST_HOME, so that what was encrypted yesterday can be
read today. Where books are and the file is gone, nothing is made up."""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

#: Those under which the books are written: with others they are not read, or not found, or not proved. A new secret of
#: tokens only ends everybody's session.
BOOK_FIELDS = ("aadhaar_key", "aadhaar_index_key", "audit_key")
SECRET_FIELDS = ("jwt_secret", *BOOK_FIELDS)
SECRETS_FILE = "secrets.json"
#: Where the embedded PostgreSQL keeps the books of a KIST_HOME.
EMBEDDED_BOOKS = Path("postgres", "data")


class SecretsUnusable(Exception):
    """The kept secrets cannot be used; the message says what to do, and repeats none."""


def refuse_books_without_secrets(home: Path, *, absent: Collection[str]) -> None:
    """New keys are for new books: made beside old ones they would be kept, and be wrong. Raises SecretsUnusable."""
    if not set(BOOK_FIELDS) & set(absent) or (home / SECRETS_FILE).exists() or not (home / EMBEDDED_BOOKS).exists():
        return
    raise SecretsUnusable(
        f"{home / SECRETS_FILE} is gone, and the books in {home / EMBEDDED_BOOKS.parent} were written under its keys:"
        " put back the copy that was kept apart from them, or give"
        " KIST_AADHAAR_KEY, KIST_AADHAAR_INDEX_KEY and KIST_AUDIT_KEY."
        " No new keys were made; to begin new books, set another KIST_HOME"
    )


def keep_secrets(home: Path) -> dict[str, str]:
    """The secrets of this KIST_HOME. Two processes that start at once must agree: the first link wins.

    Raises SecretsUnusable.
    """
    path = home / SECRETS_FILE
    try:
        if not path.exists():
            write_once(path, json.dumps(_new_secrets(), indent=2) + "\n")
        kept = json.loads(path.read_text())
        # A file from before the audit trail was sealed: the same key every time, without writing the file anew.
        derived = hmac.digest(str(kept["aadhaar_index_key"]).encode(), b"kist:audit", "sha256")
        kept.setdefault("audit_key", base64.b64encode(derived).decode())
        return {field: str(kept[field]) for field in SECRET_FIELDS}
    except OSError as error:
        raise SecretsUnusable(f"KIST_HOME: cannot keep secrets in {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise SecretsUnusable(
            f"{path} is damaged: put back a copy, or set KIST_JWT_SECRET and the keys yourself"
        ) from None


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


def _new_secrets() -> dict[str, str]:
    return {field: base64.b64encode(secrets.token_bytes(32)).decode() for field in SECRET_FIELDS}
