"""Requests that are taken in groups, at the edge: the request of a client becomes a call, what was done an answer.

All surfaces pay through here, and `POST /loans/apply` applies. The answer is written within the group's transaction,
because it is stored there under the client's key.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from fastapi import Response
from pydantic import BaseModel

from app.api.once import ClientKey, respond_with
from app.domain.people.access import ANONYMOUS
from app.services.credit.applications import ApplicationView
from app.services.credit.eligibility import ApplicationRequest
from app.services.payments.calls import Call, PaymentRequest, Taken
from app.services.payments.receipts import Receipt
from app.services.people.tokens import Claims
from app.services.unit_of_work import client_address

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")


class CallTaker(Generic[RequestT, ResultT]):
    """Takes the call of one request: by `take`, with those that arrived at the same time."""

    def __init__(
        self,
        take: Callable[[Call[RequestT, ResultT]], Awaitable[Taken]],
        *,
        claims: Claims | None,
        client_key: ClientKey,
        request_id: str,
    ) -> None:
        self._take = take
        self._claims = claims
        self.request_id = request_id
        self.client_key = client_key

    async def take(
        self,
        request: RequestT,
        *,
        present: Callable[[ResultT], BaseModel],
        status_of: Callable[[ResultT], int | None] = lambda _result: None,
    ) -> Response:
        """The answer to a request, with the route's own status unless another is given. Raises what refuses it."""
        taken = await self._take(
            Call(
                request=request,
                actor=ANONYMOUS if self._claims is None else self._claims.actor,
                present=lambda result: self.client_key.first_answer(present(result), status_code=status_of(result)),
                claims=self._claims,
                claim=await self.client_key.claim(),
                request_id=self.request_id,
                client_address=client_address.get(),
            )
        )
        return respond_with(taken.answer, is_replayed=taken.is_stored_answer)


PaymentTaker = CallTaker[PaymentRequest, Receipt]
ApplicationTaker = CallTaker[ApplicationRequest, ApplicationView]
