"""Seals the audit trail, and verifies that nobody changed it.

An event gets its number when it is written and becomes visible when its transaction commits, so a lower number may
appear after a higher one. A seal must not cover a range in which an event can still appear: that event would look
inserted afterwards. Therefore the sealer works as PostgreSQL does for CREATE INDEX CONCURRENTLY. It reads the highest
number given out, then lists the transactions that are writing, and waits until all of them have ended. After that,
every number up to that one either is visible or will never exist. No writer waits for the sealer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.db.models import AuditEvent
from app.db.repositories import audit as repository
from app.db.repositories import public_ids as numbers_repository
from app.db.repositories.audit import EventFilter
from app.domain import public_ids
from app.domain.operations.audit import ChainWalk, EventDigest, Finding, Head, Seal, head_of, make_seal
from app.domain.people.access import SYSTEM, Forbidden, Role
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Events under one seal. A change is found only per seal, so more events make a finding less exact.
EVENTS_OF_A_SEAL = 1_000
SEALS_OF_A_PAGE = 200
#: Events that one page of a search looks at, if no index finds those that are searched for.
MOST_LOOKED_AT = 50_000
#: How long the sealer waits for writing transactions. If one takes longer, the next tick tries again.
WRITER_TIMEOUT = timedelta(seconds=3)
POLL_SECONDS = 0.02

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The progress of a verification, and the findings of the last page."""

    seals: int
    events: int
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """The events at the end of the trail that no seal covers yet."""

    events: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event as shown; `object_id` is the public id of its object."""

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    customer_id: int | None
    request_id: str | None
    client_address: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """Some events, and the number before which the next page begins; None after the last one. A page of a search may
    hold fewer events than were asked for, or none, and yet not be the last."""

    events: Sequence[EventView]
    next_before: int | None


async def list_events(
    uow: UnitOfWork, wanted: EventFilter, *, before: int, limit: int, most: int = MOST_LOOKED_AT
) -> EventsPage:
    """A page of the audit trail, newest first, for admins. Raises Forbidden.

    The stored and sealed events have plain numbers; only here they become public ids.
    """
    _check(uow)
    if wanted.object_id is not None:
        wanted = replace(wanted, named=public_ids.parse_any_id(wanted.object_id))
    down_to = 0
    if not wanted.has_index():
        before = min(before, await repository.find_last_number(uow.session) + 1)
        down_to = max(before - most, 0)
    events = await repository.list_events(uow.session, wanted, before=before, down_to=down_to, limit=limit)
    shown = await _show(uow, events)
    if len(events) == limit:
        return EventsPage(events=shown, next_before=events[-1].id)
    return EventsPage(events=shown, next_before=down_to if down_to > 1 else None)


async def _show(uow: UnitOfWork, events: Sequence[AuditEvent]) -> list[EventView]:
    named = {number for event in events if event.customer_id is not None for number in _loans_of(event)}
    loan_ids = {
        number: public_ids.format_loan_id(year=year, number=number)
        for number, year in (await numbers_repository.list_loan_years(uow.session, named)).items()
    }
    return [_shown(event, loan_ids) for event in events]


def _loans_of(event: AuditEvent) -> Iterator[int]:
    """The loan numbers in an event."""
    if event.object_kind == "loan" and event.object_id.isdecimal():
        yield int(event.object_id)
    number = event.details.get("loan_id")
    if isinstance(number, int):
        yield number


def _shown(event: AuditEvent, loan_ids: Mapping[int, str]) -> EventView:
    object_id, details = event.object_id, dict(event.details)
    if object_id.isdecimal():
        if event.object_kind == "loan":
            object_id = loan_ids.get(int(object_id), object_id)
        elif (write := public_ids.FORMATS.get(event.object_kind)) is not None:
            object_id = write(int(object_id))
    if details.get("loan_id") in loan_ids:
        details["loan_id"] = loan_ids[details["loan_id"]]
    return EventView(
        id=event.id,
        at=event.at,
        actor=event.actor,
        action=event.action,
        object_kind=event.object_kind,
        object_id=object_id,
        customer_id=event.customer_id,
        request_id=event.request_id,
        client_address=event.client_address,
        details=details,
    )


async def find_head(uow: UnitOfWork) -> Head | None:
    """The last seal, for storage outside the database; None while nothing is sealed. Raises Forbidden."""
    _check(uow)
    seal = await repository.find_last_seal(uow.session)
    return None if seal is None else head_of(seal)


async def seal_events(uow_factory: UnitOfWorkFactory, *, key: bytes, budget: timedelta = timedelta(seconds=5)) -> int:
    """Seals all events that can be sealed, and returns how many. Two sealers at the same time do no harm."""
    async with uow_factory.open(SYSTEM) as uow:
        up_to = await repository.find_last_number(uow.session)
        if not await _writers_ended(uow):
            log.info("audit not sealed: a transaction is still writing")
            return 0
    sealed, until = 0, uow_factory.clock() + budget
    while uow_factory.clock() <= until:
        async with uow_factory.open(SYSTEM) as uow:
            previous = await repository.find_last_seal(uow.session)
            after = 0 if previous is None else previous.last_id
            events = await repository.list_unsealed(uow.session, after=after, up_to=up_to, limit=EVENTS_OF_A_SEAL)
            if not events:
                break
            seal = make_seal(events, previous=previous, sealed_at=uow.now, key=key)
            if not await repository.add_seal(uow.session, seal):
                break
        # The log keeps the head outside the database.
        log.info("audit sealed", head=str(head_of(seal)), events=seal.events)
        sealed += seal.events
    return sealed


async def verify(uow_factory: UnitOfWorkFactory, *, key: bytes, head: Head | None = None) -> AsyncIterator[Verified]:
    """Computes every seal again, page by page; memory does not grow with the trail. With a head that was stored
    elsewhere it also finds out whether the end of the trail was removed."""
    walk = ChainWalk(key=key, head=head)
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            page = await repository.list_seals(
                uow.session, after=walk.last.number if walk.last else 0, limit=SEALS_OF_A_PAGE
            )
            findings = await _check_page(uow, walk, page) if page else walk.end()
        yield Verified(seals=walk.seals, events=walk.events, findings=findings)
        if not page:
            return


async def count_seals(uow_factory: UnitOfWorkFactory) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.count_seals(uow.session)


async def view_end(uow_factory: UnitOfWorkFactory) -> tuple[Head | None, Unsealed]:
    """The head of the chain, and the events after it."""
    async with uow_factory.open(SYSTEM) as uow:
        seal = await repository.find_last_seal(uow.session)
        events, oldest_at = await repository.find_unsealed(uow.session, after=0 if seal is None else seal.last_id)
    return None if seal is None else head_of(seal), Unsealed(events=events, oldest_at=oldest_at)


async def _writers_ended(uow: UnitOfWork) -> bool:
    """Waits for the transactions that are writing events now. False if one is still running after WRITER_TIMEOUT."""
    writers = await repository.list_writers(uow.session)
    deadline = asyncio.get_running_loop().time() + WRITER_TIMEOUT.total_seconds()
    while writers and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(POLL_SECONDS)
        writers &= await repository.list_writers(uow.session)
    return not writers


async def _check_page(uow: UnitOfWork, walk: ChainWalk, page: Sequence[Seal]) -> list[Finding]:
    findings: list[Finding] = []
    after = walk.last.last_id if walk.last else None
    events = repository.each_event(uow.session, after=after, up_to=page[-1].last_id)
    event = await anext(events, None)
    for seal in page:
        digest = EventDigest()
        while event is not None and event.id <= seal.last_id:
            digest.add(event)
            event = await anext(events, None)
        findings += walk.check(seal, digest)
    return findings


def _check(uow: UnitOfWork) -> None:
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may read the audit trail")
