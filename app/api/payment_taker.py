"""Taking a payment at the edge: the request of a client becomes a call of the group commit, its receipt an answer.

All surfaces pay through here. The answer is written within the group's transaction, because it is stored there under
the client's key.
"""

from collections.abc import Callable

from fastapi import Response
from pydantic import BaseModel

from app.api.once import ClientKey, respond_with
from app.domain.people.access import ANONYMOUS
from app.services.payments.calls import PaymentCall, PaymentRequest
from app.services.payments.group_commit import PaymentGroups
from app.services.payments.receipts import Receipt
from app.services.people.tokens import Claims
from app.services.unit_of_work import client_address


class PaymentTaker:
    """Takes the payment of one request."""

    def __init__(self, *, groups: PaymentGroups, claims: Claims | None, client_key: ClientKey, request_id: str) -> None:
        self._groups = groups
        self._claims = claims
        self._request_id = request_id
        self.client_key = client_key

    async def take(self, payment: PaymentRequest, *, present: Callable[[Receipt], BaseModel]) -> Response:
        """Takes it with those that arrived at the same time. Raises what refuses it (`PaymentGroups.take`)."""
        taken = await self._groups.take(
            PaymentCall(
                request=payment,
                actor=ANONYMOUS if self._claims is None else self._claims.actor,
                present=lambda receipt: self.client_key.first_answer(present(receipt)),
                claims=self._claims,
                claim=await self.client_key.claim(),
                request_id=self._request_id,
                client_address=client_address.get(),
            )
        )
        return respond_with(taken.answer, is_replayed=taken.is_stored_answer)
