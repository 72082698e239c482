"""The log lines of jobs, imports and runs: one when it begins, and one with its figures when it ends."""

import contextlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.domain.people.access import SYSTEM, Actor, Role
from app.services.billing import runs
from app.services.imports import uploads
from app.services.people.customers import make_identity_service
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.jobs import JobHandler, attempt
from tests.patience import eventually
from tests.services.lending_desk import OFFICER, LendingHelper
from tests.workers.lent import lend
from tests.workers.test_imports import claims

__all__ = ["claims"]

# ARQ closes its connections with a method that redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")

VARYING = {"milliseconds", "timestamp", "level", "logger", "outbox_id"}


def logged(lines: io.StringIO, *events: str) -> list[dict[str, Any]]:
    """The lines of these events, without the fields that differ from run to run."""
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    chosen = [line for line in written if line["event"] in events]
    assert all(line["milliseconds"] >= 0 for line in chosen if not line["event"].endswith("begun"))
    return [{key: value for key, value in line.items() if key not in VARYING} for line in chosen]


async def test_an_import_is_logged(
    uow_factory: UnitOfWorkFactory,
    settings: Settings,
    claims: Claims,
    running_worker: Callable[..., Any],
    lines: io.StringIO,
) -> None:
    content = b"user_id,date,amount,type\nP1,2026-10-01,10,CREDIT\nP1,2026-10-02,x,CREDIT\nP2,2026-10-02,5,DEBIT\n"
    identity = make_identity_service(settings)
    found = await uploads.receive(
        uow_factory, claims, kind="transactions", file_name="t.csv", content=io.BytesIO(content), identity=identity
    )

    async def is_logged() -> bool:
        return any(line["job"] == "load_import" for line in logged(lines, "job ended"))

    async with running_worker():
        await eventually(is_logged)
    assert logged(lines, "import begun", "import ended") == [
        {
            "event": "import begun", "import_id": found.id, "kind": "transactions", "actor": "system",
            "job": "load_import",
        },
        {
            "event": "import ended", "import_id": found.id, "outcome": "finished", "reason": None, "rows_read": 3,
            "rows_loaded": 2, "rows_known": 0, "rows_rejected": 1, "job": "load_import",
        },
    ]  # fmt: skip
    jobs = [line for line in logged(lines, "job begun", "job ended") if line["job"] == "load_import"]
    assert jobs == [
        {"event": "job begun", "job": "load_import"},
        {"event": "job ended", "job": "load_import", "outcome": "done", "tries": 1},
    ]


async def test_a_run_is_logged_once_even_with_two_workers(uow_factory: UnitOfWorkFactory, lines: io.StringIO) -> None:
    lending, due_on = LendingHelper(uow_factory), await lend(uow_factory, loans=3)
    await lending.set_date(due_on)
    async with uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow)
    async with uow_factory.open(OFFICER) as uow:
        assert await runs.start_run(uow) == run_id
    far = uow_factory.clock() + timedelta(days=1)
    for worker in ("a", "b"):
        assert await runs.run_billing(uow_factory, run_id=run_id, worker=worker, until=far)
    day = due_on.isoformat()
    assert logged(lines, "billing run begun", "billing run ended") == [
        {"event": "billing run begun", "run_id": run_id, "actor": "officer:1", "business_date": day},
        {
            "event": "billing run ended", "run_id": run_id, "business_date": day, "outcome": "finished", "loans": 3,
            "bills": 3, "parked": 0,
        },
    ]  # fmt: skip


async def test_a_cancelled_run_is_logged(uow_factory: UnitOfWorkFactory, lines: io.StringIO) -> None:
    due_on = await lend(uow_factory, loans=1)
    await LendingHelper(uow_factory).set_date(due_on)
    async with uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow)
    async with uow_factory.open(OFFICER) as uow:
        await runs.cancel_run(uow, run_id)
    (line,) = logged(lines, "billing run ended")
    assert (line["outcome"], line["loans"], line["bills"]) == ("cancelled", 0, 0)


async def test_a_rolled_back_run_is_not_logged(uow_factory: UnitOfWorkFactory, lines: io.StringIO) -> None:
    await lend(uow_factory, loans=1)
    with contextlib.suppress(RuntimeError):
        async with uow_factory.open(OFFICER) as uow:
            await runs.start_run(uow)
            raise RuntimeError
    assert logged(lines, "billing run begun") == []


@pytest.mark.parametrize("error, outcome", [(None, "job ended"), (ValueError("234567890124"), "job failed")])
async def test_a_job_and_the_lines_logged_meanwhile_carry_its_name(
    uow_factory: UnitOfWorkFactory, lines: io.StringIO, error: Exception | None, outcome: str
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("score_customer", key="7", payload={"customer_id": 7})
        number = uow.jobs[0].outbox_id

    async def run(_context: Any, _outbox_id: int) -> bool:
        async with uow_factory.open(Actor(role=Role.SYSTEM)) as uow:
            uow.log_after_commit("something happened")
        if error is not None:
            raise error
        return True

    context: Any = type("Context", (), {"uow_factory": uow_factory})
    handler = JobHandler(run=run, timeout_seconds=5)
    await attempt(context, "score_customer", handler, outbox_id=number, job_try=1)
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    mine = [line for line in written if line.get("outbox_id") == number]
    assert [(line["event"], line["job"]) for line in mine] == [
        ("job begun", "score_customer"), ("something happened", "score_customer"), (outcome, "score_customer"),
    ]  # fmt: skip
    assert mine[-1]["outcome"] == ("done" if error is None else "failed")
    assert mine[-1]["tries"] == 1
    assert "234567890124" not in lines.getvalue()
