"""Loads a file of holidays into the lender's calendar."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from app.db.repositories.products import calendars as repository
from app.domain.errors import Invalid
from app.services.plain_csv import HeaderUnknown, NotCsv, read_day, read_rows
from app.services.products.calendars import find_lender_calendar
from app.services.unit_of_work import UnitOfWork

COLUMNS: Final = ("on", "name")
LONGEST_NAME: Final = 100


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
    try:
        rows = list(read_rows(lines, columns=COLUMNS, required=COLUMNS))
    except HeaderUnknown:
        raise HolidayFileInvalid("the columns are on, name", field="file") from None
    except NotCsv as error:
        raise _refusal(error.row, "cannot be read as CSV") from None
    names: dict[date, str] = {}
    for row in rows:
        if row.fault is not None:
            raise _refusal(row.number, row.fault)
        try:
            day = read_day(row.fields["on"])
        except ValueError:
            raise _refusal(row.number, "has no day such as 2026-08-15") from None
        if not 0 < len(row.fields["name"]) <= LONGEST_NAME:
            raise _refusal(row.number, "has no name, or a long one")
        if day in names:
            raise _refusal(row.number, "has a day that an earlier row has")
        names[day] = row.fields["name"]
    if not names:
        raise HolidayFileInvalid("the file has no rows", field="file")
    return names


def _refusal(row: int, words: str) -> HolidayFileInvalid:
    return HolidayFileInvalid(f"row {row} {words}", field="file", row=row)
