"""Whoever is sent to a document finds it: every `.md` that a file names is in the repository."""

import re
from pathlib import Path

from tests.house.source import ROOT, name_of, python_files

NAMED = re.compile(r"[\w./-]*\w\.md\b")


def texts() -> list[Path]:
    return [
        *python_files("app", "tests", "bench", "migrations"),
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def test_every_document_that_is_named_is_there() -> None:
    missing = []
    for path in texts():
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for name in NAMED.findall(line):
                places = (ROOT / name, ROOT / "docs" / name, ROOT / "docs" / "reference" / name, path.parent / name)
                if not any(place.resolve().is_file() for place in places):
                    missing.append(f"{name_of(path)}:{number}: {name}")
    assert missing == []
