"""`kist bench` runs with few loans, and prints each figure at once, in a form that a program can read."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from rich.console import Console

from app.supervisor import kist_command
from bench.load import Answers, UnexpectedAnswer
from bench.report import Figure, Report
from bench.written import write_figures
from tests.patience import PATIENCE_SECONDS
from tests.stories.running import all_ended, until


@contextmanager
def bench(output: Path, *words: str, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with output.open("wb") as file:
        process = subprocess.Popen(
            kist_command("bench", "--scale", "0.002", *words),
            env={**kept, "COLUMNS": "150", **settings},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def figures(output: Path) -> list[dict[str, object]]:
    """The figures of an output that also holds the log: the bench writes it to the standard error, in JSON as well."""
    lines = output.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith('{"figure": ') and line.endswith("}")]


@pytest.mark.slow
def test_every_figure_is_printed_for_people_and_for_programs(tmp_path: Path) -> None:
    output = tmp_path / "said"
    with bench(output) as process:
        # A dozen things are measured, so it may take a dozen times as long as one wait of a test.
        assert process.wait(timeout=12 * PATIENCE_SECONDS) == 0, output.read_text()
    names = [figure["figure"] for figure in figures(output)]
    assert len(names) == len(set(names))
    expected = {
        "billing decision, daily interest",
        "quote of 1,200 rows with 40 disbursals",
        "billing run, one worker: ratio",
        "card statements, one worker: ratio",
        "authorisations over HTTP: ratio",
        "billing run, two workers: ratio",
        "billing run, cost of a loan in a large book",
        "billing run, memory of a worker at its peak",
        "payments over HTTP: ratio",
        "payments on one hot loan: ratio",
        "a loan read: ratio",
        "a statement read: ratio",
        "scoring a file: ratio",
        "scoring a file: peak of memory",
        "importing transactions: ratio",
        "importing customers, xlsx",
        "importing loans, xlsx",
    }
    assert expected <= {*names}
    assert all(isinstance(figure["value"], float) and figure["value"] > 0 for figure in figures(output))
    # Each is printed again in the table.
    assert all(output.read_text().count(str(name)) >= 2 for name in names)


@pytest.mark.slow
def test_what_is_not_answered_as_expected_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    output = tmp_path / "said"
    # The recorded payment makes two calls. After that nearly all calls are above the limit.
    with bench(output, "--only", "payments,reads", KIST_RATE_LIMIT_STAFF="3") as process:
        assert process.wait(timeout=4 * PATIENCE_SECONDS) == 1, output.read_text()
    printed = output.read_text()
    for what, request, status in (
        ("payments over HTTP", "POST /api/v1/loans/payments", 201),
        ("a loan read", "a loan read", 200),
    ):
        raised = rf"{what}: UnexpectedAnswer: {request}: expected \d+ x {status}, found .*\d+ x 429 too_many_calls"
        assert re.search(f"not measured: {raised}", printed), printed
    known = {figure["figure"] for figure in figures(output)}
    assert {"payment, statements", "the probe /livez: ratio"} <= known


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal_it_leaves_no_server_and_keeps_its_figures(tmp_path: Path, number: signal.Signals) -> None:
    output, temporary = tmp_path / "said", Path(tempfile.mkdtemp(prefix="kist-story-"))
    temporary.chmod(0o711)
    with bench(output, "--only", "decisions,payments", TMPDIR=str(temporary)) as process:
        assert until(lambda: "payment, statements" in output.read_text() or process.poll() is not None)
        assert process.poll() is None, output.read_text()
        started = psutil.Process(process.pid).children(recursive=True)
        assert any("postgres" in child.name() for child in started)
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE_SECONDS) == 1
    assert all_ended(started)
    assert "stopped by a signal" in output.read_text()
    assert {"billing decision, daily interest", "payment, statements"} <= {each["figure"] for each in figures(output)}
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


def test_answers_are_named_by_status_and_code() -> None:
    answers = Answers(
        taken=[0.1] * 5,
        statuses={201: 3, 409: 1, 502: 1},
        first_bodies={201: b"{}", 409: b'{"code": "busy"}', 502: b""},
    )
    with pytest.raises(UnexpectedAnswer) as raised:
        answers.check("POST /pay", count=6, status=201)
    found = "3 x 201, 1 x 409 busy, 1 x 502, 1 without an answer"
    assert str(raised.value) == f"POST /pay: expected 6 x 201, found {found}"
    Answers(taken=[0.1], statuses={200: 1}).check("GET /", count=1, status=200)


def test_a_figure_is_printed_before_the_next_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(Console(quiet=True))

    def measure() -> Iterator[Figure]:
        yield Figure(name="first", value=2.0, unit="x")
        assert json.loads(capsys.readouterr().out)["figure"] == "first"
        raise ZeroDivisionError("no second")

    with report.trying("both"):
        report.add(measure())
    with report.trying("another"):
        report.add([Figure(name="third", value=3.0, unit="x")])
    assert [figure.name for figure in report.figures] == ["first", "third"]
    assert report.failures == ["both: ZeroDivisionError: no second"]


@pytest.mark.parametrize(
    "value, bound, room, missed",
    [
        (0.6, "at least 0.5", 1.2, False),
        (0.4, "at least 0.5", 0.8, True),
        (4.0, "at most 8", 2.0, False),
        (6_000_000.0, "at most 5,500,000", 0.9166666666666666, True),
        (150.0, "below 300", 2.0, False),
        (3.0, "", None, False),
    ],
)
def test_a_figure_says_how_far_it_is_from_its_bound(value: float, bound: str, room: float | None, missed: bool) -> None:
    figure = Figure(name="a", value=value, unit="x", bound=bound)
    assert (figure.room, figure.missed) == (room, missed)


def test_figures_are_written_as_a_page_with_a_picture(tmp_path: Path) -> None:
    report = Report(Console(quiet=True))
    report.add(
        [
            Figure(name="a read: ratio", value=0.25, unit="x", bound="at least 0.2", note="ours / <bare>"),
            Figure(name="memory", value=400.0, unit="MB", bound="below 300"),
            Figure(name="a read", value=1_234.4, unit="1/s"),
        ]
    )
    write_figures(report, tmp_path, scale=0.5, seconds=12.4)
    page = (tmp_path / "figures.md").read_text()
    assert "| a read: ratio | 0.25 | x | at least 0.2 | ours / <bare> |" in page
    assert "| memory | 400 | MB | below 300: **missed** |  |" in page
    assert "| a read | 1,234 | 1/s |  |  |" in page
    drawn = (tmp_path / "images" / "figures.svg").read_text()
    titles = [each.text for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["a read: ratio: 0.25, at least 0.2", "memory: 400 MB, below 300"]
