"""A request as a group commit takes it, and what becomes of it (`call_groups`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from app.db.repositories.audit import Trace
from app.db.repositories.idempotency import GivenAnswer, KeyOfCaller
from app.domain.people.access import Actor
from app.services.idempotency import Claim, FirstAnswer, given_answer
from app.services.people.tokens import Claims

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[RequestT, ResultT]):
    """A request with its sender. `claims` is the token that was shown, to be held against the present credentials; None
    for callers within this program. `claim` is the idempotency key, and `present` writes the answer that is stored
    under it."""

    request: RequestT
    actor: Actor
    present: Callable[[ResultT], FirstAnswer]
    claims: Claims | None = None
    claim: Claim | None = None
    request_id: str | None = None
    client_address: str | None = None

    @property
    def key(self) -> KeyOfCaller | None:
        """The idempotency key with its owner."""
        return None if self.claim is None else self.claim.key_of(self.actor)

    @property
    def user_account_id(self) -> int | None:
        """Whose token was shown."""
        return None if self.claims is None else self.claims.actor.user_account_id

    def trace(self, at: datetime) -> Trace:
        """What the audit trail says of it."""
        return {
            "at": at, "actor": self.actor.label, "request_id": self.request_id, "client_address": self.client_address,
        }  # fmt: skip

    def given(self, answer: FirstAnswer, *, now: datetime) -> GivenAnswer | None:
        """Its answer with its key, to be written together with what was done. None if no key was sent."""
        return None if self.claim is None else given_answer(self.claim, answer, actor=self.actor, now=now)


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that was taken: its answer, and whether that is the stored answer of an earlier request."""

    answer: FirstAnswer
    is_stored_answer: bool = False


class PutOff:
    """A call that could not be taken in its group; nothing of it was done."""


PUT_OFF = PutOff()
