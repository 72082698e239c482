"""Counts working days by the table of holidays of the lender's calendar."""

from datetime import date, timedelta

from app.db.repositories.lender import holidays as repository
from app.domain.lender.calendars import working_days_later
from app.services.unit_of_work import UnitOfWork

#: Holidays so many days ahead are read for each working day: no calendar rests longer.
_DAYS_EACH = 15


async def count_working_days(uow: UnitOfWork, on: date, days: int, *, calendar: str) -> date:
    """The working day that is so many working days after a day."""
    until = on + timedelta(days=_DAYS_EACH * days)
    holidays = await repository.list_holidays(uow.session, calendar, after=on, until=until)
    return working_days_later(on, days, holidays=holidays)
