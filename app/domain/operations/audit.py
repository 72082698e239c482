"""The seal on the audit trail: a chain in which no link can be exchanged.

Every event is written down in canonical bytes. A seal covers the events of a stretch of numbers, leaves none out, and
holds their digest and the hash of the seal before; its own hash is keyed (HMAC-SHA-256). So whoever may write the table
but does not hold the key can change, remove, insert or reorder nothing that is sealed without being found out. What no
chain can tell by itself is that its end is missing: therefore a head (number and hash) is kept somewhere else, and the
chain is asked whether it still contains it.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.errors import Invalid

GENESIS = bytes(32)
# A JSON list of numbers, texts and nulls is written in one way only, and no two lists are written alike.
ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


class NotAHead(Invalid):
    """The text is not the head of an audit trail. Write the number of a seal, a colon, and its 64 hexadecimal
    digits."""

    code = "not_an_audit_head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it is sealed. `details` is the text of the JSON document, exactly as the database writes it."""

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    customer_id: int | None
    request_id: str | None
    client_address: str | None
    details: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The seal on the events `first_id` to `last_id`; `events` says how many of these numbers are in use."""

    number: int
    first_id: int
    last_id: int
    events: int
    sealed_at: datetime
    digest: bytes
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A seal by its number and hash: enough to prove later that nothing up to it was exchanged."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        # In groups of eight, none of which a log's scrubber takes for an identity number.
        return f"{self.number}:{self.hash.hex('-', 4)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was sealed; `seal` is None where it belongs to none."""

    seal: int | None
    events: str
    problem: str


def parse_head(text: str) -> Head:
    """The inverse of `str(head)`. Raises NotAHead."""
    number, _, hexadecimal = text.strip().partition(":")
    try:
        found = Head(number=int(number), hash=bytes.fromhex(hexadecimal.replace("-", "")))
    except ValueError:
        raise NotAHead("a head is written as 12:01234567-89abcdef-..., the number of a seal and its hash") from None
    if len(found.hash) != len(GENESIS):
        raise NotAHead("the hash of a head has 64 hexadecimal digits")
    return found


def head_of(seal: Seal) -> Head:
    return Head(number=seal.number, hash=seal.hash)


def make_seal(events: Sequence[Event], *, previous: Seal | None, sealed_at: datetime, key: bytes) -> Seal:
    """The next seal, on events in the order of their numbers, all that there are after the seal before."""
    assert events, "a seal is on something"
    digest = EventDigest()
    for event in events:
        digest.add(event)
    unkeyed = Seal(
        number=1 if previous is None else previous.number + 1,
        first_id=1 if previous is None else previous.last_id + 1,
        last_id=events[-1].id,
        events=len(events),
        sealed_at=sealed_at,
        digest=digest.value(),
        previous_hash=GENESIS if previous is None else previous.hash,
        hash=b"",
    )
    return _with_hash(unkeyed, key=key)


class EventDigest:
    """The digest of events, one after the other, of however many."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.events = 0

    def add(self, event: Event) -> None:
        written = _canonical(event)
        # With its length before it, no event can be cut in two or run into the next.
        self._hash.update(len(written).to_bytes(8, "big") + written)
        self.events += 1

    def value(self) -> bytes:
        return self._hash.digest()


class ChainWalk:
    """Walks along the chain, seal by seal, with the events under each; nothing but the last seal is kept."""

    def __init__(self, *, key: bytes, head: Head | None = None) -> None:
        self._key = key
        self._wanted = head
        self.last: Seal | None = None
        self.seals = 0
        self.events = 0

    def check(self, seal: Seal, digest: EventDigest) -> list[Finding]:
        """What is wrong with the next seal, and with the events that lie between it and the seal before."""
        previous, self.last = self.last, seal
        self.seals += 1
        self.events += digest.events
        problems = []
        if seal.number != (previous.number if previous else 0) + 1:
            problems.append("the seal before it is missing")
        elif seal.previous_hash != (previous.hash if previous else GENESIS):
            problems.append("it does not continue the seal before it")
        if seal.first_id != (previous.last_id if previous else 0) + 1:
            problems.append("it does not begin where the seal before it ends")
        if not is_sealed_under(seal, key=self._key):
            problems.append("the seal was changed, or made under another key")
        if digest.events != seal.events:
            problems.append(f"{digest.events:,} events stand where {seal.events:,} were sealed")
        elif digest.value() != seal.digest:
            problems.append("an event is not as it was sealed")
        if self._wanted is not None and seal.number == self._wanted.number and seal.hash != self._wanted.hash:
            problems.append("it is not the seal of the head that was kept")
        segment = f"{seal.first_id} to {seal.last_id}"
        return [Finding(seal=seal.number, events=segment, problem=problem) for problem in problems]

    def end(self) -> list[Finding]:
        """What is missing at the end: the head that was kept elsewhere is not reached."""
        reached = 0 if self.last is None else self.last.number
        if self._wanted is None or self._wanted.number <= reached:
            return []
        problem = f"the chain ends at seal {reached}, before the head that was kept"
        return [Finding(seal=self._wanted.number, events="", problem=problem)]


def is_sealed_under(seal: Seal, *, key: bytes) -> bool:
    """Whether a seal was made under a key, and not changed since."""
    return hmac.compare_digest(_with_hash(seal, key=key).hash, seal.hash)


def _with_hash(seal: Seal, *, key: bytes) -> Seal:
    parts: list[int | str | None] = [
        seal.number, seal.first_id, seal.last_id, seal.events, _instant(seal.sealed_at), seal.digest.hex(),
        seal.previous_hash.hex(),
    ]  # fmt: skip
    return replace(seal, hash=hmac.digest(key, _written(parts), "sha256"))


def _canonical(event: Event) -> bytes:
    return _written(
        [
            event.id, _instant(event.at), event.actor, event.action, event.object_kind, event.object_id,
            event.customer_id, event.request_id, event.client_address, event.details,
        ]
    )  # fmt: skip


def _written(parts: list[int | str | None]) -> bytes:
    return ENCODER.encode(parts).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
