"""The audit trail: read its events, and the last seal of its hash chain."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from app.api.deps import ADMINS, KistRouter, ReadingDep
from app.api.id_schemas import UserId, UserIdOut
from app.api.schemas import Answer, CursorText, Page
from app.db.repositories.audit import EventFilter
from app.domain.cursors import read_number
from app.services.operations import audit

router = KistRouter(prefix="/audit", tags=["Audit"])

Name = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


class AuditEventAnswer(Answer):
    """One event of the audit trail, written in the same transaction as the change. `object_id` is the public id of the
    changed object, if it has one."""

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


class AuditHeadAnswer(Answer):
    """The last seal. Keep it outside this service: `kist audit verify --head` then proves that no earlier event is
    missing."""

    head: str | None


@router.get("/events", dependencies=[ADMINS], summary="Read the audit trail")
async def list_audit_events(
    uow: ReadingDep,
    actor: Name = None,
    action: Name = None,
    object_kind: Name = None,
    object_id: Name = None,
    customer_id: Annotated[UserId | None, Query(description="`BC-USER-009`, or its number")] = None,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=200, description="The most rows to answer")] = 50,
) -> Page[AuditEventAnswer]:
    """Lists events, the newest first. Filter by any of the parameters. Send `next_cursor` as `cursor` to get older
    events, also if `items` has few or none: without `object_id`, a page of a search looks at 50,000 events."""
    wanted = EventFilter(
        actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id
    )
    page = await audit.list_events(uow, wanted, before=read_number(cursor, default=2**62), limit=limit)
    return Page(
        items=[AuditEventAnswer.model_validate(event) for event in page.events],
        next_cursor=None if page.next_before is None else str(page.next_before),
    )


@router.get("/head", dependencies=[ADMINS], summary="Read the head of the audit chain")
async def get_audit_head(uow: ReadingDep) -> AuditHeadAnswer:
    """Gives the number and the hash of the last seal. It is null until the first seal is made."""
    head = await audit.find_head(uow)
    return AuditHeadAnswer(head=None if head is None else str(head))
