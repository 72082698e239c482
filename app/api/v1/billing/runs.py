"""Billing runs: start, watch, pause, resume and cancel a run, and bill its parked loans again."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field, WithJsonSchema

from app.api.deps import BILLERS, KistRouter, UnitOfWorkDep, UnitOfWorkFactoryDep
from app.api.id_schemas import LoanIdOut
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Between, Body, CursorText, Day, Page, RupeesOut, Whole, example
from app.api.streams import EventStream, stream
from app.db.repositories.billing.runs import RunProgress
from app.domain.cursors import read_number
from app.domain.public_ids import format_loan_id
from app.services.billing import runs as billing
from app.services.unit_of_work import UnitOfWorkFactory

router = KistRouter(prefix="/billing", tags=["Billing"])

#: The time between two progress events of a stream.
WATCH_SECONDS = 0.5


Speed = Annotated[float, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1_000_000_000})]


RunStatus = Annotated[str, WithJsonSchema({"type": "string", "enum": ["running", "paused", "cancelled", "finished"]})]


class RunBody(Body):
    """The business date to bill up to."""

    model_config = example({"business_date": "2026-11-21"})

    business_date: Day | None = Field(default=None, description="Leave it out for the present business date")


class RunAnswer(Answer):
    """A billing run and its progress. Amounts are in rupees."""

    run_id: int
    business_date: date
    status: RunStatus
    loans_due: int
    loans_done: int
    bills: int = Field(description="Bills issued so far")
    demanded: RupeesOut = Field(description="Total of the bills issued so far, in rupees")
    parked: int = Field(description="Loans that the run could not bill")
    ranges: int = Field(description="Parts of the run; a worker takes one part at a time")
    ranges_done: int
    percent_done: int
    loans_per_second: Speed | None
    seconds_left: int | None = Field(description="Estimated from the speed so far; null while there is no estimate")
    started_at: datetime
    finished_at: datetime | None


class ParkedAnswer(Answer):
    """A loan that a run could not bill, and why."""

    loan_id: LoanIdOut
    code: str
    message: str
    parked_at: datetime


def present_run(run: RunProgress, *, now: datetime) -> RunAnswer:
    """A run as an answer, with its speed so far and the time left at that speed."""
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


RunPath = Annotated[Whole, Between(1, 2**62), Path(description="The number of the run")]


@router.post("/runs", status_code=202, dependencies=[BILLERS], summary="Start a billing run")
async def start_run(uow: UnitOfWorkDep, body: RunBody | None = None) -> RunAnswer:
    """Starts a run that bills every cycle that has ended by the business date, including cycles of missed days. If a
    run for this date is open already, the answer is that run. Starting twice never bills a cycle twice."""
    run_id = await billing.start_run(uow, business_date=body.business_date if body else None)
    return present_run(await billing.get_run(uow, run_id), now=uow.now)


@router.get("/runs", dependencies=[BILLERS], summary="List billing runs")
async def list_runs(
    uow: UnitOfWorkDep,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 20,
) -> Page[RunAnswer]:
    """Lists runs, the newest first. Send `next_cursor` as `cursor` to get older runs."""
    runs = await billing.list_runs(uow, before=read_number(cursor, default=2**62), limit=limit)
    return Page(
        items=[present_run(run, now=uow.now) for run in runs],
        next_cursor=str(runs[-1].run_id) if len(runs) == limit else None,
    )


@router.get("/runs/{run_id}", dependencies=[BILLERS], summary="Read the progress of a run")
async def get_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Gives the counts and the amounts so far. You can read them while the run goes on."""
    return present_run(await billing.get_run(uow, run_id), now=uow.now)


@router.get("/runs/{run_id}/events", dependencies=[BILLERS], response_class=EventStream, summary="Watch a billing run")
async def watch_run(run_id: RunPath, uow_factory: UnitOfWorkFactoryDep, claims: ClaimsDep) -> EventStream:
    """Sends server-sent events: the progress every half second until the run is over. If the token stops being valid,
    the last event is named `refused`: get a new token and connect again."""
    assert claims is not None, "the permission requires a token"
    updates = billing.watch_run(uow_factory, claims, run_id, every_seconds=WATCH_SECONDS)
    # The first update is read before the answer starts: an unknown run is a 404 and no stream.
    first = await anext(updates)
    return stream(_progress(uow_factory, first, updates))


async def _progress(
    uow_factory: UnitOfWorkFactory, first: RunProgress, updates: AsyncGenerator[RunProgress]
) -> AsyncGenerator[str]:
    yield _line(first, uow_factory)
    async with aclosing(updates):
        async for run in updates:
            yield _line(run, uow_factory)


def _line(run: RunProgress, uow_factory: UnitOfWorkFactory) -> str:
    return f"data: {present_run(run, now=uow_factory.clock()).model_dump_json()}\n\n"


@router.post("/runs/{run_id}/pause", dependencies=[BILLERS], summary="Pause a run")
async def pause_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Pauses the run after the ranges that workers are billing now. Resume it to bill the others."""
    return present_run(await billing.pause_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/resume", dependencies=[BILLERS], summary="Resume a paused run")
async def resume_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Continues with the ranges that are not billed yet."""
    return present_run(await billing.resume_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/cancel", dependencies=[BILLERS], summary="Cancel a run")
async def cancel_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Ends the run. The bills that it issued stay. The next run bills the other loans."""
    return present_run(await billing.cancel_run(uow, run_id), now=uow.now)


@router.post("/runs/{run_id}/retry", status_code=202, dependencies=[BILLERS], summary="Bill parked loans again")
async def retry_run(run_id: RunPath, uow: UnitOfWorkDep) -> RunAnswer:
    """Starts another run for the same date, because parked loans are still due. The answer is the new run."""
    return present_run(await billing.retry_parked(uow, run_id), now=uow.now)


@router.get("/runs/{run_id}/parked", dependencies=[BILLERS], summary="List the parked loans of a run")
async def list_parked(
    run_id: RunPath,
    uow: UnitOfWorkDep,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most rows to answer")] = 100,
) -> list[ParkedAnswer]:
    """Lists the loans that the run could not bill, with the reason for each. The next run tries them again."""
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
