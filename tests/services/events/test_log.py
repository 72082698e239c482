"""The log of events: numbered after the commit, without gaps, in the order of each loan; read in pages."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import text

from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN
from app.services.events import log
from app.services.events.log import EventCursorUnknown, EventNotFound
from app.services.events.presenting import EventView
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.conftest import START
from tests.services.lending_desk import LendingHelper


async def numbered(uow_factory: UnitOfWorkFactory, *types: EventType) -> list[EventView]:
    """All events, after what is committed was numbered."""
    await log.number_events(uow_factory)
    return await everything(uow_factory, *types, limit=1000)


async def everything(uow_factory: UnitOfWorkFactory, *types: EventType, limit: int) -> list[EventView]:
    """All events that have numbers, read in pages."""
    found: list[EventView] = []
    after = 0
    while True:
        async with uow_factory.reading(SYSTEM) as uow:
            page = await log.read_events(uow, after=after, types=types, limit=limit)
        found += page.events
        assert page.next_after > after or page.next_after == page.end
        after = page.next_after
        if after == page.end and len(page.events) < limit:
            return found


def happened(place: int, *, loan_id: int | None = None) -> Happened:
    return Happened(type=EventType.CARD_BLOCKED, customer_id=1, loan_id=loan_id, data={"place": place})


class Stop(Exception):
    """Rolls a transaction back."""


async def add(uow_factory: UnitOfWorkFactory, *places: int, fails: bool = False) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await publish(uow, *map(happened, places))
        if fails:
            raise Stop


async def bill_twice(lending: LendingHelper, *, loans: int) -> None:
    """Loans that nobody pays: the second run finds the bills of the first one overdue."""
    for _ in range(loans):
        await lending.disburse(PERSONAL_LOAN, amount=30_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 5))
    await lending.run_billing(on=date(2027, 1, 5))


async def test_events_are_seen_when_they_are_numbered(uow_factory: UnitOfWorkFactory) -> None:
    await add(uow_factory, 10, 11)
    assert await everything(uow_factory, limit=10) == []
    assert await log.number_events(uow_factory) == 2
    assert await log.number_events(uow_factory) == 0
    found = await everything(uow_factory, limit=10)
    assert [(event.number, event.id, event.data["place"]) for event in found] == [
        (1, "EV-000001", 10),
        (2, "EV-000002", 11),
    ]
    assert (found[0].at, found[0].business_date, found[0].version) == (START, date(2026, 11, 21), 1)


async def test_what_is_rolled_back_never_happened(uow_factory: UnitOfWorkFactory) -> None:
    with pytest.raises(Stop):
        await add(uow_factory, 1, fails=True)
    await add(uow_factory, 2)
    assert [(event.number, event.data["place"]) for event in await numbered(uow_factory)] == [(1, 2)]


async def test_a_page_of_some_types_looks_at_so_many_events_and_says_where_to_go_on(
    uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    await bill_twice(lending, loans=3)
    whole = await numbered(uow_factory)
    last = whole[-1].number
    for most in (1, 2, 5, 100):
        found: list[EventView] = []
        after = 0
        while after < last:
            async with uow_factory.reading(SYSTEM) as uow:
                page = await log.read_events(uow, after=after, types=[EventType.BILL_ISSUED], limit=10, most=most)
            # A row of several events that begins within them is read to its end.
            assert (page.end, page.next_after > after) == (last, True)
            found += page.events
            after = page.next_after
        assert found == [event for event in whole if event.type == "bill.issued"]
    async with uow_factory.reading(SYSTEM) as uow:
        nothing = await log.read_events(uow, after=0, types=[EventType.CARD_BLOCKED], limit=10, most=4)
    assert (nothing.events, nothing.next_after, nothing.end) == ([], 4, last)


async def test_a_transaction_that_commits_later_is_numbered_later(uow_factory: UnitOfWorkFactory) -> None:
    """Its row was written first. A reader that has seen the others must still find it after them."""
    async with uow_factory.open(SYSTEM) as slow:
        await publish(slow, happened(1))
        await add(uow_factory, 2)
        assert [event.data["place"] for event in await numbered(uow_factory)] == [2]
    assert [(event.number, event.data["place"]) for event in await numbered(uow_factory)] == [(1, 2), (2, 1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
async def test_pages_of_any_size_give_the_same(
    uow_factory: UnitOfWorkFactory, lending: LendingHelper, limit: int
) -> None:
    await bill_twice(lending, loans=3)
    whole = await numbered(uow_factory)
    assert [event.number for event in whole] == list(range(1, len(whole) + 1))
    assert [event.type for event in whole] == [
        *["loan.approved", "loan.disbursed"] * 3, *["bill.issued"] * 3, "run.finished", *["bill.overdue"] * 3,
        *["bill.issued"] * 3, "run.finished",
    ]  # fmt: skip
    assert await everything(uow_factory, limit=limit) == whole
    bills = await everything(uow_factory, EventType.BILL_ISSUED, limit=limit)
    assert bills == [event for event in whole if event.type == "bill.issued"]


async def test_a_page_may_begin_within_the_events_of_a_range(
    uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    await bill_twice(lending, loans=4)
    whole = await numbered(uow_factory)
    for after in range(len(whole) + 1):
        async with uow_factory.reading(SYSTEM) as uow:
            page = await log.read_events(uow, after=after, limit=2)
        assert list(page.events) == whole[after : after + 2]
    for event in whole:
        async with uow_factory.reading(SYSTEM) as uow:
            assert await log.get_event(uow, event.number) == event


async def test_a_cursor_from_nowhere_is_refused(uow_factory: UnitOfWorkFactory) -> None:
    await add(uow_factory, 1)
    await log.number_events(uow_factory)
    async with uow_factory.reading(SYSTEM) as uow:
        assert (await log.read_events(uow, after=1, limit=10)).events == []
        with pytest.raises(EventCursorUnknown, match="the last event has number 1"):
            await log.read_events(uow, after=2, limit=10)
        with pytest.raises(EventNotFound):
            await log.get_event(uow, 2)


async def test_a_loan_that_is_behind_keeps_the_order_of_its_bills(
    uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2027, 2, 22))
    of_bills = await numbered(uow_factory, EventType.BILL_ISSUED, EventType.BILL_OVERDUE)
    found = [(event.type, event.data["cycle"]) for event in of_bills]
    assert sorted(found) == sorted(set(found)), "each event is there once"
    for cycle in {cycle for _, cycle in found}:
        if ("bill.overdue", cycle) in found:
            assert found.index(("bill.issued", cycle)) < found.index(("bill.overdue", cycle))
            if ("bill.issued", cycle + 2) in found:
                assert found.index(("bill.overdue", cycle)) < found.index(("bill.issued", cycle + 2))
    assert len(found) > 3


@dataclass(slots=True)
class Busy:
    """Writers that commit in another order than they write, and of which some roll back; two who number; readers."""

    uow_factory: UnitOfWorkFactory
    chance: random.Random = field(default_factory=lambda: random.Random(17))
    connections: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(3))
    changes: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(4), 0))
    locks: dict[int, asyncio.Lock] = field(default_factory=lambda: {loan: asyncio.Lock() for loan in range(4)})
    is_over: bool = False

    async def write(self, *, times: int) -> None:
        for _ in range(times):
            loan = self.chance.randrange(4)
            # The lock stands for that of the loan's row, which is held until the commit.
            async with self.connections, self.locks[loan]:
                with suppress(Stop):
                    await self._change(loan)

    async def _change(self, loan: int) -> None:
        async with self.uow_factory.open(SYSTEM) as uow:
            await publish(uow, *(happened(self.changes[loan] + place, loan_id=loan) for place in (1, 2)))
            await asyncio.sleep(self.chance.random() / 100)
            if self.chance.random() < 0.2:
                raise Stop
        self.changes[loan] += 2

    async def number(self) -> None:
        while not self.is_over:
            await log.number_events(self.uow_factory, at_once=self.chance.choice([1, 3, 50]))
            await asyncio.sleep(0)

    async def read(self) -> list[EventView]:
        found: list[EventView] = []
        while True:
            is_last = self.is_over
            async with self.uow_factory.reading(SYSTEM) as uow:
                page = await log.read_events(uow, after=len(found), limit=9)
            expected = range(len(found) + 1, len(found) + 1 + len(page.events))
            assert [event.number for event in page.events] == list(expected)
            found += page.events
            if is_last and page.next_after == page.end:
                return found
            await asyncio.sleep(0.002)


async def test_no_gap_and_no_reordering_while_many_write_number_and_read(uow_factory: UnitOfWorkFactory) -> None:
    """Each reader has every event once, in the order of the numbers, and those of a loan in the order of its
    changes."""
    busy = Busy(uow_factory)
    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(busy.read()) for _ in range(3)]
        numbering = [group.create_task(busy.number()) for _ in range(2)]
        await asyncio.gather(*(busy.write(times=25) for _ in range(12)))
        while await unnumbered(uow_factory):
            await log.number_events(uow_factory)
        busy.is_over = True
        await asyncio.gather(*numbering)
    first, *others = [task.result() for task in reading]
    assert all(other == first for other in others)
    assert len(first) == sum(busy.changes.values()) > 300
    for loan, last in busy.changes.items():
        assert [event.data["place"] for event in first if event.loan_id == loan] == list(range(1, last + 1))


async def unnumbered(uow_factory: UnitOfWorkFactory) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(text("SELECT count(*) FROM events WHERE number IS NULL"))).scalar_one())
