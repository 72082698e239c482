"""What is committed works on every machine: it names no package index and no path of the machine it was written on."""

import re
import shutil
import subprocess

import pytest

from tests.house.source import ROOT

# Put together here, so that this file does not name what it forbids.
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
# The lock files repeat the command that made them, and the Makefile holds it: "do not write any address".
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
