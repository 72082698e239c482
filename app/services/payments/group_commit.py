"""Group commit of payments: those that arrive during a transaction are taken together in the next one."""

from collections.abc import Sequence
from typing import ClassVar

from app import measures
from app.db.repositories.public_ids import NumberedKind
from app.services.call_groups import CallGroups
from app.services.calls import PutOff, Taken
from app.services.payments.calls import Outcome, PaymentCall
from app.services.payments.payments import take_together
from app.services.unit_of_work import UnitOfWork


class PaymentGroups(CallGroups[PaymentCall, Taken]):
    """The payments of one process.

    `take` raises what refuses a payment: TokenExpired, TokenRevoked, IdempotencyKeyReused, LoanNotFound,
    ReferenceReused, PaymentRepeated, ValueDateForStaff, and what `decide_payment` raises.
    """

    number_kind: ClassVar[NumberedKind] = "loan"
    span = "payments"

    def number_of(self, call: PaymentCall) -> int:
        return call.request.loan.number

    async def take_together(self, uow: UnitOfWork, calls: Sequence[PaymentCall], *, waits: bool) -> Sequence[Outcome]:
        return await take_together(uow, calls, waits=waits)

    def measure(self, outcomes: Sequence[Outcome]) -> None:
        if not measures.is_measuring():
            return
        measures.observe(measures.GROUP_SIZE, len(outcomes))
        for outcome in outcomes:
            if isinstance(outcome, Taken):
                measures.count(measures.PAYMENTS, outcome="repeated" if outcome.is_stored_answer else "taken")
            else:
                measures.count(measures.PAYMENTS, outcome="put_off" if isinstance(outcome, PutOff) else "refused")
