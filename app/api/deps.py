"""What a route asks for: its transaction, who is calling, who may call, and the first answer to a repeated request.

    router = KistRouter(tags=["Payments"])

    @router.post("/loans/payments", status_code=201, response_model=PaymentAnswer, dependencies=[CUSTOMERS])
    async def pay(body: PaymentBody, work: WorkDep, once: OnceDep) -> Response:
        if first := await once.first_answer():
            return first
        payment = await payments.pay(work, loan=body.loan_id, amount_paise=body.amount)
        return await once.keep(present(payment))

The transaction is a dependency of scope "function": it is committed after the route returned and before anything is
sent. With FastAPI's default the answer would leave first, and a failed commit would have answered 201.

A route asks for a `WorkDep` or for a `DeskDep`, never for both: a request that holds one connection while it waits for
another can stop the whole process. A use case that opens its own work is handed the desk and the claims.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Request

from app.api.limits import address_of
from app.api.once import Once
from app.api.permissions import (
    ADMINS,
    APPLICANTS,
    BILLERS,
    CUSTOMERS,
    IMPORTERS,
    OFFICERS,
    OPEN,
    PAYERS,
    READERS,
    SIGNED_IN,
    ClaimsDep,
    CurrentActor,
    DeskDep,
    KeyringDep,
    require,
    with_scope,
)
from app.api.routing import KistRouter
from app.domain.access import ANONYMOUS
from app.services import access
from app.services.work import Work

__all__ = [
    "ADMINS", "APPLICANTS", "BILLERS", "CUSTOMERS", "IMPORTERS", "OFFICERS", "OPEN", "PAYERS", "READERS", "SIGNED_IN",
    "ClientAddress", "CurrentActor", "DeskDep", "KeyringDep", "KistRouter", "OnceDep", "RequestId", "WorkDep",
    "require", "with_scope",
]  # fmt: skip


def get_request_id(request: Request) -> str:
    """The id under which this request is logged, audited and, where it failed, asked about."""
    return str(request.state.request_id)


RequestId = Annotated[str, Depends(get_request_id)]


def get_client_address(request: Request) -> str:
    """Where the request comes from, as attempts to sign in are counted."""
    return address_of(request.scope)


ClientAddress = Annotated[str, Depends(get_client_address)]


async def get_work(desk: DeskDep, claims: ClaimsDep, request_id: RequestId) -> AsyncIterator[Work]:
    """The request's transaction, on behalf of its caller, whose token is held against their present credentials.

    Raises TokenRevoked.
    """
    actor = ANONYMOUS if claims is None else claims.actor
    async with desk.open(actor, request_id=request_id) as work:
        if claims is not None:
            await access.confirm(work, claims)
        yield work


WorkDep = Annotated[Work, Depends(get_work, scope="function")]


def get_once(
    request: Request,
    work: WorkDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A key of the client's making. The same key with the same body is answered with the first "
            "answer; with another body it is refused."
        ),
    ] = None,
) -> Once:
    return Once(request=request, work=work, key=idempotency_key)


OnceDep = Annotated[Once, Depends(get_once)]
