"""Calendars of holidays, and benchmarks: what loans of a product refer to beside its terms."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Benchmark, Holiday


async def list_holidays(session: AsyncSession, calendar: str, *, after: date) -> list[Holiday]:
    """The holidays of a calendar after a day, in order."""
    statement = select(Holiday).where(Holiday.calendar == calendar, Holiday.on > after).order_by(Holiday.on)
    return list((await session.execute(statement)).scalars())


async def add_holidays(session: AsyncSession, calendar: str, holidays: Sequence[tuple[date, str]]) -> int:
    """Adds holidays to a calendar, and answers how many were new. One that is known keeps its name."""
    known = {holiday.on for holiday in await list_holidays(session, calendar, after=date.min)}
    rows = [{"calendar": calendar, "on": day, "name": name} for day, name in dict(holidays).items() if day not in known]
    if rows:
        await session.execute(insert(Holiday), rows)
    return len(rows)


async def put_holidays(session: AsyncSession, calendar: str, names: Mapping[date, str]) -> None:
    """Writes holidays of a calendar; a day that is known gets the new name."""
    await session.execute(delete(Holiday).where(Holiday.calendar == calendar, Holiday.on.in_(list(names))))
    await session.execute(
        insert(Holiday), [{"calendar": calendar, "on": on, "name": names[on]} for on in sorted(names)]
    )


async def list_benchmarks(session: AsyncSession, *, code: str | None) -> list[Benchmark]:
    """The rates of a benchmark, or of all, by code and day."""
    statement = select(Benchmark).order_by(Benchmark.code, Benchmark.from_on)
    if code is not None:
        statement = statement.where(Benchmark.code == code)
    return list((await session.execute(statement)).scalars())


async def find_benchmark(session: AsyncSession, code: str, *, on: date) -> Decimal | None:
    """The rate of a benchmark on a day, in percent a year; None if none is known."""
    statement = (
        select(Benchmark.rate_percent)
        .where(Benchmark.code == code, Benchmark.from_on <= on)
        .order_by(Benchmark.from_on.desc())
        .limit(1)
    )
    found: Decimal | None = await session.scalar(statement)
    return found


async def add_benchmark(
    session: AsyncSession, code: str, *, from_on: date, rate_percent: Decimal, now: datetime, actor: str
) -> bool:
    """Writes the rate of a benchmark from a day on. False if there is one of that day."""
    if any(row.from_on == from_on for row in await list_benchmarks(session, code=code)):
        return False
    row = {"code": code, "from_on": from_on, "rate_percent": rate_percent, "created_at": now, "actor": actor}
    await session.execute(insert(Benchmark).values(row))
    return True
