"""The holidays of banks, by which working days are counted."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Holiday

CALENDAR: Final = "bank"


async def list_holidays(session: AsyncSession, *, from_on: date, to_on: date) -> frozenset[date]:
    """The holidays from a day to another one, both included."""
    statement = select(Holiday.on).where(Holiday.calendar == CALENDAR, Holiday.on.between(from_on, to_on))
    return frozenset((await session.execute(statement)).scalars())


async def put_holidays(session: AsyncSession, names: Mapping[date, str]) -> None:
    """Writes holidays with their names; a day that is known gets the new name."""
    await session.execute(delete(Holiday).where(Holiday.calendar == CALENDAR, Holiday.on.in_(list(names))))
    await session.execute(
        insert(Holiday), [{"calendar": CALENDAR, "on": on, "name": names[on]} for on in sorted(names)]
    )
