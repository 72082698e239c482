"""Loads a file of holidays into the lender's calendar."""

import csv
from collections.abc import Iterable
from datetime import date

from app.db.repositories.products import calendars as repository
from app.domain.errors import Invalid
from app.services.products.calendars import find_lender_calendar
from app.services.unit_of_work import UnitOfWork


class HolidayFileInvalid(Invalid):
    """The file is not CSV with the columns `on` and `name`, or a row has no day or no name. Correct the row that the
    message names, and load the file again."""

    code = "holiday_file_invalid"


async def load_holidays(uow: UnitOfWork, lines: Iterable[str]) -> int:
    """Loads a file of holidays, whole or not at all, and answers how many it has. The same file again changes nothing.
    Raises HolidayFileInvalid."""
    names, calendar = _read(lines), await find_lender_calendar(uow)
    await repository.put_holidays(uow.session, calendar, names)
    days = {"holidays": len(names), "first": min(names).isoformat(), "last": max(names).isoformat()}
    await uow.record("holidays_loaded", object_kind="calendar", object_id=calendar, details=days)
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
