"""Closing the books as use cases: one person proposes a period, an admin who is another person approves it.

The proposal stores the business date, so whatever begins after it books on a later day than the period's last one. The
approval waits until nothing is being written that began before: then nobody can book into the period any more, and its
balances are final. Should something still try, the statement that writes transfers refuses them
(`domain/lending/closing.py`).
"""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Final

from app.db.repositories import unit_of_work as clock_repository
from app.db.repositories.accounting import journal as journal_repository
from app.db.repositories.accounting import periods as repository
from app.db.repositories.accounting.periods import StoredPeriod
from app.domain.accounting.periods import (
    BooksBusy,
    Period,
    PeriodProposed,
    PeriodStatus,
    RunsOpen,
    check_decision,
    check_end,
    check_withdrawal,
    first_day,
)
from app.services.accounting import reports
from app.services.unit_of_work import UnitOfWork

#: How often the approval looks whether earlier transactions have ended, and how long it waits in between.
LOOKS: Final = 20
SECONDS_BETWEEN: Final = 0.1


async def propose(uow: UnitOfWork, *, ends_on: date) -> StoredPeriod:
    """Proposes to close the books through a day. Raises PeriodNotOver, PeriodAlreadyClosed, PeriodProposed."""
    today = await uow.business_date()
    closed_through = await clock_repository.find_closed_through(uow.session)
    check_end(ends_on, today=today, closed_through=closed_through)
    if (waiting := await repository.find_proposed(uow.session)) is not None:
        raise PeriodProposed(f"period {waiting} waits for a decision", period=waiting)
    clock = await clock_repository.find_clock(uow.session)
    await clock_repository.advance_clock(uow.session, today, held=clock is not None and clock.held)
    first = await journal_repository.find_first_day(uow.session)
    assert uow.actor.user_account_id is not None, "a maker has signed in"
    period = Period(
        number=await repository.next_number(uow.session),
        begins_on=first_day(closed_through=closed_through, first_booked_on=first, ends_on=ends_on),
        ends_on=ends_on,
        status=PeriodStatus.PROPOSED,
        maker_id=uow.actor.user_account_id,
    )
    await repository.add_period(uow.session, period, maker=uow.actor.label, now=uow.now)
    await _note(uow, period, "period_proposed")
    return await repository.get_period(uow.session, period.number)


async def approve(uow: UnitOfWork, number: int, *, note: str | None = None) -> StoredPeriod:
    """Closes the books through the end of a proposed period, and keeps its balances.

    Raises PeriodNotFound, Forbidden, OwnPeriod, PeriodDecided, RunsOpen, BooksBusy.
    """
    period = (await repository.lock_period(uow.session, number)).period
    check_decision(period, checker=uow.actor)
    if await repository.has_open_runs(uow.session, until=period.ends_on):
        raise RunsOpen("a billing run of the period has not ended")
    await _wait_for_earlier(uow)
    balances = await reports.sum_until(uow, period.ends_on)
    await clock_repository.close_books(uow.session, through=period.ends_on)
    await repository.add_balances(uow.session, number, balances)
    return await _decide(uow, period, PeriodStatus.CLOSED, note=note)


async def reject(uow: UnitOfWork, number: int, *, note: str | None = None) -> StoredPeriod:
    """Rejects a proposed period. Raises PeriodNotFound, Forbidden, OwnPeriod, PeriodDecided."""
    period = (await repository.lock_period(uow.session, number)).period
    check_decision(period, checker=uow.actor)
    return await _decide(uow, period, PeriodStatus.REJECTED, note=note)


async def withdraw(uow: UnitOfWork, number: int, *, note: str | None = None) -> StoredPeriod:
    """Withdraws the actor's own proposal. Raises PeriodNotFound, Forbidden, PeriodDecided."""
    period = (await repository.lock_period(uow.session, number)).period
    check_withdrawal(period, by=uow.actor)
    return await _decide(uow, period, PeriodStatus.WITHDRAWN, note=note)


async def view_period(uow: UnitOfWork, number: int) -> StoredPeriod:
    """A period. Raises PeriodNotFound."""
    return await repository.get_period(uow.session, number)


async def list_periods(uow: UnitOfWork, *, before: int, limit: int) -> list[StoredPeriod]:
    """A page of periods, the newest first."""
    return await repository.list_periods(uow.session, before=before, limit=limit)


async def _wait_for_earlier(uow: UnitOfWork) -> None:
    """Waits until every transaction has ended that may have begun before the proposal. Raises BooksBusy."""
    moment = await repository.read_server_time(uow.session)
    for _ in range(LOOKS):
        if not await repository.has_older_transactions(uow.session, than=moment):
            return
        await asyncio.sleep(SECONDS_BETWEEN)
    raise BooksBusy("something that began earlier is still being written")


async def _decide(uow: UnitOfWork, period: Period, status: PeriodStatus, *, note: str | None) -> StoredPeriod:
    await repository.decide_period(uow.session, period.number, status=status, by=uow.actor, now=uow.now, note=note)
    await _note(uow, replace(period, status=status), f"period_{status}", note=note)
    return await repository.get_period(uow.session, period.number)


async def _note(uow: UnitOfWork, period: Period, action: str, **details: object) -> None:
    days = {"begins_on": period.begins_on.isoformat(), "ends_on": period.ends_on.isoformat()}
    await uow.record(action, object_kind="book_period", object_id=str(period.number), details={**days, **details})
