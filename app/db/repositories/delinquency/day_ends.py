"""Which day-ends are judged, and which customers are left of the one that is being judged.

Whoever opens or finishes a day-end, or corrects classes, holds `lock_classes` until the end of its transaction, and
nothing is corrected while a day-end is open. So a correction never meets one that is half judged. Ranges of an open
day-end have different customers. Each is taken by one transaction, so two workers never judge one borrower at a time.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.lending.loans import LoanKey


class JudgedDay(NamedTuple):
    """A day-end: the one before it, how many facilities were touched and changed, and whether it is judged."""

    day: date
    after: date | None
    facilities: int
    changes: int
    posts_suspense: bool
    finished_at: datetime | None


class Range(NamedTuple):
    """Customers who are to be judged at a day-end, or loans whose interest is to be moved."""

    number: int
    customer_ids: Sequence[int]
    loan_ids: Sequence[int] | None


_LATEST = text(
    "SELECT day, after, facilities, changes, posts_suspense, finished_at FROM day_ends ORDER BY day DESC LIMIT 1"
)


async def lock_classes(session: AsyncSession) -> None:
    """Waits for others who correct classes, or end a range, and keeps them waiting until the transaction ends. Reading
    goes on."""
    await session.execute(text("LOCK TABLE day_ends IN SHARE ROW EXCLUSIVE MODE"))


async def find_latest(session: AsyncSession) -> JudgedDay | None:
    """The latest day-end, judged or being judged."""
    row = (await session.execute(_LATEST)).one_or_none()
    return None if row is None else JudgedDay(*row)


async def find_judged_through(session: AsyncSession) -> date | None:
    """The latest day-end that is judged."""
    found: date | None = await session.scalar(text("SELECT max(day) FROM day_ends WHERE finished_at IS NOT NULL"))
    return found


async def is_correction_waiting(session: AsyncSession, customer_id: int) -> bool:
    """Whether a borrower is still to be judged again after a correction."""
    found: bool | None = await session.scalar(
        text("SELECT EXISTS (SELECT FROM outbox WHERE job = 'judge_borrower' AND done_at IS NULL AND key LIKE :key)"),
        {"key": f"{customer_id}:%"},
    )
    return bool(found)


async def open_day_end(
    session: AsyncSession, day: date, *, after: date | None, ranges: Sequence[Sequence[int]], now: datetime
) -> None:
    """Opens a day-end, with the customers to judge."""
    await session.execute(
        text("INSERT INTO day_ends (day, after, facilities, changes, started_at) VALUES (:day, :after, 0, 0, :now)"),
        {"day": day, "after": after, "now": now},
    )
    if ranges:
        await session.execute(
            text("INSERT INTO day_end_ranges (day, number, customer_ids) VALUES (:day, :number, :customer_ids)"),
            [
                {"day": day, "number": number, "customer_ids": list(customers)}
                for number, customers in enumerate(ranges, start=1)
            ],
        )


async def add_suspense_ranges(session: AsyncSession, day: date, ranges: Sequence[Sequence[LoanKey]]) -> None:
    """Adds the loans whose interest is to be moved, after all borrowers are judged."""
    await session.execute(text("UPDATE day_ends SET posts_suspense = true WHERE day = :day"), {"day": day})
    if ranges:
        await session.execute(
            text(
                "INSERT INTO day_end_ranges (day, number, customer_ids, loan_ids)"
                " VALUES (:day, :number, :customer_ids, :loan_ids)"
            ),
            [
                {
                    "day": day,
                    "number": -number,
                    "customer_ids": [key.customer_id for key in keys],
                    "loan_ids": [key.loan_id for key in keys],
                }
                for number, keys in enumerate(ranges, start=1)
            ],
        )


async def list_ranges(session: AsyncSession, day: date) -> Sequence[int]:
    """The numbers of the ranges that are still to be judged at a day-end, also those that a worker is judging."""
    found = await session.scalars(
        text("SELECT number FROM day_end_ranges WHERE day = :day ORDER BY number"), {"day": day}
    )
    return found.all()


async def take_range(session: AsyncSession, day: date, number: int) -> Range | None:
    """Takes a range out of the table; the transaction that does so judges it. None if another one has done so; a
    transaction that is at it is waited for."""
    row = (
        await session.execute(
            text(
                "DELETE FROM day_end_ranges WHERE day = :day AND number = :number "
                "RETURNING number, customer_ids, loan_ids"
            ),
            {"day": day, "number": number},
        )
    ).one_or_none()
    return None if row is None else Range(*row)


async def count_judged(session: AsyncSession, day: date, *, facilities: int, changes: int) -> None:
    """Counts what was touched. Do it last: until the transaction ends, others who count wait."""
    await session.execute(
        text(
            "UPDATE day_ends SET facilities = facilities + :facilities, changes = changes + :changes WHERE day = :day"
        ),
        {"day": day, "facilities": facilities, "changes": changes},
    )


async def finish_day_end(session: AsyncSession, day: date, *, now: datetime) -> None:
    """Marks a day-end as judged."""
    await session.execute(text("UPDATE day_ends SET finished_at = :now WHERE day = :day"), {"now": now, "day": day})
