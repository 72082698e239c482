"""The log of events: read in order, and followed as it grows."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import Field

from app.api.deps import EVENT_READERS, KistRouter, ReadingDep, UnitOfWorkFactoryDep
from app.api.id_schemas import EventId
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer
from app.api.streams import EventStream, stream
from app.api.v1.events.event_schemas import EVENT, EXAMPLE, EventAnswer, present
from app.domain.events.catalog import EventType
from app.services.events import log
from app.services.events.log import EventPage

router = KistRouter(prefix="/events", tags=["Events"])

#: The time between two looks of a stream, and after how long a quiet stream sends a comment, so that proxies keep it.
EVERY_SECONDS = 0.5
QUIET_SECONDS = 15.0

After = Annotated[int, Query(ge=0, le=2**62, description="The number of the last event that you have; 0 for the first")]
Types = Annotated[
    list[EventType] | None, Query(alias="type", description="Only events of these types; all without it", max_length=50)
]


class EventPageAnswer(Answer):
    """Events in order. Send `next_after` as `after` to go on, also if `items` is empty: it has passed over events of
    other types, 50,000 at a time."""

    items: list[EventAnswer] = Field(examples=[[EXAMPLE]])
    next_after: int = Field(description="Send it as `after` to get what comes next", examples=[123])
    has_more: bool = Field(description="Whether there are more events already")


def _present(page: EventPage) -> EventPageAnswer:
    return EventPageAnswer(
        items=[present(event) for event in page.events],
        next_after=page.next_after,
        has_more=page.next_after < page.end,
    )


@router.get("", dependencies=[EVENT_READERS], summary="Read events in order")
async def read_events(
    uow: ReadingDep,
    after: After = 0,
    event_type: Types = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most events to answer")] = 100,
) -> EventPageAnswer:
    """Gives the events after a number, the oldest first. Numbers only grow and have no gaps, and an event never appears
    before one that was read already: a reader that keeps `next_after` misses nothing. Events are kept for ever. An
    event is numbered soon after its transaction, usually within a second."""
    return _present(await log.read_events(uow, after=after, types=event_type or (), limit=limit))


@router.get(
    "/stream",
    dependencies=[EVENT_READERS],
    response_class=EventStream,
    summary="Follow events as they come",
    responses={
        200: {"description": "Server-sent events: `id` is the number, `event` the type, `data` the whole event"}
    },
)
async def follow_events(
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    after: After = 0,
    event_type: Types = None,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=2**62, description="What a browser sends when it connects again; goes before `after`"),
    ] = None,
) -> EventStream:
    """Sends the events after a number, and then each new one, as server-sent events. If the token stops being valid,
    the last event is named `refused`: get a new token and connect again with the last `id` as `after`."""
    assert claims is not None, "the permission needs a token"
    pages = log.follow_events(
        uow_factory,
        claims,
        after=after if last_event_id is None else last_event_id,
        types=event_type or (),
        every_seconds=EVERY_SECONDS,
    )
    # The first page is read before the answer begins, so that a wrong cursor is refused with its status.
    return stream(_lines(await anext(pages), pages))


@router.get("/{event_id}", dependencies=[EVENT_READERS], summary="Read one event")
async def get_event(
    event_id: Annotated[EventId, Path(description="`EV-000123`, or its number")],
    uow: ReadingDep,
) -> EventAnswer:
    """Gives the event with this number, as it was when it happened."""
    return present(await log.get_event(uow, event_id))


async def _lines(first: EventPage, pages: AsyncGenerator[EventPage]) -> AsyncGenerator[str]:
    async with aclosing(pages):
        yield "retry: 2000\n\n" + _text(first)
        sent_at = time.monotonic()
        async for page in pages:
            if page.events:
                yield _text(page)
                sent_at = time.monotonic()
            elif time.monotonic() - sent_at >= QUIET_SECONDS:
                # Where to go on is told too: a filter may have passed over many events.
                yield f"id: {page.next_after}\n: nothing new\n\n"
                sent_at = time.monotonic()


def _text(page: EventPage) -> str:
    return "".join(
        f"id: {event.number}\nevent: {event.type}\ndata: {EVENT.dump_json(present(event), by_alias=True).decode()}\n\n"
        for event in page.events
    )
