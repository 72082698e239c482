"""Sealing on the real database: events that appear late, two sealers, and every kind of change to sealed events."""

import asyncio

import pytest

from app.db.repositories.audit import EventFilter
from app.domain.operations.audit import Finding, Head
from app.domain.people.access import Actor, Forbidden, Role
from app.services.operations import audit
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests import databases

KEY = b"S" * 32
SWAP = """
UPDATE audit_events SET id = -id WHERE object_id IN ('c', 'd');
UPDATE audit_events SET id = (SELECT -sum(id) FROM audit_events WHERE id < 0) + id WHERE id < 0
"""
SMUGGLE = """
INSERT INTO audit_events (id, at, actor, action, object_kind, object_id, details)
VALUES (-1, now(), 'x', 'x', 'x', 'x', '{}')
"""
ADMIN = Actor(role=Role.ADMIN, user_account_id=1)


async def record_events(uow: UnitOfWork, *names: str) -> None:
    for name in names:
        await uow.record("noted", object_kind="test", object_id=name, customer_id=9, details={"of": [1, 2.5, "é"]})


async def write(uow_factory: UnitOfWorkFactory, *names: str) -> None:
    async with uow_factory.open(ADMIN) as uow:
        await record_events(uow, *names)


async def found(uow_factory: UnitOfWorkFactory, *, key: bytes = KEY, head: Head | None = None) -> list[Finding]:
    return [finding async for page in audit.verify(uow_factory, key=key, head=head) for finding in page.findings]


async def head_of(uow_factory: UnitOfWorkFactory) -> Head:
    head, _ = await audit.view_end(uow_factory)
    assert head is not None
    return head


async def unsealed(uow_factory: UnitOfWorkFactory) -> int:
    return (await audit.view_end(uow_factory))[1].events


async def fail(uow_factory: UnitOfWorkFactory, *names: str) -> None:
    async with uow_factory.open(ADMIN) as uow:
        await record_events(uow, *names)
        raise ZeroDivisionError


async def do_as_owner(owner_dsn: str, *statements: str) -> None:
    async with databases.connection(owner_dsn) as database:
        for statement in statements:
            await database.execute(statement)


async def test_events_are_sealed_once(uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "EVENTS_OF_A_SEAL", 3)
    assert await audit.seal_events(uow_factory, key=KEY) == 0
    assert await found(uow_factory) == []
    await write(uow_factory, *"abcdefg")
    assert await audit.seal_events(uow_factory, key=KEY) == 7
    assert await audit.seal_events(uow_factory, key=KEY) == 0
    assert ((await head_of(uow_factory)).number, await unsealed(uow_factory)) == (3, 0)
    await write(uow_factory, "h")
    assert await audit.seal_events(uow_factory, key=KEY) == 1
    pages = [page async for page in audit.verify(uow_factory, key=KEY)]
    assert [(page.seals, page.events, list(page.findings)) for page in pages] == [(4, 8, []), (4, 8, [])]
    assert {finding.problem for finding in await found(uow_factory, key=b"?" * 32)} == {
        "the seal was changed, or made under another key"
    }


async def test_an_event_that_appears_late_is_sealed_without_a_finding(
    uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with uow_factory.open(ADMIN) as late:
        await record_events(late, "low number, late commit")
        await write(uow_factory, "high number, early commit")
        monkeypatch.setattr(audit, "WRITER_TIMEOUT", audit.WRITER_TIMEOUT / 30)
        assert await audit.seal_events(uow_factory, key=KEY) == 0
        assert await unsealed(uow_factory) == 1  # The early event; the late one is not visible yet.
        monkeypatch.undo()
        # Another sealer starts while the writer is still writing, and waits for it.
        sealing = asyncio.create_task(audit.seal_events(uow_factory, key=KEY))
        await asyncio.sleep(0.1)
        assert not sealing.done()
    assert await sealing == 2
    assert await found(uow_factory) == []
    assert await unsealed(uow_factory) == 0


async def test_a_rolled_back_transaction_leaves_a_gap_and_no_finding(uow_factory: UnitOfWorkFactory) -> None:
    await write(uow_factory, "a")
    with pytest.raises(ZeroDivisionError):
        await fail(uow_factory, "never")
    await write(uow_factory, "b")
    assert await audit.seal_events(uow_factory, key=KEY) == 2
    assert await found(uow_factory) == []


async def test_sealers_at_once_do_not_fork_the_chain(
    uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "EVENTS_OF_A_SEAL", 1)
    await write(uow_factory, *"abcdefghijkl")
    sealed = await asyncio.gather(*(audit.seal_events(uow_factory, key=KEY) for _ in range(4)))
    await audit.seal_events(uow_factory, key=KEY)
    assert sum(sealed) <= 12
    assert (await head_of(uow_factory)).number == 12
    assert await found(uow_factory) == []


@pytest.mark.parametrize(
    "change, problem",
    [
        ("UPDATE audit_events SET object_id = 'C' WHERE object_id = 'c'", "an event is not as it was sealed"),
        (
            "UPDATE audit_events SET details = jsonb_set(details, '{of,1}', '2.50') WHERE object_id = 'c'",
            "an event is not as it was sealed",
        ),
        (
            "UPDATE audit_events SET at = at + interval '1 microsecond' WHERE object_id = 'c'",
            "an event is not as it was sealed",
        ),
        ("DELETE FROM audit_events WHERE object_id = 'c'", "1 events were found, but 2 were sealed"),
        (SMUGGLE, "3 events were found, but 2 were sealed"),
        (SWAP, "an event is not as it was sealed"),
        ("UPDATE audit_seals SET events = 3 WHERE number = 2", "the seal was changed, or made under another key"),
        ("DELETE FROM audit_seals WHERE number = 2", "the seal before it is missing"),
    ],
    ids=["byte", "digit", "microsecond", "removed", "inserted", "reordered", "seal", "seal removed"],
)
async def test_every_change_of_what_is_sealed_is_found(
    uow_factory: UnitOfWorkFactory, owner_dsn: str, monkeypatch: pytest.MonkeyPatch, change: str, problem: str
) -> None:
    monkeypatch.setattr(audit, "EVENTS_OF_A_SEAL", 2)
    await write(uow_factory, *"abcdef")
    assert await audit.seal_events(uow_factory, key=KEY) == 6
    await do_as_owner(owner_dsn, change)
    assert problem in {finding.problem for finding in await found(uow_factory)}


async def test_a_stored_head_finds_a_removed_end(
    uow_factory: UnitOfWorkFactory, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "EVENTS_OF_A_SEAL", 2)
    await write(uow_factory, *"abcd")
    await audit.seal_events(uow_factory, key=KEY)
    kept = await head_of(uow_factory)
    await do_as_owner(
        owner_dsn, "DELETE FROM audit_seals WHERE number = 2", "DELETE FROM audit_events WHERE object_id IN ('c', 'd')"
    )
    assert await found(uow_factory) == []
    assert [finding.problem for finding in await found(uow_factory, head=kept)] == [
        "the chain ends at seal 1, before the head that was kept"
    ]


async def test_a_record_stands_and_falls_with_its_deed(uow_factory: UnitOfWorkFactory) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail(uow_factory, "a")
    assert await unsealed(uow_factory) == 0


async def test_a_page_of_a_search_passes_over_some_events_and_says_where_to_go_on(
    uow_factory: UnitOfWorkFactory,
) -> None:
    await write(uow_factory, *"abcdefg")

    async def pages(wanted: EventFilter, *, limit: int) -> list[list[str]]:
        found: list[list[str]] = []
        before: int | None = 2**62
        while before is not None:
            async with uow_factory.open(ADMIN) as uow:
                page = await audit.list_events(uow, wanted, before=before, limit=limit, most=3)
            found.append([event.object_id for event in page.events])
            before = page.next_before
        return found

    async with uow_factory.open(ADMIN) as uow:
        (event,) = (await audit.list_events(uow, EventFilter(object_id="c"), before=2**62, limit=1)).events
    assert await pages(EventFilter(object_kind=event.object_kind), limit=5) == [list("gfe"), list("dcb"), ["a"]]
    assert await pages(EventFilter(action=event.action), limit=2) == [
        list("gf"), list("ed"), list("cb"), ["a"],
    ]  # fmt: skip
    assert await pages(EventFilter(actor="nobody"), limit=5) == [[], [], []]
    # These have an index: they pass over nothing.
    assert await pages(EventFilter(object_id="c"), limit=5) == [["c"]]
    assert await pages(EventFilter(), limit=5) == [list("gfedc"), list("ba")]


async def test_only_admins_read_the_trail(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(Actor(role=Role.OFFICER, user_account_id=2)) as uow:
        with pytest.raises(Forbidden):
            await audit.find_head(uow)
        with pytest.raises(Forbidden):
            await audit.list_events(uow, EventFilter(), before=2**62, limit=1)
