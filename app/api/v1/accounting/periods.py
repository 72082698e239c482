"""Periods: one person proposes to close the books through a day, and an admin who is another person decides."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from app.api.deps import ADMINS, OFFICERS, KistRouter, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.schemas import Answer, Between, Body, CursorText, Day, Line, Page, PageLimit, Whole, example
from app.db.repositories.accounting.periods import StoredPeriod
from app.domain.accounting.periods import PeriodStatus
from app.domain.cursors import read_number
from app.services.accounting import periods

router = KistRouter(prefix="/accounting/periods", tags=["Accounting"])

PeriodPath = Annotated[Whole, Between(1, 2**31 - 1), Path(description="The number of the period")]


class PeriodBody(Body):
    """The last day of the period. It begins on the day after the last closed one."""

    model_config = example({"ends_on": "2026-11-20"})

    ends_on: Day = Field(description="A day before the business date")


class PeriodDecisionBody(Body):
    """A note on the decision, for later readers."""

    model_config = example({"note": "agreed with the bank"})

    note: Line | None = None


NO_NOTE = PeriodDecisionBody()


class PeriodAnswer(Answer):
    """A period, both days included, with who proposed and who decided it."""

    period: int
    begins_on: date
    ends_on: date
    status: PeriodStatus
    maker: str = Field(examples=["officer:5"])
    made_at: datetime
    checker: str | None
    decided_at: datetime | None
    note: str | None


def _present(stored: StoredPeriod) -> PeriodAnswer:
    period = stored.period
    return PeriodAnswer(
        period=period.number,
        begins_on=period.begins_on,
        ends_on=period.ends_on,
        status=period.status,
        maker=stored.maker,
        made_at=stored.made_at,
        checker=stored.checker,
        decided_at=stored.decided_at,
        note=stored.note,
    )


@router.post(
    "",
    status_code=201,
    response_model=PeriodAnswer,
    dependencies=[OFFICERS],
    summary="Propose to close the books through a day",
)
async def propose_period(body: PeriodBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Proposes to close the books through a day that is over. Nothing is closed until an admin other than the maker
    approves it. Send an Idempotency-Key: it is required."""
    if first := await once.first_answer():
        return first
    once.insist()
    return await once.keep(_present(await periods.propose(uow, ends_on=body.ends_on)))


@router.get("", dependencies=[OFFICERS], summary="List periods")
async def list_periods(uow: ReadingDep, cursor: CursorText = None, limit: PageLimit = 50) -> Page[PeriodAnswer]:
    """Lists periods, the newest first. Send `next_cursor` as `cursor` to get older ones."""
    found = await periods.list_periods(uow, before=read_number(cursor, default=2**31 - 1), limit=limit)
    last = str(found[-1].period.number) if len(found) == limit else None
    return Page(items=[_present(each) for each in found], next_cursor=last)


@router.get("/{period}", dependencies=[OFFICERS], summary="Read a period")
async def get_period(period: PeriodPath, uow: ReadingDep) -> PeriodAnswer:
    """Gives the period and its decision."""
    return _present(await periods.view_period(uow, period))


@router.post("/{period}/approve", response_model=PeriodAnswer, dependencies=[ADMINS], summary="Close a period")
async def approve_period(
    period: PeriodPath, uow: UnitOfWorkDep, once: OnceDep, body: PeriodDecisionBody = NO_NOTE
) -> Response:
    """Closes the books through the period's end and keeps the balances of that day. From now on nothing is booked on a
    day of the period; a correction is booked on the day on which it is made. The caller must be an admin other than its
    maker. A closed period stays closed."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await periods.approve(uow, period, note=body.note)))


@router.post("/{period}/reject", response_model=PeriodAnswer, dependencies=[ADMINS], summary="Reject a period")
async def reject_period(
    period: PeriodPath, uow: UnitOfWorkDep, once: OnceDep, body: PeriodDecisionBody = NO_NOTE
) -> Response:
    """Rejects the proposal. The caller must be an admin other than its maker. Nothing else changes."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await periods.reject(uow, period, note=body.note)))


@router.post("/{period}/withdraw", response_model=PeriodAnswer, dependencies=[OFFICERS], summary="Withdraw a period")
async def withdraw_period(
    period: PeriodPath, uow: UnitOfWorkDep, once: OnceDep, body: PeriodDecisionBody = NO_NOTE
) -> Response:
    """Withdraws the proposal. The caller must be its maker. Nothing else changes."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await periods.withdraw(uow, period, note=body.note)))
