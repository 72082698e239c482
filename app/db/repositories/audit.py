"""The audit trail as rows: who did what to what, written in the transaction of the deed."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import AuditEvent


async def add_event(
    session: AsyncSession,
    *,
    at: datetime,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    customer_id: int | None = None,
    request_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Writes one event."""
    await session.execute(
        insert(AuditEvent).values(
            at=at,
            actor=actor,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            customer_id=customer_id,
            request_id=request_id,
            details=details or {},
        )
    )


async def has_event(session: AsyncSession, *, action: str, object_kind: str, object_id: str) -> bool:
    """Whether something was done to an object before."""
    statement = select(AuditEvent.id).where(
        AuditEvent.object_kind == object_kind, AuditEvent.object_id == object_id, AuditEvent.action == action
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None
