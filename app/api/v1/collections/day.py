"""A day of collections: due, to be done, promised, bounced, paid, by officer."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query

from app.api.deps import OFFICERS, KistRouter, ReadingDep
from app.api.id_schemas import CardAccountIdOut, LoanIdOut, UserIdOut
from app.api.schemas import Answer, CursorText, Day, Page, PageLimit, RupeesOut
from app.api.v1.collections.case_schemas import KINDS, OfficerId, facility_ids
from app.db.repositories.collections.day_view import DayLine, DaySection, SectionSum
from app.domain.cursors import read_cursor, write_cursor
from app.services.collections import day_view

router = KistRouter(prefix="/collections/day", tags=["Collections"])

On = Annotated[Day | None, Query(description="The day; the default is the business date")]


class DaySumAnswer(Answer):
    """How many lines a section has, and how much they come to."""

    number: int
    amount: RupeesOut


class OfficerDayAnswer(Answer):
    """The day of an officer; null: of cases that are nobody's."""

    officer_id: int | None
    officer: str | None
    due: DaySumAnswer
    actions: DaySumAnswer
    promised: DaySumAnswer
    bounced: DaySumAnswer
    paid: DaySumAnswer


class DayAnswer(Answer):
    """A day by officer: instalments and minimum dues of cards that fall due and are not paid yet (of the whole book),
    actions that are to be done by then, promises for it, payments that bounced, and payments of the work list."""

    on: date
    officers: list[OfficerDayAnswer]


class DayLineAnswer(Answer):
    """A line of a section. `number` is that of the instalment, the statement, the promise, the payment or the posting;
    0 of an action. `state` says how it stands, or what is to be done."""

    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None
    user_id: UserIdOut
    name: str | None
    phone: str | None
    number: int
    amount: RupeesOut
    state: str
    asset_class: str | None
    officer_id: int | None
    officer: str | None


def _sum(found: SectionSum | None) -> DaySumAnswer:
    return DaySumAnswer(number=found.number if found else 0, amount=found.amount_paise if found else 0)


@router.get("", dependencies=[OFFICERS], summary="Read a day of collections by officer")
async def get_day(uow: ReadingDep, on: On = None) -> DayAnswer:
    """Gives, for each officer, how much falls due, is to be done, is promised, bounced and was paid on a day."""
    found = await day_view.view_day(uow, on=on)
    return DayAnswer(
        on=found.on,
        officers=[
            OfficerDayAnswer(
                officer_id=one.officer_id,
                officer=one.officer,
                **{section.value: _sum(one.sums.get(section)) for section in DaySection},
            )
            for one in found.officers
        ],
    )


@router.get("/{section}", dependencies=[OFFICERS], summary="List a section of a day of collections")
async def list_day_section(
    section: Annotated[DaySection, Path(description="The part of the day")],
    uow: ReadingDep,
    on: On = None,
    officer_id: Annotated[OfficerId | None, Query(description="Only cases in the charge of this officer")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[DayLineAnswer]:
    """Lists the lines of a section, by user. Send `next_cursor` as `cursor`, with the same day and officer, to get the
    next page."""
    values = read_cursor(cursor, int, int, int, int)
    after = None if values is None else (values[0], KINDS[min(values[1], len(KINDS) - 1)], values[2], values[3])
    lines, names = await day_view.list_day(uow, section, on=on, officer_id=officer_id, after=after, limit=limit)
    last = _cursor(lines[-1]) if len(lines) == limit else None
    return Page(items=[_present(line, names.get(line.officer_id or 0)) for line in lines], next_cursor=last)


def _cursor(line: DayLine) -> str:
    return write_cursor(line.customer_id, KINDS.index(line.facility.kind.value), line.facility.number, line.number)


def _present(line: DayLine, officer: str | None) -> DayLineAnswer:
    return DayLineAnswer(
        **facility_ids(line.facility, loan_year=line.loan_year),
        user_id=line.customer_id,
        name=line.customer_name,
        phone=line.phone,
        number=line.number,
        amount=line.amount_paise,
        state=line.state,
        asset_class=line.asset_class,
        officer_id=line.officer_id,
        officer=officer,
    )
