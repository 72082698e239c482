"""What the doctor makes of facts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.commands.doctor import examine
from app.db.repositories.operations.gauges import Backlog, EndpointBacklog, JobBacklog
from app.domain.lender.profiles import LenderProfile
from app.domain.lender.registrations import Registration
from app.domain.lender.samples import SAMPLE_LENDER
from app.domain.people.access import SYSTEM
from app.services.operations import doctor, scheduled_tasks
from app.services.operations.backlog import State
from app.services.operations.doctor import Finding, TaskFacts, Verdict
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.queues import BULK_QUEUES, QUEUES, route_of

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
QUIET = Backlog(
    jobs=(),
    events_last_number=9,
    events_unnumbered=0,
    events_oldest_seconds=0,
    parked_loans=0,
    ranges_open=0,
    last_finished_run=date(2026, 11, 21),
    audit_unsealed=0,
    audit_oldest_seconds=0,
    reconciled_on="2026-11-21",
)
WELL = State(at=NOW, database_time=NOW, business_date=date(2026, 11, 21), backlog=QUIET, endpoints=())
ENDPOINT = EndpointBacklog(endpoint_id=3, status="active", behind=0, waiting=0, dead=0, oldest_seconds=0, failures=0)


def wrong(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    found = [finding for finding in findings if finding.verdict is not Verdict.GOOD]
    assert all(finding.to_do for finding in found), "who finds something wrong says what to do"
    return [(finding.about, finding.verdict.value) for finding in found]


@pytest.mark.parametrize(
    "found, needed, is_known, verdict",
    [
        ("0017", "0017", True, "good"),
        ("0013", "0017", True, "bad"),
        ("0099", "0017", False, "bad"),
        (None, "0017", True, "bad"),
    ],
)
def test_schema(found: str | None, needed: str, is_known: bool, verdict: str) -> None:
    assert doctor.judge_schema(found, needed, is_known=is_known).verdict.value == verdict


@pytest.mark.parametrize(
    "profile, setting, verdict, found",
    [
        (None, None, "good", "the lender is registered in no state, so no charge may bear it"),
        (None, "29", "good", "tax documents are those of a lender in state 29"),
        ("29", None, "good", "tax documents are those of a lender in state 29"),
        ("29", "29", "good", "tax documents are those of a lender in state 29"),
        ("27", "29", "bad", "the lender's profile has a GSTIN of state 27, and KIST_GST_STATE is 29"),
    ],
)
def test_registration_for_gst(profile: str | None, setting: str | None, verdict: str, found: str) -> None:
    registration = Registration(versions=[(date(2026, 1, 1), profile)], setting=setting)
    finding = doctor.judge_registration(registration, on=date(2026, 11, 21))
    assert (finding.about, finding.verdict.value, finding.found) == ("GST", verdict, found)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, []),
        ({"events_oldest_seconds": 601.0}, [("events", "warning")]),
        ({"audit_oldest_seconds": 601.0}, [("audit trail", "warning")]),
        ({"last_finished_run": date(2026, 11, 19)}, [("billing", "bad")]),
        ({"last_finished_run": date(2026, 11, 20)}, []),
        ({"last_finished_run": None}, []),
        ({"parked_loans": 2}, [("billing", "warning")]),
    ],
)
def test_lag(changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert wrong(doctor.judge_lag(replace(WELL, backlog=replace(QUIET, **changes)))) == expected  # type: ignore[arg-type]


IMPORTS = JobBacklog(job="load_import", waiting=9, failed=0, oldest_seconds=3_600, attempts=0, last_error=None)
RUN = replace(IMPORTS, job="run_billing", waiting=1, oldest_seconds=600)


@pytest.mark.parametrize(
    "jobs, expected",
    [
        ([], []),
        ([RUN, IMPORTS], []),
        ([replace(RUN, oldest_seconds=601.0), IMPORTS], ["jobs in kist:billing: 1 wait, the oldest for 10 minutes"]),
        ([RUN, replace(IMPORTS, oldest_seconds=3_601.0)], ["jobs in kist:bulk: 9 wait, the oldest for 60 minutes"]),
        (
            [replace(IMPORTS, failed=2, attempts=7, last_error="IntegrityError")],
            ["job load_import: 2 failed and will be tried again; most often: 7 times, IntegrityError"],
        ),
    ],
)
def test_jobs(jobs: list[JobBacklog], expected: list[str]) -> None:
    found = doctor.judge_jobs(jobs, queues=QUEUES, bulk=BULK_QUEUES, queue_of=lambda job: route_of(job).queue)
    assert [f"{each.about}: {each.found}" for each in found if each.verdict is not Verdict.GOOD] == expected


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, []),
        ({"status": "paused"}, [("webhook 3", "warning")]),
        ({"oldest_seconds": 601.0}, [("webhook 3", "warning")]),
        ({"dead": 1}, [("webhook 3", "warning")]),
    ],
)
def test_webhooks(changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    state = replace(WELL, endpoints=[replace(ENDPOINT, **changes)])  # type: ignore[arg-type]
    assert wrong(doctor.judge_lag(state)) == expected


@pytest.mark.parametrize(
    "profile, is_production, verdict, words",
    [
        (None, True, "warning", "no profile"),
        (None, False, "warning", "no profile"),
        (SAMPLE_LENDER, True, "bad", "the sample"),
        (SAMPLE_LENDER, False, "good", "the sample"),
        (replace(SAMPLE_LENDER, name="Saral Finance"), True, "good", "Saral Finance lends"),
    ],
)
def test_a_sample_lends_nothing_in_production(
    profile: LenderProfile | None, is_production: bool, verdict: str, words: str
) -> None:
    finding = doctor.judge_lender(profile, is_production=is_production)
    assert (finding.about, finding.verdict.value, words in finding.found) == ("lender", verdict, True)


def test_clocks() -> None:
    assert wrong(doctor.judge_clock(WELL, is_production=True, is_held=False)) == []
    apart = replace(WELL, database_time=NOW - timedelta(seconds=3))
    assert wrong(doctor.judge_clock(apart, is_production=True, is_held=False)) == [("clock", "bad")]
    assert wrong(doctor.judge_clock(WELL, is_production=True, is_held=True)) == [("clock", "bad")]
    assert wrong(doctor.judge_clock(WELL, is_production=False, is_held=True)) == [("clock", "warning")]


def test_worker() -> None:
    task = TaskFacts(name="sweep", paused=False, last_started_at=NOW - timedelta(seconds=9), last_error=None)
    assert wrong(doctor.judge_worker([task], now=NOW)) == []
    assert wrong(doctor.judge_worker([], now=NOW)) == [("worker", "bad")]
    assert wrong(doctor.judge_worker([task], now=NOW + timedelta(minutes=1))) == [("worker", "bad")]
    assert wrong(doctor.judge_worker([replace(task, paused=True)], now=NOW)) == [("worker", "warning")]
    assert wrong(doctor.judge_worker([replace(task, last_error="TimeoutError")], now=NOW)) == [("worker", "warning")]


@pytest.mark.parametrize(
    "free, total, verdict",
    [(50_000_000_000, 100_000_000_000, "good"), (1_999_999_999, 10_000_000_000, "bad"), (4, 100, "bad")],
)
def test_disk(free: int, total: int, verdict: str) -> None:
    assert doctor.judge_disk("KIST_HOME", free=free, total=total).verdict.value == verdict


async def test_an_installation_is_examined(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    """The worker and the lender are missing here, and everything else works."""
    findings = await examine(settings)
    assert {finding.about for finding in findings} >= {
        "configuration", "disk", "queue", "database", "schema", "keys", "clock", "worker", "events", "billing",
        "jobs in kist:bulk",
    }  # fmt: skip
    assert wrong(iter(findings)) == [("lender", "warning"), ("worker", "bad")]
    async with uow_factory.open(SYSTEM) as uow:
        await scheduled_tasks.pause_task(uow, "sweep")
    assert ("worker", "warning") in wrong(iter(await examine(settings)))
    nowhere = settings.model_copy(update={"redis_url": "unix:///nowhere/valkey.sock"})
    assert ("queue", "bad") in wrong(iter(await examine(nowhere)))
