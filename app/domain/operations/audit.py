"""The seals of the audit trail: a hash chain that shows whether sealed events were changed.

Every event has one canonical spelling in bytes. A seal covers all events of a range of numbers. It holds their digest
and the hash of the previous seal, and its own hash is keyed (HMAC-SHA-256). So a person who can write the table but
does not have the key cannot change, remove, insert or reorder sealed events without being detected. A chain cannot show
that its end was cut off. Therefore a head (number and hash of a seal) is kept elsewhere, and the check reports when the
chain does not reach it.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.errors import Invalid

GENESIS = bytes(32)
# This encoder writes each JSON list of numbers, texts and nulls in exactly one way.
ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


class NotAHead(Invalid):
    """The text is not the head of an audit trail. Write the number of a seal, a colon, and its 64 hexadecimal
    digits."""

    code = "not_an_audit_head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One audit event as it is sealed. `details` is the JSON text exactly as the database writes it."""

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
    """The seal of the events `first_id` to `last_id`. `events` is the number of events: some numbers may be unused."""

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
    """The number and hash of a seal. With it, a later check proves that nothing up to that seal was changed."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        # Groups of eight digits: the log filter does not take them for an Aadhaar number.
        return f"{self.number}:{self.hash.hex('-', 4)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference from what was sealed. `seal` is None when it belongs to no seal."""

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
    """The next seal. `events` are all events after the previous seal, in order of number, at least one."""
    assert events, "a seal covers at least one event"
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
    """The digest of any number of events, which are added one by one."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.events = 0

    def add(self, event: Event) -> None:
        encoded = _canonical(event)
        # The length comes first, so that two events never have the same bytes as one longer event.
        self._hash.update(len(encoded).to_bytes(8, "big") + encoded)
        self.events += 1

    def value(self) -> bytes:
        return self._hash.digest()


class ChainWalk:
    """Checks the chain, seal by seal, with the events of each. Only the last seal is kept in memory."""

    def __init__(self, *, key: bytes, head: Head | None = None) -> None:
        self._key = key
        self._expected = head
        self.last: Seal | None = None
        self.seals = 0
        self.events = 0

    def check(self, seal: Seal, digest: EventDigest) -> list[Finding]:
        """The findings about the next seal and its events."""
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
            problems.append(f"{digest.events:,} events were found, but {seal.events:,} were sealed")
        elif digest.value() != seal.digest:
            problems.append("an event is not as it was sealed")
        if self._expected is not None and seal.number == self._expected.number and seal.hash != self._expected.hash:
            problems.append("it is not the seal of the head that was kept")
        segment = f"{seal.first_id} to {seal.last_id}"
        return [Finding(seal=seal.number, events=segment, problem=problem) for problem in problems]

    def end(self) -> list[Finding]:
        """The finding at the end of the chain: it does not reach the head that was kept elsewhere."""
        reached = 0 if self.last is None else self.last.number
        if self._expected is None or self._expected.number <= reached:
            return []
        problem = f"the chain ends at seal {reached}, before the head that was kept"
        return [Finding(seal=self._expected.number, events="", problem=problem)]


def is_sealed_under(seal: Seal, *, key: bytes) -> bool:
    """Whether a seal was made with this key and not changed since."""
    return hmac.compare_digest(_with_hash(seal, key=key).hash, seal.hash)


def _with_hash(seal: Seal, *, key: bytes) -> Seal:
    parts: list[int | str | None] = [
        seal.number, seal.first_id, seal.last_id, seal.events, _instant(seal.sealed_at), seal.digest.hex(),
        seal.previous_hash.hex(),
    ]  # fmt: skip
    return replace(seal, hash=hmac.digest(key, _encoded(parts), "sha256"))


def _canonical(event: Event) -> bytes:
    return _encoded(
        [
            event.id, _instant(event.at), event.actor, event.action, event.object_kind, event.object_id,
            event.customer_id, event.request_id, event.client_address, event.details,
        ]
    )  # fmt: skip


def _encoded(parts: list[int | str | None]) -> bytes:
    return ENCODER.encode(parts).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
