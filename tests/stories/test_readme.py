"""The story of README.md as a reader tells it: its blocks, pasted into a shell, against a Kist that runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import environment_of, kist_up

EXPECTED = (
    "710",
    "4406.04",
    "{'instalment': 1, 'amount': 4406.04, 'minimum': 1935.0,",
    '"applied":{"charges":0.0,"interest":435.0,"principal":3971.04,"advance":0.0}',
    '"outstanding":46028.96',
    "46028.96",
    "{'principal_paid': 3971.04, 'interest_paid': 435.0,",
)


def story() -> str:
    """The blocks of the section, with the programs of this environment."""
    section = (ROOT / "README.md").read_text().partition("## One loan, with curl")[2].partition("\n## ")[0]
    text = "\n".join(re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL))
    programs = {"python": sys.executable, "kist": f"{sys.executable} -m app.cli"}
    return re.sub(r"\.venv/bin/(\w+)", lambda found: programs[found[1]], text)


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_story_can_be_told_and_told_again(shell: str, home: Path, port: int, tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which(shell) is None:
        pytest.skip(f"needs curl and {shell}")
    environment = {**environment_of(home, port=port), "PYTHONPATH": os.fspath(ROOT)}
    with kist_up(home, port=port):
        for _ in range(2):
            done = subprocess.run(
                [shell], input=story(), env=environment, cwd=tmp_path, capture_output=True, text=True,
                timeout=PATIENCE_SECONDS,
            )  # fmt: skip
            assert done.stderr == ""
            for text in EXPECTED:
                assert text in done.stdout
        refused = subprocess.run(
            [shell], input=story().replace('"amount": 50000,', '"amount": 50001,'), env=environment, cwd=tmp_path,
            capture_output=True, text=True, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
    assert "no loan_id in the answer" in refused.stderr
    assert "above the largest offered" in refused.stderr
    assert "Traceback" not in refused.stderr
