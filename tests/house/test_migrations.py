"""A committed migration is never edited, because databases have already been changed by it.

`migrations.sha256` holds the hash of each file. Add a new migration with

    sha256sum migrations/versions/0012_name.py >> tests/house/migrations.sha256

and do not edit it after that. The next migration corrects an error in it.
"""

import hashlib
from pathlib import Path

VERSIONS = Path("migrations/versions")
HASHES = Path(__file__).with_name("migrations.sha256")


def recorded_hashes() -> dict[str, str]:
    """The recorded hash of each migration by its path."""
    lines = [line.split() for line in HASHES.read_text().splitlines()]
    return {path: digest for digest, path in lines}


def test_no_migration_that_has_landed_was_edited() -> None:
    found = {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(VERSIONS.glob("*.py"))}
    recorded = recorded_hashes()
    edited = [path for path, digest in recorded.items() if found.get(path, digest) != digest]
    assert edited == [], "never edit a committed migration, not even its comments: write the next one instead"
    assert sorted(recorded.keys() - found.keys()) == [], "never remove or rename a committed migration"
    assert sorted(found.keys() - recorded.keys()) == [], (
        "record each new migration when it is final: sha256sum FILE >> tests/house/migrations.sha256"
    )


def test_hashes_are_kept_in_the_order_of_the_migrations_each_once() -> None:
    paths = [line.split()[1] for line in HASHES.read_text().splitlines()]
    assert paths == sorted(set(paths))
