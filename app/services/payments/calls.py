"""A request as a group commit takes it, a payment as it is asked for, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from app.db.repositories.audit import Trace
from app.db.repositories.idempotency import GivenAnswer, KeyOfCaller
from app.domain.errors import Conflict, DomainError, Rejected
from app.domain.payments.payments import PaymentOrder, TreatAs, is_cash
from app.domain.people.access import Actor
from app.domain.public_ids import LoanReference
from app.services.idempotency import Claim, FirstAnswer, given_answer
from app.services.payments.receipts import Receipt
from app.services.people.tokens import Claims

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")


# Without slots: an alias such as `PaymentCall` cannot be called on a frozen class that has them.
@dataclass(frozen=True, kw_only=True)
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


class PaymentRepeated(Conflict):
    """The same amount was paid on this loan for the same day, and nothing says that this is another payment. Send an
    Idempotency-Key if it is one."""

    code = "payment_repeated"


class ValueDateForStaff(Rejected):
    """A customer named a value date other than the business date, which only staff may do. Leave `value_date` out."""

    code = "value_date_for_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A payment as the caller asks for it. With `refuse_same_day_repeat` a payment of the same amount with the same
    value date as one that stands is taken for the same payment: for callers who send neither key nor reference."""

    loan: LoanReference
    amount_paise: int
    method: str | None = None
    reference: str | None = None
    value_date: date | None = None
    instalment: int | None = None
    treat_as: TreatAs = TreatAs.INSTALMENT
    refuse_same_day_repeat: bool = False

    def order(self, *, payment_id: int, value_date: date, today: date) -> PaymentOrder:
        """The payment with its number and its days, to be decided."""
        return PaymentOrder(
            payment_id=payment_id,
            amount_paise=self.amount_paise,
            value_date=value_date,
            booked_on=today,
            treat_as=self.treat_as,
            instalment=self.instalment,
            reference=self.reference,
            is_cash=is_cash(self.method),
        )


#: A payment request with its sender.
PaymentCall = Call[PaymentRequest, Receipt]
Outcome = Taken | DomainError | PutOff
