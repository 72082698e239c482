"""Versions of the chart of accounts. A version never changes; the newest is in force."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ChartVersion
from app.domain.accounting.chart import Book, ChartChange, ChartEntry, LedgerAccount


class StoredChart(NamedTuple):
    """The number of a version, and what it changes of the chart that Kist brings. Number 0 changes nothing."""

    number: int
    changes: list[ChartChange]


async def find_chart(session: AsyncSession) -> StoredChart:
    """The version in force."""
    statement = select(ChartVersion.number, ChartVersion.entries).order_by(ChartVersion.number.desc()).limit(1)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return StoredChart(0, [])
    return StoredChart(
        row.number,
        [ChartChange(LedgerAccount(Book(book), account), code, name) for book, account, code, name in row.entries],
    )


async def add_chart(
    session: AsyncSession, *, number: int, entries: Iterable[ChartEntry], actor: str, now: datetime
) -> None:
    """Writes a version. Two that are written at once have the same number, and the second is refused."""
    document = [[entry.key.book.value, entry.key.account, entry.code, entry.name] for entry in entries]
    await session.execute(insert(ChartVersion).values(number=number, entries=document, made_at=now, actor=actor))
