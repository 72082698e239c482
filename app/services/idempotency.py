"""A repeated request changes nothing: it gets the answer of the first one.

A client that lost an answer cannot know whether its payment was made. So it sends a key of its own with the request
(`Idempotency-Key`), and the same key when it repeats the request. The key is claimed in the transaction that moves the
money, so that both are stored or neither is. A key belongs to one caller, one route and one body: with another body it
is refused, because then the client uses one key for two requests. If a request fails, its key is rolled back too, and
the client may repeat it.
"""

from dataclasses import dataclass
from datetime import datetime

from app.db.repositories import idempotency as repository
from app.db.repositories.idempotency import KeyOfCaller
from app.domain.errors import Invalid, Rejected
from app.domain.people.access import Actor
from app.services.unit_of_work import UnitOfWork

#: The stored answer keeps the text of the body: a JSONB document would come back in another order.
TEXT = "text"


class IdempotencyKeyReused(Rejected):
    """The key was used for another request. Send a new key."""

    code = "idempotency_key_reused"


class IdempotencyKeyInvalid(Invalid):
    """The key is not 1 to 255 printable ASCII characters. Send another key."""

    code = "idempotency_key_invalid"


class IdempotencyKeyRequired(Invalid):
    """The request needs an Idempotency-Key, because a repeat could not be told from a new request. Send one (for a
    payment, a reference will do)."""

    code = "idempotency_key_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """What the first request was answered."""

    status_code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A caller's key for one address and one body."""

    route: str
    key: str
    body_hash: bytes

    def key_of(self, actor: Actor) -> KeyOfCaller:
        """The key as it is stored: the caller's own."""
        return KeyOfCaller(actor.label, self.route, self.key)


async def claim(uow: UnitOfWork, claim: Claim) -> FirstAnswer | None:
    """Claims a key for this transaction, or finds the answer that the first request with it got.

    While the first is still running this waits, at most for the server's lock timeout. Raises IdempotencyKeyReused.
    """
    key, stored = claim.key_of(uow.actor), None
    while stored is None:
        if await repository.add_key(uow.session, key, body_hash=claim.body_hash, now=uow.now):
            return None
        # None where the key in the way was so old that it was removed just now: then this is the first request again.
        stored = await repository.find_key(uow.session, key)
    return first_answer(claim, stored)


async def find_answer(uow: UnitOfWork, *, route: str, key: str) -> FirstAnswer | None:
    """What the actor was answered to a request with this key; None if there is no such key, or no more."""
    stored = await repository.find_key(uow.session, KeyOfCaller(uow.actor.label, route, key))
    if stored is None or stored.status_code is None or stored.answer is None:
        return None
    return FirstAnswer(status_code=stored.status_code, text=str(stored.answer[TEXT]))


async def find_first_answer(uow: UnitOfWork, claim: Claim, *, actor: Actor) -> FirstAnswer | None:
    """What an actor's first request with a key was answered; None if this is the first. Raises IdempotencyKeyReused."""
    stored = await repository.find_key(uow.session, claim.key_of(actor))
    return None if stored is None else first_answer(claim, stored)


def first_answer(claim: Claim, stored: repository.StoredAnswer) -> FirstAnswer:
    """What is stored under a key, for another request with it. Raises IdempotencyKeyReused."""
    if stored.body_hash != claim.body_hash:
        raise IdempotencyKeyReused("this Idempotency-Key was used for another request", field="Idempotency-Key")
    # The key and the answer are written in one transaction: whoever sees the one sees the other.
    assert stored.status_code is not None, "a committed key has its answer"
    assert stored.answer is not None, "a committed key has its answer"
    return FirstAnswer(status_code=stored.status_code, text=str(stored.answer[TEXT]))


def given_answer(claim: Claim, answer: FirstAnswer, *, actor: Actor, now: datetime) -> repository.GivenAnswer:
    """A first answer with its key, to be written together with what was done."""
    return repository.GivenAnswer(
        key=claim.key_of(actor),
        body_hash=claim.body_hash,
        at=now,
        status_code=answer.status_code,
        answer={TEXT: answer.text},
    )


async def keep_answer(uow: UnitOfWork, claim: Claim, *, answer: FirstAnswer) -> None:
    """Stores the answer with the key, in the transaction that did what was asked."""
    await repository.set_answer(
        uow.session, claim.key_of(uow.actor), status_code=answer.status_code, answer={TEXT: answer.text}
    )
