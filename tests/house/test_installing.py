"""Installation: the three lock files agree, and each make target installs only what it needs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

# Replaces environment.sh: it records its arguments, and makes a Python that records its arguments.
FAKE = """#!/bin/sh
[ "$1" != sound ] || exec test -x .venv/bin/python
echo "install $1" >> asked
[ "$1" != contract ] || exec touch .venv/.contract
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "$*" >> asked\\n' > .venv/bin/python
chmod +x .venv/bin/python
touch .venv/.runtime
[ "$1" = runtime ] || touch .venv/.dev
"""


def pins(name: str) -> dict[str, set[str]]:
    """Each requirement of a lock (a package may have two, of which the marker picks one) with its hashes."""
    found = {}
    for entry in re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text()):
        if "==" in entry.splitlines()[0]:
            found[entry.splitlines()[0].removesuffix(" \\")] = set(re.findall(r"--hash=(\S+)", entry))
    return found


def test_the_dev_lock_keeps_every_pin_of_the_runtime_lock() -> None:
    runtime, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    assert len(runtime) > 50
    assert {name: everything.get(name) for name in runtime} == runtime
    installer = pins("requirements-installer.lock")
    assert [name.split("==")[0] for name in installer] == ["uv"]
    assert {name: everything.get(name) for name in installer} == installer


def test_nothing_is_pinned_without_a_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert [name for name, hashes in pins(lock.name).items() if not hashes] == []


class Checkout:
    """A checkout with the Makefile only, in a folder with a space in its name."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        shutil.copy(ROOT / "Makefile", place)
        for lock in ROOT.glob("requirements*.lock"):
            (place / lock.name).touch()
        (place / "tests" / "api" / "contract").mkdir(parents=True)
        (place / "tests" / "api" / "contract" / "package-lock.json").touch()
        (place / "environment.sh").write_text(FAKE)
        (place / "environment.sh").chmod(0o755)

    def make(self, target: str) -> list[str]:
        """Runs a target. Returns the recorded commands in order."""
        asked = self.place / "asked"
        asked.write_text("")
        quiet = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
        subprocess.run(["make", target], cwd=self.place, env=quiet, check=True, capture_output=True)
        return asked.read_text().splitlines()

    def lock_changes(self, name: str) -> None:
        later = max(path.stat().st_mtime for path in (self.place / ".venv").iterdir()) + 1
        os.utime(self.place / name, (later, later))

    def time_passes(self) -> None:
        """Makes the stamps newer than every other file, as after an installation."""
        for stamp in (self.place / ".venv").glob(".[rd]*"):
            os.utime(stamp, (stamp.stat().st_mtime + 5, stamp.stat().st_mtime + 5))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a place")


def test_the_service_starts_with_what_runs_it_and_nothing_else(checkout: Checkout) -> None:
    assert checkout.make("up") == ["install runtime", "-m app.cli up"]
    assert checkout.make("demo") == ["-m app.cli demo"]


@pytest.mark.parametrize("target", ["test", "check", "bench", "chaos", "lives", "format", "environment"])
def test_the_other_targets_add_the_rest_once_and_serve_the_service_too(checkout: Checkout, target: str) -> None:
    (checkout.place / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("true") or "", checkout.place / ".venv" / "bin" / "lint-imports")
    assert checkout.make(target)[0] == "install dev"
    assert "install dev" not in checkout.make(target)
    assert checkout.make("up") == ["-m app.cli up"]


def test_the_tests_also_have_the_generators_of_clients(checkout: Checkout) -> None:
    assert checkout.make("test")[:2] == ["install dev", "install contract"]
    checkout.lock_changes("requirements-contract.lock")
    assert checkout.make("test")[0] == "install contract"
    assert checkout.make("environment") == []


def test_a_changed_lock_refreshes_only_its_dependents(checkout: Checkout) -> None:
    checkout.make("environment")
    checkout.lock_changes("requirements-dev.lock")
    assert checkout.make("up") == ["-m app.cli up"]
    assert checkout.make("environment") == ["install dev"]
    checkout.time_passes()
    checkout.lock_changes("requirements.lock")
    assert checkout.make("environment") == []
    assert checkout.make("up") == ["install runtime", "-m app.cli up"]


@pytest.mark.parametrize("target, asked", [("up", "install runtime"), ("environment", "install dev")])
def test_an_environment_that_does_not_run_is_made_again(checkout: Checkout, target: str, asked: str) -> None:
    checkout.make("environment")
    (checkout.place / ".venv" / "bin" / "python").unlink()
    assert checkout.make(target)[0] == asked


def test_an_environment_of_another_place_is_not_sound(tmp_path: Path) -> None:
    """The real script: a working Python is not enough, the environment must belong to this checkout."""
    place = tmp_path / "a place"
    place.mkdir()
    shutil.copy(ROOT / "environment.sh", place)
    command = [str(place / "environment.sh"), "sound"]
    assert subprocess.run(command).returncode == 1
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / ".venv")], check=True)
    assert subprocess.run(command).returncode == 1
    (packages,) = (place / ".venv").glob("lib/python*/site-packages")
    (packages / "kist-checkout.pth").write_text(f"{place.resolve()}\n")
    assert subprocess.run(command).returncode == 0
    place.rename(tmp_path / "elsewhere")
    assert subprocess.run([str(tmp_path / "elsewhere" / "environment.sh"), "sound"]).returncode == 1
