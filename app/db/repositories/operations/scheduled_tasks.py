"""The schedule as rows: what the ticks note, and what staff ask of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ScheduledTask


async def list_tasks(session: AsyncSession) -> Sequence[ScheduledTask]:
    """Every task that ever ran, or was asked for."""
    return (await session.execute(select(ScheduledTask).order_by(ScheduledTask.name))).scalars().all()


async def begin_task(session: AsyncSession, name: str, *, now: datetime) -> bool:
    """Notes that a task begins now; False, and nothing noted, where it is paused."""
    statement = insert(ScheduledTask).values(name=name, paused=False, last_started_at=now)
    statement = statement.on_conflict_do_update(
        index_elements=[ScheduledTask.name],
        set_={"last_started_at": now},
        where=ScheduledTask.paused.is_(False),
    )
    return (await session.execute(statement.returning(ScheduledTask.name))).scalar_one_or_none() is not None


async def finish_task(session: AsyncSession, name: str, *, now: datetime, error: str | None) -> None:
    """Notes how a task ended."""
    await session.execute(
        update(ScheduledTask)
        .where(ScheduledTask.name == name)
        .values(last_finished_at=now, last_result="done" if error is None else "failed", last_error=error)
    )


async def set_paused(session: AsyncSession, name: str, *, paused: bool) -> None:
    """Pauses a task, or lets it go on."""
    statement = insert(ScheduledTask).values(name=name, paused=paused)
    await session.execute(statement.on_conflict_do_update(index_elements=[ScheduledTask.name], set_={"paused": paused}))


async def request_run(session: AsyncSession, name: str, *, now: datetime) -> None:
    """Asks for a run at once; the next look for requests honours it."""
    statement = insert(ScheduledTask).values(name=name, paused=False, requested_at=now)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[ScheduledTask.name], set_={"requested_at": now})
    )


async def take_requests(session: AsyncSession, *, now: datetime) -> Sequence[str]:
    """The tasks that were asked for, each handed to one caller only and noted as begun."""
    statement = (
        update(ScheduledTask)
        .where(ScheduledTask.requested_at.is_not(None))
        .values(requested_at=None, last_started_at=now)
        .returning(ScheduledTask.name)
    )
    return (await session.execute(statement)).scalars().all()
