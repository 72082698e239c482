"""Numbers events after their commit, reads them in order, and follows them.

`number_events` may run in several processes at once: one of them numbers, the others return. Readers only read, so an
event is seen when it is numbered, usually within a second.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from app import measures
from app.db.repositories.events import log as repository
from app.db.repositories.events.log import BillFacts, BillKey, ClassKey, Numbered, StoredEvent
from app.db.session import Reader, Session
from app.domain.billing.bill_events import bill_document
from app.domain.billing.cycles import Bill
from app.domain.delinquency.changes import FacilityState
from app.domain.delinquency.class_events import KINDS, class_document
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.errors import Invalid, NotFound
from app.domain.events.catalog import EventType
from app.domain.people.access import SYSTEM
from app.domain.public_ids import format_loan_id
from app.domain.rulebook.kinds import ProductKind
from app.services.events.presenting import EventView
from app.services.people.access import open_uow
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Rows that are numbered in one transaction.
AT_ONCE: Final = 5_000
#: The types whose rows name bills.
OF_BILLS: Final = frozenset({EventType.BILL_ISSUED, EventType.BILL_OVERDUE})
FOLLOWED_AT_ONCE: Final = 100
#: Events that one page of some types looks at: no index finds a type, because each event would have to pay for it.
MOST_PASSED_OVER: Final = 50_000


class EventCursorUnknown(Invalid):
    """`after` is a number that no event has yet. Begin with 0, or with the `next_after` of an earlier answer."""

    code = "event_cursor_unknown"


class EventNotFound(NotFound):
    """There is no event with this id. Check the id."""

    code = "event_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events in order, and where to go on. `end` is the number of the last event that there is."""

    events: Sequence[EventView]
    next_after: int
    end: int


async def number_events(uow_factory: UnitOfWorkFactory, *, at_once: int = AT_ONCE) -> int:
    """Numbers everything that is committed and has no number; returns how many events that were."""
    numbered = 0
    while (found := await _number_some(uow_factory, at_once)) is not None:
        numbered += found.events
        measures.count(measures.EVENTS_NUMBERED, found.events)
        if found.rows < at_once:
            break
    return numbered


async def _number_some(uow_factory: UnitOfWorkFactory, at_once: int) -> Numbered | None:
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.number_events(uow.session, limit=at_once)


async def read_events(
    uow: UnitOfWork,
    *,
    after: int,
    types: Sequence[EventType] = (),
    limit: int,
    until: int | None = None,
    most: int = MOST_PASSED_OVER,
) -> EventPage:
    """The events after a number, in order: all types, or these. Nothing is written. Raises EventCursorUnknown.

    A page of some types looks at `most` events, so it may have few or none and yet not be the last.
    """
    end = await repository.find_end(uow.reader)
    if after > end:
        raise EventCursorUnknown(f"the last event has number {end}", field="after", last_number=end)
    end = end if until is None else min(end, until)
    look_to = min(end, after + most) if types else end
    rows = await repository.list_after(uow.reader, after=after, end=look_to, types=types, limit=limit)
    events = await expand(uow.reader, rows, after=after, limit=limit)
    # A page that is not full has looked at everything up to there, also at what it did not want. Its last row may end
    # later.
    reached = events[-1].number if events else after
    next_after = reached if len(events) == limit else max(reached, look_to)
    return EventPage(events=events, next_after=next_after, end=end)


async def get_event(uow: UnitOfWork, number: int) -> EventView:
    """One event. Raises EventNotFound."""
    end = await repository.find_end(uow.reader)
    rows = await repository.list_after(uow.reader, after=number - 1, end=end, types=[], limit=1)
    events = await expand(uow.reader, rows, after=number - 1, limit=1)
    if not events or events[0].number != number:
        raise EventNotFound("there is no such event", field="event_id")
    return events[0]


async def find_events(uow: UnitOfWork, numbers: Sequence[int]) -> list[EventView]:
    """The events with these numbers, in order."""
    wanted = set(numbers)
    rows = await repository.list_holding(uow.reader, sorted(wanted))
    places = [(row, place) for row in rows for place in range(row.size) if row.number + place in wanted]
    return await _views(uow.reader, places)


async def follow_events(
    uow_factory: UnitOfWorkFactory, claims: Claims, *, after: int, types: Sequence[EventType], every_seconds: float
) -> AsyncGenerator[EventPage]:
    """Pages of events as they come, for ever; a page without events says that there are none yet. No transaction is
    open in between.

    Raises EventCursorUnknown, and TokenExpired or TokenRevoked as soon as the token is no longer valid.
    """
    while True:
        async with open_uow(uow_factory, claims) as uow:
            page = await read_events(uow, after=after, types=types, limit=FOLLOWED_AT_ONCE)
        yield page
        after = page.next_after
        if page.next_after >= page.end:
            await asyncio.sleep(every_seconds)


async def expand(reader: Session | Reader, rows: Sequence[StoredEvent], *, after: int, limit: int) -> list[EventView]:
    """The single events of rows, from the first one after a number on."""
    each = ((row, place) for row in rows for place in range(max(after + 1 - row.number, 0), row.size))
    return await _views(reader, list(islice(each, limit)))


async def _views(reader: Session | Reader, places: Sequence[tuple[StoredEvent, int]]) -> list[EventView]:
    bills = await repository.list_bills(reader, [_bill_key(row, place) for row, place in places if _names_bills(row)])
    classes = await repository.list_classes(
        reader, [_class_key(row, place) for row, place in places if _names_classes(row)]
    )
    return [_view(row, place, bills, classes) for row, place in places]


def _view(
    row: StoredEvent, place: int, bills: Mapping[BillKey, BillFacts], classes: Mapping[ClassKey, Any]
) -> EventView:
    data = row.data
    if _names_bills(row):
        data = _bill_data(bills[_bill_key(row, place)], _bill_key(row, place))
        data |= {name: column[place] for name, column in row.data["figures"].items()}
    elif _names_classes(row):
        data = _class_data(classes[_class_key(row, place)])
    customer_id, loan_id = _whose(row, place)
    return EventView(
        number=row.number + place,
        type=row.type,
        version=row.version,
        customer_id=customer_id,
        loan_id=loan_id,
        at=row.at,
        business_date=row.business_date,
        data=data,
        traceparent=row.traceparent,
    )


def _names_bills(row: StoredEvent) -> bool:
    return row.type in OF_BILLS


def _names_classes(row: StoredEvent) -> bool:
    """Whether a row names changes of day-ends. That of a correction holds its own data."""
    return row.type in KINDS and "facilities" in row.data


def _bill_key(row: StoredEvent, place: int) -> BillKey:
    data = row.data
    return BillKey(data["customers"][place], data["loans"][place], data["cycles"][place])


def _class_key(row: StoredEvent, place: int) -> ClassKey:
    data, kind = row.data, KINDS[row.type].value
    return ClassKey(data["customers"][place], kind, data["facilities"][place], data["numbers"][place])


def _bill_data(facts: BillFacts, key: BillKey) -> dict[str, Any]:
    loan_id = format_loan_id(year=facts.disbursed_on.year, number=key.loan_id)
    return bill_document(Bill(*facts.bill), loan_id=loan_id, customer_id=key.customer_id)


def _class_data(row: Any) -> dict[str, Any]:
    before, after = (None if name is None else AssetClass(name) for name in (row.class_before, row.class_after))
    return class_document(
        FacilityKey(ProductKind(row.kind), row.facility_id),
        before,
        FacilityState(after, row.oldest_due_on, row.oldest_cycle, row.non_performing_since),
        on=row.changed_on,
        reason=row.reason,
        customer_id=row.customer_id,
        opened_on=row.opened_on,
    )


def _whose(row: StoredEvent, place: int) -> tuple[int, int | None]:
    """The customer and the loan of an event of a row."""
    data = row.data
    if _names_bills(row):
        return data["customers"][place], data["loans"][place]
    if _names_classes(row):
        is_loan = KINDS[row.type] is ProductKind.LOAN
        return data["customers"][place], data["facilities"][place] if is_loan else None
    return row.customer_id, row.loan_id


def lanes_of(row: StoredEvent, *, after: int) -> Iterator[tuple[int, int, int | None]]:
    """The number, the customer and the loan of each event of a row after a number, without reading what it names."""
    for place in range(max(after + 1 - row.number, 0), row.size):
        yield row.number + place, *_whose(row, place)
