"""Billing runs: start one, and watch it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query

from app.api.deps import BILLERS, KistRouter, UnitOfWorkDep, UnitOfWorkFactoryDep
from app.api.id_schemas import LoanIdOut
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Between, Body, Day, Page, RupeesOut, Whole
from app.api.streams import EventStream, stream
from app.db.repositories.billing.runs import RunProgress
from app.domain.public_ids import format_loan_id
from app.services.billing import runs as billing
from app.services.unit_of_work import UnitOfWorkFactory

router = KistRouter(prefix="/billing", tags=["Billing"])

#: How often a watcher is told how far a run is.
WATCH_SECONDS = 0.5


class RunBody(Body):
    """Which business date to close; without one, today's."""

    business_date: Day | None = None


class RunAnswer(Answer):
    """How far a run is. Sums are in rupees."""

    run_id: int
    business_date: date
    status: str
    loans_due: int
    loans_done: int
    bills: int
    demanded: RupeesOut
    parked: int
    ranges: int
    ranges_done: int
    percent_done: int
    loans_per_second: float | None
    seconds_left: int | None
    started_at: datetime
    finished_at: datetime | None


class ParkedAnswer(Answer):
    """A loan that a run could not bill, and why."""

    loan_id: LoanIdOut
    code: str
    message: str
    parked_at: datetime


def present_run(run: RunProgress, *, now: datetime) -> RunAnswer:
    """A run as the wire writes it, with its speed so far and the time that is left at that speed."""
    seconds = ((run.finished_at or now) - run.started_at).total_seconds()
    rate = run.loans / seconds if seconds > 0 and run.loans else None
    left = max(run.loans_due - run.loans - run.parked, 0) if run.status == "running" else 0
    done = 100 if run.status == "finished" else 100 * run.ranges_done // max(run.ranges, 1)
    return RunAnswer(
        run_id=run.run_id,
        business_date=run.business_date,
        status=run.status,
        loans_due=run.loans_due,
        loans_done=run.loans,
        bills=run.bills,
        demanded=run.demanded_paise,
        parked=run.parked,
        ranges=run.ranges,
        ranges_done=run.ranges_done,
        percent_done=done,
        loans_per_second=None if rate is None else round(rate, 1),
        seconds_left=0 if not left else None if rate is None else round(left / rate),
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


RunPath = Annotated[Whole, Between(1, 2**62), Path()]


@router.post("/runs", status_code=202, dependencies=[BILLERS], summary="Start the run for a business date")
async def start_run(uow: UnitOfWorkDep, body: RunBody | None = None) -> RunAnswer:
    """Bills every cycle that has ended by that date, missed days included. A run that is open for it already is
    answered as it is; running twice bills nothing twice."""
    run_id = await billing.start_run(uow, business_date=body.business_date if body else None)
    return present_run(await billing.get_run(uow, run_id), now=uow.now)


@router.get("/runs", dependencies=[BILLERS], summary="The latest runs")
async def list_runs(
    uow: UnitOfWorkDep,
    cursor: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[RunAnswer]:
    """Newest first; `next_cursor` asks for older ones."""
    runs = await billing.list_runs(uow, before=cursor, limit=limit)
    return Page(
        items=[present_run(run, now=uow.now) for run in runs],
        next_cursor=str(runs[-1].run_id) if len(runs) == limit else None,
    )


@router.get("/runs/{run_id}", dependencies=[BILLERS], summary="How far a run is")
async def get_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Counts and sums of what is done so far, readable while it runs."""
    return present_run(await billing.get_run(uow, run_id), now=uow.now)


@router.get("/runs/{run_id}/events", dependencies=[BILLERS], response_class=EventStream, summary="A run, live")
async def watch_run(run_id: RunPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep) -> EventStream:
    """Server-sent events: a line of progress every half second until the run is over, or the token is: then the last
    event is named `refused`."""
    assert claims is not None, "the doorkeeper let somebody in"
    looks = billing.watch_run(uow_factory, claims, run_id, every_seconds=WATCH_SECONDS)
    # The first look belongs to the answer's status: a run that is not there is a 404 and no stream.
    first = await anext(looks)
    return stream(_progress(uow_factory, first, looks))


async def _progress(
    uow_factory: UnitOfWorkFactory, first: RunProgress, looks: AsyncGenerator[RunProgress]
) -> AsyncGenerator[str]:
    yield _line(first, uow_factory)
    async with aclosing(looks):
        async for run in looks:
            yield _line(run, uow_factory)


def _line(run: RunProgress, uow_factory: UnitOfWorkFactory) -> str:
    return f"data: {present_run(run, now=uow_factory.clock()).model_dump_json()}\n\n"


@router.post("/runs/{run_id}/pause", dependencies=[BILLERS], summary="Pause a run")
async def pause_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """After the ranges that workers have in hand."""
    return present_run(await billing.pause_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/resume", dependencies=[BILLERS], summary="Let a paused run go on")
async def resume_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """From the ranges that are left."""
    return present_run(await billing.resume_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/cancel", dependencies=[BILLERS], summary="End a run where it is")
async def cancel_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """What it billed is billed; the next run takes the rest."""
    return present_run(await billing.cancel_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/retry", status_code=202, dependencies=[BILLERS], summary="Try parked loans again")
async def retry_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Opens another run for the same date: parked loans are due still."""
    return present_run(await billing.retry_parked(uow, run_id), now=uow.now)


@router.get("/runs/{run_id}/parked", dependencies=[BILLERS], summary="The loans a run could not bill")
async def list_parked(
    run_id: RunPath, uow: UnitOfWorkDep, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[ParkedAnswer]:
    """With the reason of each; the next run tries them again."""
    rows = await billing.list_parked(uow, run_id, limit=limit)
    return [
        ParkedAnswer(
            loan_id=format_loan_id(year=row.disbursed_on.year, number=row.loan_id),
            code=row.code,
            message=row.message,
            parked_at=row.parked_at,
        )
        for row in rows
    ]
