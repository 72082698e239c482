"""A day of collections by officer: due, to be done, promised, bounced, paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.db.repositories.collections import day_view as repository
from app.db.repositories.collections.day_view import BEGINNING, DayLine, DaySection, SectionSum
from app.services.collections.facilities import check_staff, officer_names
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfOfficer:
    """The sums of an officer (None: of cases that are nobody's) by section; a section without lines is left out."""

    officer_id: int | None
    officer: str | None
    sums: Mapping[DaySection, SectionSum]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """A day, by officer: those with a name in its order, then nobody's."""

    on: date
    officers: Sequence[DayOfOfficer]


async def view_day(uow: UnitOfWork, *, on: date | None = None) -> DayView:
    """The sums of a day, by default the business date. Raises Forbidden."""
    check_staff(uow)
    day = on or await uow.business_date()
    names = await officer_names(uow)
    found: dict[int | None, dict[DaySection, SectionSum]] = {}
    for each in await repository.sum_day(uow.session, on=day):
        found.setdefault(each.officer_id, {})[each.section] = each
    officers = [
        DayOfOfficer(officer_id=number, officer=None if number is None else names.get(number), sums=sums)
        for number, sums in found.items()
    ]
    return DayView(on=day, officers=sorted(officers, key=lambda one: (one.officer_id is None, one.officer or "")))


async def list_day(
    uow: UnitOfWork,
    section: DaySection,
    *,
    on: date | None = None,
    officer_id: int | None = None,
    after: tuple[int, str, int, int] | None = None,
    limit: int,
) -> tuple[list[DayLine], Mapping[int, str]]:
    """The next lines of a section of a day, by customer, and the names of staff. Raises Forbidden."""
    check_staff(uow)
    day = on or await uow.business_date()
    lines = await repository.list_day(
        uow.session, section, on=day, officer_id=officer_id, after=after or BEGINNING, limit=limit
    )
    return lines, await officer_names(uow)
