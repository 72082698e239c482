"""Calendars of holidays, and benchmarks, as use cases: an admin fills them, and loans read them when they are made.

A loan keeps the holidays that were known when it was made. A rate of a benchmark is never changed: a later day has
another rate.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.db.models import Benchmark, Holiday
from app.db.repositories.products import calendars as repository
from app.domain.errors import Conflict, Rejected
from app.domain.lender.profiles import DEFAULT_CALENDAR
from app.domain.products.working_days import working_days_later
from app.services.lender.profiles import find_profile
from app.services.unit_of_work import UnitOfWork


class BenchmarkUnknown(Rejected):
    """The benchmark has no rate on that day. Add one."""

    code = "benchmark_unknown"


class BenchmarkKnown(Conflict):
    """The benchmark has a rate from that day on, which does not change. Add a rate from another day on."""

    code = "benchmark_known"


async def list_holidays(uow: UnitOfWork, calendar: str) -> Sequence[Holiday]:
    """All holidays of a calendar, in order."""
    return await repository.list_holidays(uow.session, calendar, after=date.min)


async def known_holidays(uow: UnitOfWork, calendar: str | None, *, after: date) -> tuple[date, ...]:
    """The holidays of a calendar after a day; none without a calendar."""
    if calendar is None:
        return ()
    return tuple(holiday.on for holiday in await repository.list_holidays(uow.session, calendar, after=after))


async def find_lender_calendar(uow: UnitOfWork) -> str:
    """The calendar of the lender's profile, by which working days are counted."""
    lender = await find_profile(uow)
    return DEFAULT_CALENDAR if lender is None else lender.profile.holiday_calendar


async def count_working_days(uow: UnitOfWork, on: date, days: int) -> date:
    """The working day that is so many working days after a day, by the lender's calendar."""
    holidays = await known_holidays(uow, await find_lender_calendar(uow), after=on)
    return working_days_later(on, days, holidays=frozenset(holidays))


async def add_holidays(uow: UnitOfWork, calendar: str, holidays: Sequence[tuple[date, str]]) -> int:
    """Adds holidays, and answers how many were new. Loans that are made keep their dates."""
    added = await repository.add_holidays(uow.session, calendar, holidays)
    await uow.record(
        "holidays_added", object_kind="calendar", object_id=calendar, details={"added": added, "asked": len(holidays)}
    )
    return added


async def list_benchmarks(uow: UnitOfWork) -> Sequence[Benchmark]:
    """The rates of all benchmarks, by code and day."""
    return await repository.list_benchmarks(uow.session, code=None)


async def get_benchmark(uow: UnitOfWork, code: str, *, on: date) -> Decimal:
    """The rate of a benchmark on a day, in percent a year. Raises BenchmarkUnknown."""
    rate = await repository.find_benchmark(uow.session, code, on=on)
    if rate is None:
        raise BenchmarkUnknown(f"the benchmark has no rate on {on}", field="benchmark")
    return rate


async def add_benchmark(uow: UnitOfWork, code: str, *, from_on: date, rate_percent: Decimal) -> None:
    """Adds the rate of a benchmark from a day on. Raises BenchmarkKnown."""
    added = await repository.add_benchmark(
        uow.session, code, from_on=from_on, rate_percent=rate_percent, now=uow.now, actor=uow.actor.label
    )
    if not added:
        raise BenchmarkKnown(f"there is a rate from {from_on} on", field="from")
    details = {"from": from_on.isoformat(), "rate_percent": format(rate_percent, "f")}
    await uow.record("benchmark_added", object_kind="benchmark", object_id=code, details=details)
