"""A migration that has landed is never edited: somebody's database was changed by it as it was.

`migrations.sha256` holds the hash of each file. A new migration is entered by

    sha256sum migrations/versions/0012_name.py >> tests/house/migrations.sha256

and from then on it stands as it is; what is wrong in it is put right by the next one.
"""

import hashlib
from pathlib import Path

VERSIONS = Path("migrations/versions")
KEPT = Path(__file__).with_name("migrations.sha256")


def kept_hashes() -> dict[str, str]:
    """The hash of each migration by its path, as `sha256sum` writes them."""
    lines = [line.split() for line in KEPT.read_text().splitlines()]
    return {path: digest for digest, path in lines}


def test_no_migration_that_has_landed_was_edited() -> None:
    found = {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(VERSIONS.glob("*.py"))}
    kept = kept_hashes()
    edited = [path for path, digest in kept.items() if found.get(path, digest) != digest]
    assert edited == [], "a migration that has landed is never edited, comments included: write the next one instead"
    assert sorted(kept.keys() - found.keys()) == [], "a migration that has landed is never removed or renamed"
    assert sorted(found.keys() - kept.keys()) == [], (
        "enter each new migration, once it is as it shall stay: sha256sum FILE >> tests/house/migrations.sha256"
    )


def test_hashes_are_kept_in_the_order_of_the_migrations_each_once() -> None:
    paths = [line.split()[1] for line in KEPT.read_text().splitlines()]
    assert paths == sorted(set(paths))
