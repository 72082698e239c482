"""The daily billing run: it closes every business date up to today.

A run is a row, split into ranges of customers. Any number of workers claim ranges under a lease; `ranges.py` bills a
range. A run survives its workers: when a lease ends, another worker can claim the range.
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime, timedelta

from app.db.repositories.billing import runs as repository
from app.db.repositories.billing.runs import Parked, RangeTotals, RunProgress
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened, instant
from app.domain.people.access import SYSTEM
from app.services.billing import ranges
from app.services.billing.ranges import RangeAction
from app.services.events.publishing import publish
from app.services.lending.calculations import collector_paused
from app.services.people.access import open_uow
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Customers in a range. It takes a fraction of a second, so a lost range costs little.
RANGE_SIZE = 2_500
#: Ranges that a worker bills at a time, each on its own connection.
LANES = 3
#: The garbage collector's youngest generation: objects made since its last pass.
YOUNG = 0
#: After how many ranges the collector looks at them. It walks the rows of every lane and finds next to nothing: nearly
#: all memory is free without it.
COLLECT_EVERY = 8
LEASE = timedelta(seconds=30)
JOB = "run_billing"
#: The job of a higher capability that judges the day-ends before the date of a finished run.
DAY_END_JOB = "judge_day_ends"


class RunNotFound(NotFound):
    """There is no such billing run. Check the id."""

    code = "billing_run_not_found"


class RunDateInFuture(Invalid):
    """The date has not come yet, so it cannot be closed. Name the business date or an earlier one."""

    code = "run_date_in_future"


class RunNotInState(Conflict):
    """The run has another status than this needs: only one that runs is paused, only a paused one resumed. Read its
    `status`."""

    code = "billing_run_state"


async def start_run(uow: UnitOfWork, *, business_date: date | None = None) -> int:
    """Opens the run for a business date (default: today's) and enqueues its job. Returns the open run if there is one.

    Raises RunDateInFuture.
    """
    today = await uow.business_date()
    target = business_date or today
    if target > today:
        raise RunDateInFuture(f"the date must not be after the business date, {today}", field="business_date")
    run_id, status, is_new = await repository.open_run(
        uow.session, business_date=target, actor=uow.actor.label, now=uow.now
    )
    if is_new:
        await repository.cut_ranges(uow.session, run_id=run_id, business_date=target, size=RANGE_SIZE)
    if status == "running":
        # Also for a run that was open before: its job may have been lost.
        await uow.enqueue(JOB, key=str(run_id), payload={"run_id": run_id})
    if not is_new:
        return run_id
    details = {"business_date": target.isoformat()}
    await uow.record("run_started", object_kind="billing_run", object_id=str(run_id), details=details)
    uow.log_after_commit("billing run begun", run_id=run_id, actor=uow.actor.label, **details)
    return run_id


async def get_run(uow: UnitOfWork, run_id: int) -> RunProgress:
    """How far a run is. Raises RunNotFound."""
    progress = await repository.find_run(uow.session, run_id)
    if progress is None:
        raise RunNotFound("there is no such run", field="run_id")
    return progress


async def watch_run(
    uow_factory: UnitOfWorkFactory, claims: Claims, run_id: int, *, every_seconds: float
) -> AsyncGenerator[RunProgress]:
    """The progress of a run every so many seconds, until it ends. No transaction is open in between.

    Raises RunNotFound, and TokenExpired or TokenRevoked as soon as the token is no longer valid.
    """
    while True:
        async with open_uow(uow_factory, claims) as uow:
            run = await get_run(uow, run_id)
        yield run
        if run.status in ("finished", "cancelled"):
            return
        await asyncio.sleep(every_seconds)


async def pause_run(uow: UnitOfWork, run_id: int) -> RunProgress:
    """Pauses a run; ranges in progress are finished first. Raises RunNotFound, RunNotInState."""
    return await _move_run(uow, run_id, before=("running",), after="paused")


async def resume_run(uow: UnitOfWork, run_id: int) -> RunProgress:
    """Resumes a paused run. Raises RunNotFound, RunNotInState."""
    progress = await _move_run(uow, run_id, before=("paused",), after="running")
    await uow.enqueue(JOB, key=str(run_id), payload={"run_id": run_id})
    return progress


async def cancel_run(uow: UnitOfWork, run_id: int) -> RunProgress:
    """Ends a run. Its bills stay, and the next run bills the rest. Raises RunNotFound, RunNotInState."""
    return await _move_run(uow, run_id, before=("running", "paused"), after="cancelled")


async def retry_parked(uow: UnitOfWork, run_id: int) -> RunProgress:
    """Opens another run for the same date. Parked loans are still due, so it bills them. Raises RunNotFound."""
    run = await get_run(uow, run_id)
    return await get_run(uow, await start_run(uow, business_date=run.business_date))


async def _move_run(uow: UnitOfWork, run_id: int, *, before: tuple[str, ...], after: str) -> RunProgress:
    finished_at = uow.now if after == "cancelled" else None
    moved = await repository.set_run_status(uow.session, run_id, before=before, after=after, finished_at=finished_at)
    run = await get_run(uow, run_id)
    if not moved:
        raise RunNotInState(f"the run is {run.status}", field="run_id", status=run.status)
    await uow.record(f"run_{after}", object_kind="billing_run", object_id=str(run_id))
    if finished_at is not None:
        await _announce_end(uow, run)
    return run


async def _announce_end(uow: UnitOfWork, run: RunProgress) -> None:
    await publish(uow, _ended(run))
    uow.log_after_commit(
        "billing run ended",
        run_id=run.run_id,
        business_date=run.business_date.isoformat(),
        outcome=run.status,
        milliseconds=(uow.now - run.started_at) // timedelta(milliseconds=1),
        loans=run.loans,
        bills=run.bills,
        parked=run.parked,
    )


def _ended(run: RunProgress) -> Happened:
    """What other programs are told about a run that has ended."""
    assert run.finished_at is not None, "a run that has ended has its time"
    data = {
        "run_id": run.run_id,
        "status": run.status,
        "of_business_date": run.business_date.isoformat(),
        "loans_due": run.loans_due,
        "loans": run.loans,
        "bills": run.bills,
        "demanded_paise": run.demanded_paise,
        "parked": run.parked,
        "started_at": instant(run.started_at),
        "finished_at": instant(run.finished_at),
    }
    return Happened(type=EventType(f"run.{run.status}"), data=data)


async def preview_run(uow_factory: UnitOfWorkFactory, *, business_date: date) -> RangeTotals:
    """What a run for a business date would bill. Nothing is written."""
    return await ranges.preview(uow_factory, business_date=business_date, size=RANGE_SIZE)


async def list_runs(uow: UnitOfWork, *, before: int, limit: int) -> list[RunProgress]:
    """The latest runs, newest first."""
    return await repository.list_runs(uow.session, before=before, limit=limit)


async def list_parked(uow: UnitOfWork, run_id: int, *, limit: int) -> Sequence[Parked]:
    """The loans that a run could not bill. Raises RunNotFound."""
    await get_run(uow, run_id)
    return await repository.list_parked_loans(uow.session, run_id, limit=limit)


async def close_until_today(uow_factory: UnitOfWorkFactory) -> int | None:
    """Opens today's run unless today is closed already. Cron may call it any number of times."""
    async with uow_factory.open(SYSTEM) as uow:
        last = await repository.find_last_finished_date(uow.session)
        if last is not None and last >= await uow.business_date():
            return None
        return await start_run(uow)


async def run_billing(
    uow_factory: UnitOfWorkFactory,
    *,
    run_id: int,
    worker: str,
    until: datetime,
    also: Sequence[RangeAction] = (),
) -> bool:
    """Bills the ranges of a run until the run is complete (True) or the time is up (False).

    `also` is what higher capabilities do with a range, in its transaction: `cards.runs.run_day` names them all.

    The lanes take turns: while PostgreSQL writes a range of one lane, Python decides a range of another.
    """
    lanes = [
        _bill_ranges(uow_factory, run_id=run_id, worker=f"{worker}/{lane}", until=until, also=also)
        for lane in range(LANES)
    ]
    with collector_paused():
        # Wait for all lanes even if one fails: otherwise the others would still run after this function has ended.
        outcomes = await asyncio.gather(*lanes, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return any(outcomes)


async def _bill_ranges(
    uow_factory: UnitOfWorkFactory, *, run_id: int, worker: str, until: datetime, also: Sequence[RangeAction]
) -> bool:
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            claimed = await repository.claim_range(
                uow.session, run_id=run_id, worker=worker, now=uow.now, until=uow.now + LEASE
            )
            if claimed is None:
                if await repository.finish_run(uow.session, run_id, now=uow.now):
                    await _end_run(uow, await get_run(uow, run_id))
                    return True
                return await repository.is_run_over(uow.session, run_id)
        await ranges.bill_range(uow_factory, claimed, worker=worker, also=also)
        if claimed.number % COLLECT_EVERY == 0:
            gc.collect(YOUNG)
        if uow_factory.clock() >= until:
            return False


async def _end_run(uow: UnitOfWork, run: RunProgress) -> None:
    """Announces the end of a run, and asks for the day-ends that are over on its date."""
    await _announce_end(uow, run)
    through = (run.business_date - timedelta(days=1)).isoformat()
    await uow.enqueue(DAY_END_JOB, key=through, payload={"through": through})
