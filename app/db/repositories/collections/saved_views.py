"""Saved views of the work list: filters and an order under a name of their owner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CollectionView
from app.domain.errors import NotFound


class ViewNotFound(NotFound):
    """There is no such view, or it is somebody else's. List your views."""

    code = "collection_view_not_found"


class StoredView(NamedTuple):
    """A view as it is stored."""

    id: int
    owner_id: int
    name: str
    is_shared: bool
    sort: str
    filters: Mapping[str, Any]


_COLUMNS = [getattr(CollectionView, name) for name in StoredView._fields]


async def list_views(session: AsyncSession, owner_id: int) -> list[StoredView]:
    """The views of a member of staff and those that others share, by name."""
    seen = or_(CollectionView.owner_id == owner_id, CollectionView.is_shared)
    rows = await session.execute(select(*_COLUMNS).where(seen).order_by(CollectionView.name, CollectionView.id))
    return [StoredView(*row) for row in rows]


async def find_view(session: AsyncSession, number: int, *, owner_id: int) -> StoredView | None:
    """A view that a member of staff may use."""
    seen = or_(CollectionView.owner_id == owner_id, CollectionView.is_shared)
    row = (await session.execute(select(*_COLUMNS).where(CollectionView.id == number, seen))).one_or_none()
    return None if row is None else StoredView(*row)


async def put_view(session: AsyncSession, values: Mapping[str, Any], *, now: datetime) -> StoredView:
    """Writes a view under its owner and name, in place of the one that has it."""
    statement = insert(CollectionView).values({**values, "saved_at": now})
    changed = {name: statement.excluded[name] for name in ("is_shared", "sort", "filters", "saved_at")}
    statement = statement.on_conflict_do_update(index_elements=["owner_id", "name"], set_=changed)
    return StoredView(*(await session.execute(statement.returning(*_COLUMNS))).one())


async def remove_view(session: AsyncSession, number: int, *, owner_id: int) -> None:
    """Removes a view of its owner. Raises ViewNotFound."""
    mine = (CollectionView.id == number, CollectionView.owner_id == owner_id)
    removed = await session.execute(delete(CollectionView).where(*mine).returning(CollectionView.id))
    if removed.one_or_none() is None:
        raise ViewNotFound("you have no such view", field="view_id")
