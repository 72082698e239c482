"""The business clock with the day through which the books are closed, and the outbox."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import BusinessClock, OutboxRow
from app.domain.lending.closing import check_open

#: SQL for the day through which the books are closed, for a statement that writes transfers: its answer is then as new
#: as the rows that it writes.
CLOSED_THROUGH = "(SELECT closed_through FROM business_clock)"


class Clock(NamedTuple):
    """The stored business date, and whether an administrator holds it."""

    business_date: date
    held: bool


async def find_clock(session: AsyncSession) -> Clock | None:
    row = (await session.execute(select(BusinessClock.business_date, BusinessClock.held))).one_or_none()
    return None if row is None else Clock(business_date=row.business_date, held=row.held)


async def advance_clock(session: AsyncSession, to: date, *, held: bool) -> None:
    """Moves the clock forward and sets `held`. An earlier date does not move it back."""
    statement = insert(BusinessClock).values(id=1, business_date=to, held=held)
    latest = func.greatest(BusinessClock.business_date, statement.excluded.business_date)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[BusinessClock.id], set_={"business_date": latest, "held": held})
    )


async def find_closed_through(session: AsyncSession) -> date | None:
    """The day through which the books are closed, or None."""
    day: date | None = (await session.execute(select(BusinessClock.closed_through))).scalar_one_or_none()
    return day


async def check_books_open(session: AsyncSession, booked_on: Iterable[date]) -> None:
    """Checks that transfers may be booked on these days. Call it after they are written. Raises PeriodClosed."""
    check_open(booked_on, closed_through=await find_closed_through(session))


async def close_books(session: AsyncSession, *, through: date) -> None:
    """Closes the books through a day that is over."""
    await session.execute(update(BusinessClock).where(BusinessClock.id == 1).values(closed_through=through))


async def add_outbox(
    session: AsyncSession,
    *,
    job: str,
    key: str,
    payload: dict[str, Any],
    now: datetime,
    due_at: datetime,
    traceparent: str | None = None,
) -> int:
    """Writes a job, or finds and locks the same job that still waits. Returns the number of its row.

    No worker runs the job before this transaction has ended. Without the lock a worker could run it now, and miss the
    changes of this transaction.
    """
    statement = insert(OutboxRow).values(
        job=job, key=key, payload=payload, created_at=now, due_at=due_at, attempts=0, traceparent=traceparent
    )
    statement = statement.on_conflict_do_update(
        index_elements=["job", "key"], index_where=OutboxRow.done_at.is_(None), set_={"due_at": due_at}
    )
    return int((await session.execute(statement.returning(OutboxRow.id))).scalar_one())


async def lock_outbox(session: AsyncSession, outbox_id: int) -> OutboxRow | None:
    """The job's row, locked. None if it is done, or if another worker has locked it."""
    statement = (
        select(OutboxRow)
        .where(OutboxRow.id == outbox_id, OutboxRow.done_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def list_due_outbox(
    session: AsyncSession, *, now: datetime, last: Collection[str], limit: int
) -> Sequence[OutboxRow]:
    """Jobs that are due and not done, for example because the queue was lost. The jobs named in `last` come last."""
    statement = (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now)
        .order_by(OutboxRow.job.in_(last), OutboxRow.due_at)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def finish_outbox(session: AsyncSession, outbox_id: int, *, now: datetime) -> None:
    await session.execute(update(OutboxRow).where(OutboxRow.id == outbox_id).values(done_at=now))


async def finish_unless_asked_anew(
    session: AsyncSession, outbox_id: int, *, since_due_at: datetime, now: datetime
) -> bool:
    """Marks a job as done. Returns False if it was enqueued again, that is if `due_at` is no longer `since_due_at`."""
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id == outbox_id, OutboxRow.due_at == since_due_at)
        .values(done_at=now)
        .returning(OutboxRow.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def postpone_outbox(session: AsyncSession, outbox_id: int, *, due_at: datetime, error: str) -> None:
    """Stores a failed try, and when the next one is due."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == outbox_id)
        .values(due_at=due_at, last_error=error, attempts=OutboxRow.attempts + 1)
    )


# 0 is no limit, and stays below every other.
_STOP = text(
    """
SELECT set_config('statement_timeout', least(
    nullif(1000 * extract(epoch FROM current_setting('statement_timeout')::interval), 0), CAST(:milliseconds AS bigint)
)::bigint::text, true)
"""
)


async def stop_after(session: AsyncSession, *, milliseconds: int) -> None:
    """Until the transaction ends, statements that take longer are stopped, or sooner if they already were; with 0, none
    is."""
    await session.execute(_STOP, {"milliseconds": milliseconds})
