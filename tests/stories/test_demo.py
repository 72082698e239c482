"""`kist demo` in a terminal: without a running Kist, and with one, several times on the same data."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from rich.console import Console
from typer.testing import CliRunner

from app import cli
from app.commands.demo import command
from app.commands.demo.bank_statement import make_aadhaar
from app.commands.demo.narration import Narrator, StoryFailed
from app.domain.people.aadhaar import AadhaarCheck, parse_aadhaar
from app.supervisor import kist_command
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import all_ended, environment_of, kist_up, until


def run_demo(home: Path, *, port: int) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL") and name != "KIST_PORT"}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "demo"],
        env={**kept, "KIST_HOME": str(home), "PORT": str(port), "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def lent_to_neighbours(text: str) -> tuple[int, int]:
    """How many of the neighbours were approved and how many refused. This depends on the day."""
    found = re.search(r"(\d+) are approved, (\d+) refused", text)
    assert found is not None, text
    return int(found[1]), int(found[2])


def register_somebody(port: int) -> None:
    """A customer who exists before the demo runs."""
    body = {"name": "Ravi Iyer", "email": "ravi.iyer@example.com", "aadhar_id": "234123412346"}
    answer = httpx.post(f"http://127.0.0.1:{port}/api/v1/users/register", json=body, trust_env=False)
    assert answer.status_code == 201, answer.text


@pytest.mark.slow
def test_it_starts_a_kist_of_its_own_and_leaves_nothing(home: Path, port: int) -> None:
    done = run_demo(home, port=port)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "her score: 710",
        "✓ EMI ₹4,406.04",
        "✓ interest ₹435.00",
        "✓ minimum due ₹1,935.00",
        "✓ available ₹90,000.00",
        "✓ the card's statement ₹15,000.00",
        "✓ its minimum due ₹750.00",
        "✓ EMI now ₹4,681.90",
        "✓ paid late ₹6,474.74",
        "✓ EMI now ₹2,948.49",
        "✓ closes the loan ₹25,491.91",
        "✓ paid out ₹1,97,640.00",
        "✓ EMI at 10 % ₹9,183.00",
        "exactly as it was simulated",
        "✓ a payment is returned, which costs ₹472.00",
        "✓ owed to her ₹250.00",
        "kist generate --load makes 60 people",
        "figures are as expected",
    ):
        assert line in done.stdout
    lent, refused = lent_to_neighbours(done.stdout)
    assert (lent > 0, lent + refused) == (True, 12)
    assert f"✓ {3 + lent} loans agree with their ledgers to the paisa" in done.stdout
    assert not (home / "postgres").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_ended_by_a_signal_it_leaves_no_process(home: Path, port: int, folder: Path, number: signal.Signals) -> None:
    printed, temporary = folder / "said.txt", folder / "tmp"
    temporary.mkdir(mode=0o711)
    with printed.open("wb") as file:
        process = subprocess.Popen(
            kist_command("demo"),
            env=environment_of(home, port=port) | {"TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    assert until(lambda: "Asha Rao takes two loans" in printed.read_text() or process.poll() is not None)
    assert process.poll() is None, printed.read_text()
    started = psutil.Process(process.pid).children(recursive=True)
    assert any("postgres" in child.name() for child in started)
    process.send_signal(number)
    process.wait(timeout=PATIENCE_SECONDS)
    assert all_ended(started)
    assert number is signal.SIGKILL or list(temporary.iterdir()) == []


@pytest.mark.slow
def test_it_uses_the_kist_that_runs_and_adds_its_people_once(home: Path, port: int) -> None:
    with kist_up(home, port=port) as up:
        register_somebody(port)
        lent = 0
        for times in (1, 2):
            done = run_demo(home, port=port)
            assert done.returncode == 0, done.stdout + done.stderr
            assert f"http://127.0.0.1:{port} (running; its business date" in done.stdout
            if times == 1:
                lent, _ = lent_to_neighbours(done.stdout)
            else:
                assert "The 60 people of the demo are here already" in done.stdout
            assert f"✓ {3 * times + lent} loans agree with their ledgers" in done.stdout
        assert up.get("/health").json()["stats"]["customers"] == 1 + 60 + 2


def test_a_figure_that_differs_ends_it_with_status_one(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def nowhere(_settings: object) -> Iterator[None]:
        yield None

    def run_story(_place: object, narrator: Narrator) -> None:
        narrator.money("EMI", 1, expected_paise=4_406_04)

    monkeypatch.setattr(command, "open_place", nowhere)
    monkeypatch.setattr(command, "run_story", run_story)
    done = CliRunner().invoke(cli.program, ["demo"])
    assert done.exit_code == 1
    assert "EMI: expected ₹4,406.04, found ₹1.00" in done.stderr


def test_a_comparison_that_holds_is_counted() -> None:
    narrator = Narrator(console=Console(quiet=True))
    narrator.check("two", 2, expected=2)
    with pytest.raises(StoryFailed, match="three: expected 3, found 2"):
        narrator.check("three", 2, expected=3)
    assert narrator.checked == 2


def test_the_customer_has_an_aadhaar_that_keeps_the_rules() -> None:
    for _ in range(20):
        made = make_aadhaar()
        assert parse_aadhaar(made, check=AadhaarCheck.CHECKSUM) == made
