"""Periods, and the balances at the ends of closed ones."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import BillingRun, BookBalance, BookPeriod
from app.domain.accounting.chart import Book
from app.domain.accounting.journal import AccountMoved
from app.domain.accounting.periods import Period, PeriodNotFound, PeriodStatus
from app.domain.people.access import Actor

# What a transaction sees of the others is kept until it ends, unless it is cleared.
_CLEAR = text("SELECT pg_stat_clear_snapshot()")
_OLDER = text(
    """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND xact_start < CAST(:moment AS timestamptz)
"""
)


class StoredPeriod(NamedTuple):
    """A period with who proposed and who decided it."""

    period: Period
    maker: str
    made_at: datetime
    checker: str | None
    decided_at: datetime | None
    note: str | None


def _stored(row: BookPeriod) -> StoredPeriod:
    period = Period(
        number=row.number,
        begins_on=row.begins_on,
        ends_on=row.ends_on,
        status=PeriodStatus(row.status),
        maker_id=row.maker_id,
    )
    return StoredPeriod(period, row.maker, row.made_at, row.checker, row.decided_at, row.note)


async def get_period(session: AsyncSession, number: int) -> StoredPeriod:
    """A period. Raises PeriodNotFound."""
    return await _get(session, number, locks=False)


async def lock_period(session: AsyncSession, number: int) -> StoredPeriod:
    """A period, locked until the transaction ends. Raises PeriodNotFound."""
    return await _get(session, number, locks=True)


async def _get(session: AsyncSession, number: int, *, locks: bool) -> StoredPeriod:
    statement = select(BookPeriod).where(BookPeriod.number == number).execution_options(populate_existing=True)
    row = (await session.execute(statement.with_for_update() if locks else statement)).scalar_one_or_none()
    if row is None:
        raise PeriodNotFound("there is no such period", field="period")
    return _stored(row)


async def list_periods(session: AsyncSession, *, before: int, limit: int) -> list[StoredPeriod]:
    """A page of periods, the newest first."""
    statement = select(BookPeriod).where(BookPeriod.number < before).order_by(BookPeriod.number.desc()).limit(limit)
    return [_stored(row) for row in (await session.execute(statement)).scalars()]


async def find_proposed(session: AsyncSession) -> int | None:
    """The number of the period that waits for a decision. There is at most one."""
    statement = select(BookPeriod.number).where(BookPeriod.status == PeriodStatus.PROPOSED)
    number: int | None = (await session.execute(statement)).scalar_one_or_none()
    return number


async def find_last_closed(session: AsyncSession, *, until: date) -> Period | None:
    """The last closed period that ends on or before a day."""
    statement = (
        select(BookPeriod)
        .where(BookPeriod.status == PeriodStatus.CLOSED, BookPeriod.ends_on <= until)
        .order_by(BookPeriod.ends_on.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _stored(row).period


async def next_number(session: AsyncSession) -> int:
    """The number of the next period. Two that are proposed at once have the same, and the second is refused."""
    return int((await session.execute(select(func.coalesce(func.max(BookPeriod.number), 0)))).scalar_one()) + 1


async def add_period(session: AsyncSession, period: Period, *, maker: str, now: datetime) -> None:
    """Writes a proposed period."""
    await session.execute(
        insert(BookPeriod).values(
            number=period.number,
            begins_on=period.begins_on,
            ends_on=period.ends_on,
            status=period.status.value,
            maker_id=period.maker_id,
            maker=maker,
            made_at=now,
        )
    )


async def decide_period(
    session: AsyncSession, number: int, *, status: PeriodStatus, by: Actor, now: datetime, note: str | None
) -> None:
    """Writes the decision about a period."""
    await session.execute(
        update(BookPeriod)
        .where(BookPeriod.number == number)
        .values(status=status.value, checker_id=by.user_account_id, checker=by.label, decided_at=now, note=note)
    )


async def add_balances(session: AsyncSession, number: int, balances: Iterable[AccountMoved]) -> None:
    """Writes what was booked from the first day through the end of a period."""
    rows = [{**line._asdict(), "book": line.book.value, "period": number} for line in balances]
    if rows:
        await session.execute(insert(BookBalance), rows)


async def list_balances(session: AsyncSession, number: int) -> list[AccountMoved]:
    """What was booked from the first day through the end of a period."""
    names = ("book", "product", "account", "debit_paise", "credit_paise", "transfers")
    columns = [getattr(BookBalance, name) for name in names]
    rows = await session.execute(select(*columns).where(BookBalance.period == number).order_by(*columns[:3]))
    return [AccountMoved(Book(book), *rest) for book, *rest in rows]


async def has_open_runs(session: AsyncSession, *, until: date) -> bool:
    """Whether a billing run of a day until this one has not ended."""
    statement = (
        select(BillingRun.id)
        .where(BillingRun.business_date <= until, BillingRun.status.in_(["running", "paused"]))
        .limit(1)
    )
    return (await session.execute(statement)).first() is not None


async def read_server_time(session: AsyncSession) -> datetime:
    """The time of the database server, of this moment."""
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment


async def has_older_transactions(session: AsyncSession, *, than: datetime) -> bool:
    """Whether another transaction of this database is open that began before a moment of the server's time."""
    await session.execute(_CLEAR)
    return int((await session.execute(_OLDER, {"moment": than})).scalar_one()) > 0
