"""Calendars of holidays, which move due dates, and benchmarks, which floating rates follow."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.api.deps import ADMINS, OFFICERS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.schemas import Answer, Body, Code, Day, Line, RateOut, RatePercent, example
from app.services.products import calendars

router = KistRouter(tags=["Products"])

CalendarPath = Annotated[Code, Path(description="The code of the calendar", examples=["MUMBAI"])]


class HolidayPart(Body):
    """A day on which nothing is due."""

    on: Day
    name: Line = Field(examples=["Republic Day"])


class HolidaysBody(Body):
    """Holidays to add to a calendar."""

    model_config = example({"holidays": [{"on": "2027-01-26", "name": "Republic Day"}]})

    holidays: Annotated[list[HolidayPart], Field(min_length=1, max_length=400)]


class HolidayAnswer(Answer):
    """A holiday."""

    on: date
    name: str


class HolidaysAdded(Answer):
    """How many holidays were new."""

    calendar: str
    added: int


@router.get("/calendars/{calendar}/holidays", dependencies=[OFFICERS], summary="List the holidays of a calendar")
async def list_holidays(calendar: CalendarPath, uow: ReadingDep) -> list[HolidayAnswer]:
    """Lists the holidays in order. A calendar without holidays is an empty list."""
    return [HolidayAnswer(on=row.on, name=row.name) for row in await calendars.list_holidays(uow, calendar)]


@router.post(
    "/calendars/{calendar}/holidays", status_code=201, dependencies=[ADMINS], summary="Add holidays to a calendar"
)
async def add_holidays(calendar: CalendarPath, body: HolidaysBody, uow: UnitOfWorkDep) -> HolidaysAdded:
    """Adds holidays. One that is there already stays. Loans that are made keep their due dates."""
    holidays = [(part.on, part.name) for part in body.holidays]
    return HolidaysAdded(calendar=calendar, added=await calendars.add_holidays(uow, calendar, holidays))


class BenchmarkBody(Body):
    """The rate of a benchmark from a day on, in percent a year."""

    model_config = example({"code": "REPO", "from": "2026-12-01", "rate": 5.5})

    code: Code = Field(examples=["REPO"])
    from_on: Day = Field(alias="from")
    rate: RatePercent


class BenchmarkAnswer(Answer):
    """The rate of a benchmark from a day on."""

    code: str
    from_: date = Field(serialization_alias="from")
    rate: RateOut


@router.get("/benchmarks", dependencies=[OFFICERS], summary="List the rates of benchmarks")
async def list_benchmarks(uow: ReadingDep) -> list[BenchmarkAnswer]:
    """Lists every rate by code and day. The rate of a day is the latest one until then."""
    rows = await calendars.list_benchmarks(uow)
    return [BenchmarkAnswer(code=row.code, from_=row.from_on, rate=row.rate_percent) for row in rows]


@router.post("/benchmarks", status_code=201, dependencies=[ADMINS], summary="Add the rate of a benchmark")
async def add_benchmark(body: BenchmarkBody, uow: UnitOfWorkDep) -> BenchmarkAnswer:
    """Adds a rate. It never changes: from another day on there is another rate. Loans are reset one by one."""
    await calendars.add_benchmark(uow, body.code, from_on=body.from_on, rate_percent=body.rate)
    return BenchmarkAnswer(code=body.code, from_=body.from_on, rate=body.rate)
