"""Webhook endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import EventLog, WebhookEndpoint, WebhookLane
from app.db.models.events import webhook_numbers
from app.domain.errors import NotFound

ACTIVE, REMOVED = "active", "removed"


class WebhookEndpointNotFound(NotFound):
    """There is no such webhook endpoint, or it was removed. Check the id."""

    code = "webhook_endpoint_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEndpoint:
    """An endpoint as it is stored; the secrets are sealed."""

    id: int
    url: str
    description: str | None
    types: Sequence[str]
    status: str
    after_number: int
    secret: bytes
    key_version: int
    old_secret: bytes | None
    old_key_version: int | None
    old_until: datetime | None
    failures: int
    resting_until: datetime | None
    created_at: datetime
    created_by: str


_TABLE = WebhookEndpoint.__table__
_COLUMNS = list(_TABLE.columns)


async def next_endpoint_number(session: AsyncSession) -> int:
    return int((await session.execute(select(webhook_numbers.next_value()))).scalar_one())


async def add_endpoint(session: AsyncSession, endpoint: StoredEndpoint) -> None:
    values = {name: getattr(endpoint, name) for name in _TABLE.columns.keys()}  # noqa: SIM118 - a collection of columns
    await session.execute(insert(WebhookEndpoint).values(**values | {"types": list(endpoint.types)}))


async def get_endpoint(session: AsyncSession, endpoint_id: int, *, locked: bool = False) -> StoredEndpoint:
    """An endpoint that was not removed. Raises WebhookEndpointNotFound."""
    statement = select(*_COLUMNS).where(_TABLE.c.id == endpoint_id, _TABLE.c.status != REMOVED)
    if locked:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise WebhookEndpointNotFound("there is no such webhook endpoint", field="endpoint_id")
    return StoredEndpoint(**row)


async def list_endpoints(session: AsyncSession) -> list[StoredEndpoint]:
    """All endpoints that were not removed."""
    rows = await session.execute(select(*_COLUMNS).where(_TABLE.c.status != REMOVED).order_by(_TABLE.c.id))
    return [StoredEndpoint(**row) for row in rows.mappings()]


async def update_endpoint(session: AsyncSession, endpoint_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**values))


async def lock_behind(session: AsyncSession) -> StoredEndpoint | None:
    """An active endpoint that has not had the last event, locked. None if there is none that nobody else has locked."""
    end = select(EventLog.last_number).scalar_subquery()
    statement = (
        select(*_COLUMNS)
        .where(_TABLE.c.status == ACTIVE, _TABLE.c.after_number < end)
        .order_by(_TABLE.c.after_number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else StoredEndpoint(**row)


async def list_due_endpoints(session: AsyncSession, *, now: datetime) -> list[int]:
    """The active endpoints with a lane that is due and that no worker holds; not those that are left alone now."""
    is_due = (
        select(WebhookLane.lane)
        .where(
            WebhookLane.endpoint_id == WebhookEndpoint.id,
            WebhookLane.due_at <= now,
            func.coalesce(WebhookLane.leased_until, now) <= now,
        )
        .exists()
    )
    statement = select(WebhookEndpoint.id).where(
        WebhookEndpoint.status == ACTIVE, func.coalesce(WebhookEndpoint.resting_until, now) <= now, is_due
    )
    return list((await session.execute(statement.order_by(WebhookEndpoint.id))).scalars())


async def list_sealed_otherwise(session: AsyncSession, *, than_version: int) -> list[StoredEndpoint]:
    """The endpoints with a secret that is sealed under another version of the key, removed ones too."""
    other = (_TABLE.c.key_version != than_version) | (_TABLE.c.old_key_version != than_version)
    rows = await session.execute(select(*_COLUMNS).where(other).order_by(_TABLE.c.id).with_for_update())
    return [StoredEndpoint(**row) for row in rows.mappings()]
