"""Backup and restore. A backup is one file: the database as of one moment, and a manifest of its contents.

The file contains no keys. The Aadhaar numbers in it are encrypted, and the manifest has check values of the keys that
open them. So a restore with other keys is refused before anything is written. All other personal data in the file is
not encrypted: protect it like the database.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from app.db import archive
from app.db.archive import Contents
from app.db.cluster import EXTENSION
from app.db.migrate import knows_revision
from app.services.operations.clusters import is_distributed
from app.services.people.keys import AADHAAR, AUDIT, INDEX, Key, check_value, keys_of
from app.settings import Settings

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database.dump"
CHUNK_BYTES = 1024 * 1024


class BackupRefused(Exception):
    """A backup or a restore was refused. The message says in one line why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of a backup. `keys` are check values of the keys that open it; they do not reveal the keys."""

    format: int
    made_at: str
    revision: str
    sha256: str
    rows: Mapping[str, int]
    audit_head: str | None
    keys: Mapping[str, str]


async def back_up(
    settings: Settings, file: Path, *, programs: Path, notify: Callable[[str, int, int], None]
) -> Manifest:
    """Writes a backup that only its owner can read. The file gets its name when it is complete.

    The rows of a cluster are dumped server by server, so they would not be of one moment if anybody wrote meanwhile. A
    cluster is backed up only while nobody else is connected. Raises BackupRefused, ArchiveFailed.
    """
    at_rest = await is_distributed(settings)
    if at_rest and (others := await archive.count_other_sessions(settings.owner_dsn)):
        raise BackupRefused(
            f"the books are in the shards of a cluster, and {others} other sessions are open: a dump would not be of"
            " one moment. Stop the API and the workers first, or use citus_create_restore_point and a base backup of"
            " every server (docs/operations.md, A cluster)"
        )
    with _whole_or_not_at_all(file) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as backup:
        manifest = await _write(backup, settings, programs=programs, notify=notify)
        if at_rest and await archive.count_rows(settings.owner_dsn) != manifest.rows:
            raise BackupRefused("somebody wrote while the cluster was dumped: stop the API and the workers first")
        return manifest


async def bring_back(settings: Settings, file: Path, *, programs: Path, notify: Callable[[str], None]) -> Manifest:
    """Restores a backup into an empty database, and compares every table with the manifest.

    Raises BackupRefused before anything is written, ArchiveFailed.
    """
    manifest = check_backup(settings, file)
    if await archive.has_extension(settings.owner_dsn, EXTENSION):
        raise BackupRefused(
            f"the database has the extension {EXTENSION} already: restore first, then CREATE EXTENSION {EXTENSION} and"
            " kist distribute"
        )
    if not await archive.is_empty(settings.owner_dsn):
        raise BackupRefused("the database is not empty: restore into a new one, for example with another KIST_HOME")
    with zipfile.ZipFile(file) as backup, backup.open(DATABASE) as source:
        found = await archive.restore(settings.owner_dsn, programs=programs, source=source, notify=notify)
    if (found.revision, found.rows) != (manifest.revision, manifest.rows):
        raise BackupRefused("the restored rows differ from the manifest: use neither the database nor the file")
    return manifest


def check_backup(settings: Settings, file: Path) -> Manifest:
    """Checks that a backup is complete and that our keys and this version of Kist can read it. Raises
    BackupRefused."""
    manifest = read_manifest(file)
    _check(manifest, settings, found_sha256=_sha256(file))
    return manifest


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup. Raises BackupRefused."""
    with _reading(file) as backup:
        return Manifest(**json.loads(backup.read(MANIFEST)))


async def _write(
    backup: zipfile.ZipFile, settings: Settings, *, programs: Path, notify: Callable[[str, int, int], None]
) -> Manifest:
    made_at = datetime.now(UTC)
    with backup.open(DATABASE, "w", force_zip64=True) as member:
        counted = _Hashing(member)
        contents = await archive.dump(settings.owner_dsn, programs=programs, to=counted, notify=notify)
    manifest = Manifest(
        format=FORMAT,
        made_at=made_at.isoformat(timespec="seconds"),
        revision=contents.revision,
        sha256=counted.sha256.hexdigest(),
        rows=contents.rows,
        audit_head=None if contents.audit_head is None else str(contents.audit_head),
        keys=_check_values(settings, contents),
    )
    backup.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
    return manifest


def _check(manifest: Manifest, settings: Settings, *, found_sha256: str) -> None:
    if manifest.format != FORMAT:
        raise BackupRefused(f"the backup has format {manifest.format}, and this version of Kist reads {FORMAT}")
    if found_sha256 != manifest.sha256:
        raise BackupRefused("the backup is damaged: its contents differ from the manifest")
    if not knows_revision(manifest.revision):
        raise BackupRefused(f"the backup's schema {manifest.revision} is newer than this version of Kist")
    ours = {str(key): check_value(secret).hex() for key, secret in keys_of(settings).items()}
    for name, value in manifest.keys.items():
        if ours.get(name) != value:
            raise BackupRefused(
                f"the backup was made under another {name}: give that key, or put back the secrets.json that was "
                "kept with it"
            )


def _check_values(settings: Settings, contents: Contents) -> dict[str, str]:
    """The check values of the keys that a restore needs: the Aadhaar keys in use, the index key, the audit key."""
    ours = keys_of(settings)
    needed = {Key(AADHAAR, version) for version in contents.key_versions}
    if missing := sorted(needed - ours.keys()):
        raise BackupRefused(f"{missing[0]} is missing and the backup would need it: set KIST_AADHAAR_OLDER_KEYS")
    values = {key: check_value(ours[key]) for key in sorted(needed | {INDEX, AUDIT})}
    if wrong := [key for key, value in values.items() if contents.key_checks.get(key, value) != value]:
        raise BackupRefused(f"{wrong[0]} is not the one under which these books were written: the backup would need it")
    return {str(key): value.hex() for key, value in values.items()}


def _sha256(file: Path) -> str:
    found = hashlib.sha256()
    with _reading(file) as backup, backup.open(DATABASE) as member:
        while chunk := member.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()


@contextmanager
def _reading(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as backup:
            yield backup
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError) as error:
        raise BackupRefused(f"{file} is no backup, or is damaged ({type(error).__name__})") from None


@contextmanager
def _whole_or_not_at_all(file: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner can read. It gets its name when it is complete and on the disk."""
    if file.exists():
        raise BackupRefused(f"{file} exists: a backup does not overwrite another")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


class _Hashing:
    """A stream that hashes what is written to it."""

    def __init__(self, to: IO[bytes]) -> None:
        self.sha256 = hashlib.sha256()
        self._to = to

    def write(self, chunk: bytes, /) -> int:
        self.sha256.update(chunk)
        return self._to.write(chunk)
