"""Committed files work on every machine: they name no package index and no path of the author's machine."""

import re
import shutil
import subprocess

import pytest

from tests.house.source import ROOT

# Each pattern is written in two parts, so that this file does not match itself.
FORBIDDEN = re.compile(
    "|".join(
        [
            "/ro" + r"ot/",
            "/wo" + r"rk/(?!flows)",
            "/ho" + r"me/\w",
            r"--(extra-)?index" + r"-url\b",
            "--find" + r"-links\b",
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "registry" + r"\.npmjs",
            "deb" + r"\.debian\.org",
        ]
    )
)
# Options of the command that makes the lock files. They keep addresses out, and the lock files repeat them.
NEGATED = re.compile("--no-emit-index" + "-url|--no-emit-find" + "-links")
BINARY = {".png", ".ttf", ".xlsx", ".pdf", ".ico", ".woff2"}


def committed() -> list[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_names_an_index_or_a_machine() -> None:
    found = []
    for name in committed():
        if (ROOT / name).suffix in BINARY:
            continue
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), start=1):
            hit = FORBIDDEN.search(NEGATED.sub("", line))
            if hit:
                found.append(f"{name}:{number}: {hit.group()}")
    assert found == []
