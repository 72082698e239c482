"""The seal on the audit trail: what was sealed, and each way of changing it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.operations.audit import (
    ChainWalk,
    Event,
    EventDigest,
    Head,
    NotAHead,
    Seal,
    head_of,
    make_seal,
    parse_head,
)
from app.observability import scrub_text

KEY = b"K" * 32
NOON = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
# Numbers 3 and 7 were given to transactions that came to nothing.
EVENTS = [
    Event(
        id=number,
        at=NOON + timedelta(seconds=number),
        actor="admin:1",
        action="card_blocked",
        object_kind="card",
        object_id=f"LN-2026-000{number}",
        customer_id=9,
        request_id=None,
        client_address="203.0.113.7",
        details='{"reason": "lost"}',
    )
    for number in (1, 2, 4, 5, 6, 8)
]


def chain(events: list[Event], *, size: int = 2, key: bytes = KEY) -> list[Seal]:
    seals: list[Seal] = []
    for begin in range(0, len(events), size):
        previous = seals[-1] if seals else None
        seals.append(make_seal(events[begin : begin + size], previous=previous, sealed_at=NOON, key=key))
    return seals


def problems(seals: list[Seal], events: list[Event], *, key: bytes = KEY, head: Head | None = None) -> dict[Any, str]:
    """What a walk finds, by seal."""
    walk, left, found = ChainWalk(key=key, head=head), list(events), []
    for seal in seals:
        digest = EventDigest()
        while left and left[0].id <= seal.last_id:
            digest.add(left.pop(0))
        found += walk.check(seal, digest)
    return {finding.seal: finding.problem for finding in [*found, *walk.end()]}


def test_what_was_not_touched_is_as_it_was_sealed() -> None:
    seals = chain(EVENTS)
    assert [(seal.number, seal.first_id, seal.last_id, seal.events) for seal in seals] == [
        (1, 1, 2, 2),
        (2, 3, 5, 2),
        (3, 6, 8, 2),
    ]
    assert problems(seals, EVENTS, head=head_of(seals[1])) == {}


@pytest.mark.parametrize(
    "field, value",
    [
        ("at", NOON + timedelta(seconds=4, microseconds=1)),
        ("actor", "admin:2"),
        ("action", "card_blockee"),
        ("object_kind", "cart"),
        ("object_id", "LN-2026-0005"),
        ("customer_id", None),
        ("request_id", ""),
        ("client_address", "203.0.113.8"),
        ("details", '{"reason":"lost"}'),
    ],
)
def test_a_change_of_one_byte_is_found_under_its_seal(field: str, value: Any) -> None:
    changed = [replace(event, **{field: value}) if event.id == 4 else event for event in EVENTS]
    assert problems(chain(EVENTS), changed) == {2: "an event is not as it was sealed"}


@pytest.mark.parametrize(
    "change, found",
    [
        (lambda events: events[:2] + events[3:], {2: "1 events stand where 2 were sealed"}),
        (
            lambda events: [*events[:2], replace(events[0], id=3), *events[2:]],
            {2: "3 events stand where 2 were sealed"},
        ),
        (lambda events: [replace(events[0], id=0), *events], {1: "3 events stand where 2 were sealed"}),
        (
            lambda events: [*events[:2], replace(events[3], id=4), replace(events[2], id=5), *events[4:]],
            {2: "an event is not as it was sealed"},
        ),
    ],
    ids=["removed", "inserted", "inserted before the first", "reordered"],
)
def test_an_event_removed_inserted_or_reordered(
    change: Callable[[list[Event]], list[Event]], found: dict[int, str]
) -> None:
    assert problems(chain(EVENTS), change(EVENTS)) == found


def test_who_rewrites_the_chain_without_the_key_is_found_out() -> None:
    forged = [replace(event, actor="admin:2") if event.id == 4 else event for event in EVENTS]
    assert problems(chain(forged, key=b"?" * 32), forged) == dict.fromkeys(
        (1, 2, 3), "the seal was changed, or made under another key"
    )


@pytest.mark.parametrize("field", ["number", "first_id", "last_id", "events", "sealed_at", "digest", "previous_hash"])
def test_every_figure_of_a_seal_is_under_its_hash(field: str) -> None:
    seals = chain(EVENTS)
    value = getattr(seals[2], field)
    other: Any = bytes(32) if isinstance(value, bytes) else value + (timedelta(1) if field == "sealed_at" else 1)
    walk = ChainWalk(key=KEY)
    walk.last = seals[1]
    found = walk.check(replace(seals[2], **{field: other}), EventDigest())
    assert "the seal was changed, or made under another key" in {finding.problem for finding in found}


def test_a_missing_seal_is_found() -> None:
    seals = chain(EVENTS)
    assert 3 in problems([seals[0], seals[2]], EVENTS)
    assert problems(seals[1:], EVENTS).keys() >= {2}


def test_an_end_that_was_cut_off_is_found_by_a_head_that_was_kept() -> None:
    seals = chain(EVENTS)
    assert problems(seals[:2], EVENTS[:4]) == {}
    kept = head_of(seals[2])
    assert problems(seals[:2], EVENTS[:4], head=kept) == {3: "the chain ends at seal 2, before the head that was kept"}
    again = chain([*EVENTS[:4], replace(EVENTS[4], actor="admin:2"), EVENTS[5]])
    assert problems(again, [*EVENTS[:4], replace(EVENTS[4], actor="admin:2"), EVENTS[5]], head=kept) == {
        3: "it is not the seal of the head that was kept"
    }


@given(st.integers(min_value=1, max_value=10**9), st.binary(min_size=32, max_size=32))
def test_a_head_is_read_as_it_is_written(number: int, hashed: bytes) -> None:
    head = Head(number=number, hash=hashed)
    assert parse_head(str(head)) == head
    assert scrub_text(str(head)) == str(head), "the log is a second place to keep heads in"


@pytest.mark.parametrize("text", ["", "1", "x:00", "1:00", "1:zz", ":" + "00" * 32])
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(NotAHead):
        parse_head(text)
