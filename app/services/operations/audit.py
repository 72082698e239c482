"""Sealing the audit trail, and finding out whether anybody touched it.

Events are numbered when they are written and appear when their transaction commits, so a number may appear later than a
higher one. A seal must not run ahead of such a latecomer: it would stand in a sealed stretch as if somebody had
smuggled it in. So the sealer does what PostgreSQL does before it trusts an index built beside the writers: it notes the
highest number given out, then who is writing at that moment, and waits until all of those have ended. From then on
every number up to the noted one is either there or never will be. Nobody is kept waiting for the sealer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.db.models import AuditEvent
from app.db.repositories import audit as repository
from app.db.repositories.audit import EventFilter
from app.db.repositories.lending import loans as loan_repository
from app.db.repositories.lending.loans import LoanKey
from app.domain import public_ids
from app.domain.operations.audit import ChainWalk, EventDigest, Finding, Head, Seal, head_of, make_seal
from app.domain.people.access import SYSTEM, Forbidden, Role
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Events under one seal: a change is found to belong to one of so many.
EVENTS_OF_A_SEAL = 1_000
SEALS_OF_A_PAGE = 200
#: How long the sealer waits for those who write. Whoever takes longer is waited for at the next tick.
PATIENCE = timedelta(seconds=3)
LOOK_SECONDS = 0.02

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How far a verification is, and what it found in the last stretch."""

    seals: int
    events: int
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """The end of the trail that no seal covers yet."""

    events: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event as it is shown: what it is about, under the id by which the world knows it."""

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


async def list_events(uow: UnitOfWork, wanted: EventFilter, *, before: int, limit: int) -> list[EventView]:
    """The audit trail, latest first, for admins. Raises Forbidden.

    The trail is sealed as it was written, with plain numbers; they get their names only here.
    """
    _check(uow)
    if wanted.object_id is not None:
        wanted = replace(wanted, named=public_ids.parse_any_id(wanted.object_id))
    events = await repository.list_events(uow.session, wanted, before=before, limit=limit)
    named = {(event.customer_id, number) for event in events for number in _loans_of(event)}
    keys = [LoanKey(customer_id, number) for customer_id, number in named if customer_id is not None]
    loan_ids = {
        number: public_ids.format_loan_id(year=disbursed_on.year, number=number)
        for number, disbursed_on in (await loan_repository.list_disbursal_dates(uow.session, keys)).items()
    }
    return [_shown(event, loan_ids) for event in events]


def _loans_of(event: AuditEvent) -> Iterator[int]:
    """The numbers of loans that an event names."""
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
    """The last seal, to be kept somewhere else; None while nothing is sealed. Raises Forbidden."""
    _check(uow)
    seal = await repository.find_last_seal(uow.session)
    return None if seal is None else head_of(seal)


async def seal_events(uow_factory: UnitOfWorkFactory, *, key: bytes, budget: timedelta = timedelta(seconds=5)) -> int:
    """Seals what can be sealed; answers how many events that were. A second sealer at the same time changes nothing."""
    async with uow_factory.open(SYSTEM) as uow:
        up_to = await repository.find_last_number(uow.session)
        if not await _writers_ended(uow):
            log.info("audit not sealed: a writer takes long")
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
        # The log is a second place to keep the head in.
        log.info("audit sealed", head=str(head_of(seal)), events=seal.events)
        sealed += seal.events
    return sealed


async def verify(uow_factory: UnitOfWorkFactory, *, key: bytes, head: Head | None = None) -> AsyncIterator[Verified]:
    """Computes every seal again, page by page, in memory that does not grow with the trail. With a head that was kept
    elsewhere it also finds an end that was cut off."""
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
    """The head of the chain, and what lies after it."""
    async with uow_factory.open(SYSTEM) as uow:
        seal = await repository.find_last_seal(uow.session)
        events, oldest_at = await repository.find_unsealed(uow.session, after=0 if seal is None else seal.last_id)
    return None if seal is None else head_of(seal), Unsealed(events=events, oldest_at=oldest_at)


async def _writers_ended(uow: UnitOfWork) -> bool:
    """Whether everybody who is writing events now has ended, within our patience."""
    writers = await repository.list_writers(uow.session)
    deadline = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
    while writers and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
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
