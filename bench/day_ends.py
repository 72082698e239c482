"""Day-ends of a book against its billing: judging a book of which 8 % is past due takes a small part of the time.

All loans are billed by one worker, which is the measure. Then all but eight of a hundred are paid in time. Three
day-ends are judged by one worker: the due date, when every late loan changes; the next day, when none does; and the day
on which all of them come into the next class. Before both, the tables are vacuumed: that of hundreds of thousands of
rows just loaded, or just paid, would compete with what is measured.
"""

import time
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import text

from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.delinquency import day_ends
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from bench.billing import DUE_ON, bill_all
from bench.billing_worker import FAR
from bench.loading import load_loans
from bench.report import Figure
from bench.templates import connection

#: Of a hundred loans so many are past due.
LATE = 8
LATE_FROM = DUE_ON + timedelta(days=CREDIT_CARD_LOAN.repayment.due_after_days)
NEXT_CLASS = LATE_FROM + timedelta(days=30)
_PAY = """
UPDATE bills SET unpaid_interest_paise = 0, unpaid_principal_paise = 0, settled_on = due_on
WHERE customer_id % 100 >= :late
"""


async def measure_day_ends(settings: Settings, uow_factory: UnitOfWorkFactory, *, loans: int) -> list[Figure]:
    """The time of each day-end as a part of the time that billing the same number of loans took."""
    await load_loans(uow_factory, count=loans)
    await vacuum(settings)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(DUE_ON)
    began = time.perf_counter()
    await bill_all(uow_factory)
    billing = time.perf_counter() - began
    async with uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        await uow.session.execute(text("SET LOCAL statement_timeout = 0"))
        await uow.session.execute(text(_PAY), {"late": LATE})
    # The first day-end of an installation reads the whole past; it is not measured.
    await _judge(uow_factory, LATE_FROM - timedelta(days=1))
    await vacuum(settings)
    late = sum(1 for number in range(1, loans + 1) if number % 100 < LATE)
    figures = [
        Figure(name="day-end, billing of the same loans", value=billing, unit="s", note=f"{loans:,} loans, one worker")
    ]
    names = ("all late loans change", "no loan changes", "all late loans come into the next class")
    for name, day in zip(names, (LATE_FROM, LATE_FROM + timedelta(days=1), NEXT_CLASS), strict=True):
        seconds = await _judge(uow_factory, day)
        await _check(uow_factory, day, facilities=late)
        figures += _figures(name, seconds, billing=billing, note=f"{late:,} of {loans:,} loans past due")
    return figures


def _figures(name: str, seconds: float, *, billing: float, note: str) -> Sequence[Figure]:
    return (
        Figure(name=f"day-end, {name}", value=seconds, unit="s", note=note),
        Figure(
            name=f"day-end, {name}: ratio",
            value=seconds / billing,
            unit="x",
            note="of the billing",
            bound="at most 0.15",
        ),
    )


async def vacuum(settings: Settings) -> None:
    """What autovacuum would do within a minute."""
    async with connection(settings.owner_dsn) as owner:
        await owner.execute("VACUUM ANALYZE")


async def _judge(uow_factory: UnitOfWorkFactory, day: date) -> float:
    began = time.perf_counter()
    assert await day_ends.judge_day_ends(uow_factory, {"through": day.isoformat()}, until=FAR)
    return time.perf_counter() - began


async def _check(uow_factory: UnitOfWorkFactory, day: date, *, facilities: int) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        touched = await uow.session.scalar(text("SELECT facilities FROM day_ends WHERE day = :day"), {"day": day})
    assert touched == facilities, f"{touched} loans were touched, and {facilities} are past due"
