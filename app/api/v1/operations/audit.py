"""The audit trail, for reading: who did what to what, when and from where, and the head of the chain that seals it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from app.api.deps import ADMINS, KistRouter, ReadingDep
from app.api.id_schemas import UserId, UserIdOut
from app.api.schemas import Answer, Page
from app.db.repositories.audit import EventFilter
from app.services.operations import audit

router = KistRouter(prefix="/audit", tags=["Audit"])

Name = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


class EventAnswer(Answer):
    """One event, written in the transaction of the deed. What it is about is named by its public id, if it has one."""

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    customer_id: UserIdOut | None
    request_id: str | None
    client_address: str | None
    details: dict[str, Any]


class HeadAnswer(Answer):
    """The last seal. Keep it somewhere else: `kist audit verify --head` then proves that nothing before it is gone."""

    head: str | None


@router.get("/events", dependencies=[ADMINS], summary="Read the audit trail")
async def list_events(
    uow: ReadingDep,
    actor: Name = None,
    action: Name = None,
    object_kind: Name = None,
    object_id: Name = None,
    customer_id: Annotated[UserId | None, Query()] = None,
    cursor: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[EventAnswer]:
    """Latest first; `next_cursor` asks for older ones."""
    wanted = EventFilter(
        actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id
    )
    events = await audit.list_events(uow, wanted, before=cursor, limit=limit)
    return Page(
        items=[EventAnswer.model_validate(event) for event in events],
        next_cursor=str(events[-1].id) if len(events) == limit else None,
    )


@router.get("/head", dependencies=[ADMINS], summary="The head of the audit chain")
async def read_head(uow: ReadingDep) -> HeadAnswer:
    """Null until the first seal is made."""
    head = await audit.find_head(uow)
    return HeadAnswer(head=None if head is None else str(head))
