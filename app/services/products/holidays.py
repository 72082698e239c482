"""The holidays of banks: loaded from a file, and the working day that is so many working days later."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta

from app.db.repositories.products import holidays as repository
from app.domain.errors import Invalid
from app.domain.lender.calendars import working_days_later
from app.services.unit_of_work import UnitOfWork


class HolidayFileInvalid(Invalid):
    """The file is not CSV with the columns `on` and `name`, or a row has no day or no name. Correct the row that the
    message names, and load the file again."""

    code = "holiday_file_invalid"


async def load_holidays(uow: UnitOfWork, lines: Iterable[str]) -> int:
    """Loads a file of holidays, whole or not at all, and answers how many it has. The same file again changes nothing.
    Raises HolidayFileInvalid."""
    names = _read(lines)
    await repository.put_holidays(uow.session, names)
    days = {"holidays": len(names), "first": min(names).isoformat(), "last": max(names).isoformat()}
    await uow.record("holidays_loaded", object_kind="calendar", object_id=repository.CALENDAR, details=days)
    return len(names)


def _read(lines: Iterable[str]) -> dict[date, str]:
    reader = csv.DictReader(lines)
    if [name.strip().lower() for name in reader.fieldnames or ()] != ["on", "name"]:
        raise HolidayFileInvalid("the columns are on, name", field="file")
    names = {}
    for number, row in enumerate(reader, start=1):
        day, name = (str(value or "").strip() for value in list(row.values())[:2])
        try:
            names[date.fromisoformat(day)] = name
        except ValueError:
            raise HolidayFileInvalid(f"row {number} has no day such as 2026-08-15", field="file", row=number) from None
        if not name or len(name) > 100:
            raise HolidayFileInvalid(f"row {number} has no name, or a long one", field="file", row=number)
    if not names:
        raise HolidayFileInvalid("the file has no rows", field="file")
    return names


async def add_working_days(uow: UnitOfWork, on: date, days: int) -> date:
    """The working day that is so many working days after a day."""
    # Of two weeks and one more day for each working day most are working days.
    holidays = await repository.list_holidays(uow.session, from_on=on, to_on=on + timedelta(days=2 * days + 14))
    return working_days_later(on, days, holidays=holidays)
