"""Billing runs: start one, and watch it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query

from app.api.deps import OFFICERS, KistRouter, WorkDep
from app.api.schemas import Answer, Body, Day, Page, RupeesOut, Whole
from app.db.repositories.billing_runs import RunProgress
from app.services import billing

router = KistRouter(prefix="/billing", tags=["Billing"])


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
    started_at: datetime
    finished_at: datetime | None


class ParkedAnswer(Answer):
    """A loan that a run could not bill, and why."""

    loan_id: int
    code: str
    message: str
    parked_at: datetime


def _present(run: RunProgress) -> RunAnswer:
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
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


RunPath = Annotated[Whole, Path(ge=1, le=2**62)]


@router.post("/runs", status_code=202, dependencies=[OFFICERS], summary="Start the run for a business date")
async def start_run(work: WorkDep, body: RunBody | None = None) -> RunAnswer:
    """Bills every cycle that has ended by that date, missed days included. A run that is open for it already is
    answered as it is; running twice bills nothing twice."""
    run_id = await billing.start_run(work, business_date=body.business_date if body else None)
    return _present(await billing.get_run(work, run_id))


@router.get("/runs", dependencies=[OFFICERS], summary="The latest runs")
async def list_runs(
    work: WorkDep,
    cursor: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[RunAnswer]:
    """Newest first; `next_cursor` asks for older ones."""
    runs = await billing.list_runs(work, before=cursor, limit=limit)
    return Page(items=[_present(run) for run in runs], next_cursor=str(runs[-1].run_id) if len(runs) == limit else None)


@router.get("/runs/{run_id}", dependencies=[OFFICERS], summary="How far a run is")
async def get_run(run_id: RunPath, work: WorkDep) -> RunAnswer:
    """Counts and sums of what is done so far, readable while it runs."""
    return _present(await billing.get_run(work, run_id))


@router.get("/runs/{run_id}/parked", dependencies=[OFFICERS], summary="The loans a run could not bill")
async def list_parked(
    run_id: RunPath, work: WorkDep, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[ParkedAnswer]:
    """With the reason of each; the next run tries them again."""
    rows = await billing.list_parked(work, run_id, limit=limit)
    return [
        ParkedAnswer(loan_id=row.loan_id, code=row.code, message=row.message, parked_at=row.parked_at) for row in rows
    ]
