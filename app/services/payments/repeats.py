"""A repeat whose first answer a group could not see yet.

A group reads the answers under its keys by the statement that tries for the keys. Another transaction may end between
these two: then the key is free, and its answer is not in what was read. If the payment is taken again, its answer is
written a second time, which the database refuses. If it is refused, for the loan has ended by the first one, nothing
would be written, and the client would be told that a payment was refused which was taken.
"""

from app.domain.errors import DomainError
from app.services import idempotency
from app.services.idempotency import IdempotencyKeyReused
from app.services.payments.calls import Outcome, PaymentCall, Taken
from app.services.unit_of_work import UnitOfWork


async def outcome_of(uow: UnitOfWork, call: PaymentCall, outcome: Outcome | None) -> Outcome | None:
    """What became of a call whose key this transaction holds: of one that is refused, the first answer, if there is
    one."""
    if call.claim is None or not isinstance(outcome, DomainError):
        return outcome
    try:
        first = await idempotency.find_first_answer(uow, call.claim, actor=call.actor)
    except IdempotencyKeyReused as reused:
        return reused
    return outcome if first is None else Taken(first, is_stored_answer=True)
