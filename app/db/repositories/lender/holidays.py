"""Calendars of holidays."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Holiday


async def list_holidays(session: AsyncSession, calendar: str, *, after: date, until: date) -> frozenset[date]:
    """The holidays of a calendar after one day, up to another one."""
    statement = select(Holiday.on).where(Holiday.calendar == calendar, Holiday.on > after, Holiday.on <= until)
    return frozenset((await session.execute(statement)).scalars())
