"""A billing run by real worker processes: one of them is killed, and no bill is lost or issued twice."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from app.db.models import Bill, Transfer
from app.domain.people.access import SYSTEM
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests import databases
from tests.patience import eventually
from tests.workers.conftest import ROOT
from tests.workers.lent import lend

LOANS = 40


@pytest.mark.slow
async def test_a_worker_killed_in_the_middle_of_a_run_loses_and_doubles_nothing(
    uow_factory: UnitOfWorkFactory,
    owner_dsn: str,
    worker_process: Callable[[], "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "RANGE_SIZE", 5)
    due_on = await lend(uow_factory, loans=LOANS)
    async with databases.connection(owner_dsn) as owner:
        # While this lock is held, no worker can write a bill.
        first = worker_process()
        async with owner.transaction():
            await owner.execute("LOCK TABLE bills IN SHARE MODE")
            async with uow_factory.open(SYSTEM) as uow:
                await uow.set_business_date(due_on)
            async with uow_factory.open(SYSTEM) as uow:
                run_id = await runs.start_run(uow)
            await eventually(lambda: is_blocked(uow_factory))
            first.send_signal(signal.SIGKILL)
            first.wait()
    assert await bills(uow_factory) < LOANS
    for _ in range(2):
        worker_process()

    async def is_finished() -> bool:
        async with uow_factory.open(SYSTEM) as uow:
            return (await runs.get_run(uow, run_id)).status == "finished"

    await eventually(is_finished)
    assert await bills(uow_factory) == LOANS
    async with uow_factory.open(SYSTEM) as uow:
        interest = select(func.count()).select_from(Transfer).where(Transfer.kind == "interest")
        assert (await uow.session.execute(interest)).scalar_one() == LOANS
        per_loan = select(func.count()).select_from(Bill).group_by(Bill.customer_id, Bill.loan_id)
        assert set((await uow.session.execute(per_loan)).scalars()) == {1}


@pytest.mark.slow
async def test_the_command_previews_and_bills(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    due_on = await lend(uow_factory, loans=LOANS)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(due_on)
    preview = await asyncio.to_thread(kist, settings, "bill", "--date", due_on.isoformat(), "--dry-run")
    assert "would bill 40 cycles of 40 loans" in preview
    assert await bills(uow_factory) == 0
    done = await asyncio.to_thread(kist, settings, "bill", "--date", due_on.isoformat())
    assert "40/40 loans" in done
    assert f"{due_on}: 40 bills on 40 loans" in done
    assert await bills(uow_factory) == LOANS


def kist(settings: Settings, *words: str) -> str:
    """The output of a command."""
    environment = databases.environment_of(settings) | {"COLUMNS": "150"}
    command = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT).stdout


async def bills(uow_factory: UnitOfWorkFactory) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(Bill))).scalar_one())


async def is_blocked(uow_factory: UnitOfWorkFactory) -> bool:
    async with uow_factory.open(SYSTEM) as uow:
        blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bills'::regclass")
        return int((await uow.session.execute(blocked)).scalar_one()) > 0
