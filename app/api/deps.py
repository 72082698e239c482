"""What a route asks for: its transaction, who is calling, who may call, and the first answer to a repeated request.

    router = KistRouter(tags=["Payments"])

    @router.post("/loans/payments", status_code=201, response_model=PaymentAnswer, dependencies=[CUSTOMERS])
    async def pay(body: PaymentBody, work: WorkDep, once: OnceDep) -> Response:
        if first := await once.first_answer():
            return first
        payment = await payments.pay(work, loan=body.loan_id, amount_paise=body.amount)
        return await once.keep(present(payment))

A route that only reads asks for a `LookDep`, and has no transaction at all.

The transaction is a dependency of scope "function": it is committed after the route returned and before anything is
sent. With FastAPI's default the answer would leave first, and a failed commit would have answered 201.

A route asks for a `WorkDep`, a `LookDep` or a `DeskDep`, never for two of them: a request that holds one connection
while it waits for another can stop the whole process. A use case that opens its own work is handed the desk and the
claims.
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
    PEOPLE,
    READERS,
    SIGNED_IN,
    DeskDep,
    KeyringDep,
    actor_of,
    get_claims,
    get_desk,
    require,
    with_scope,
)
from app.api.routing import LOOK, KistRouter
from app.services.people import access
from app.services.work import Work

__all__ = [
    "ADMINS", "APPLICANTS", "BILLERS", "CUSTOMERS", "IMPORTERS", "OFFICERS", "OPEN", "PAYERS", "PEOPLE", "READERS",
    "SIGNED_IN", "ClientAddress", "DeskDep", "KeyringDep", "KistRouter", "LookDep", "OnceDep", "RequestId", "WorkDep",
    "require", "with_scope",
]  # fmt: skip


async def get_request_id(request: Request) -> str:
    """The id under which this request is logged, audited and, where it failed, asked about."""
    return str(request.state.request_id)


RequestId = Annotated[str, Depends(get_request_id)]


async def get_client_address(request: Request) -> str:
    """Where the request comes from, as attempts to sign in are counted."""
    return address_of(request.scope)


ClientAddress = Annotated[str, Depends(get_client_address)]


async def get_work(request: Request) -> AsyncIterator[Work]:
    """The request's transaction, on behalf of its caller, whose token is held against their present credentials.

    Raises TokenRevoked.
    """
    desk, request_id, claims = await get_desk(request), await get_request_id(request), await get_claims(request)
    async with desk.open(actor_of(claims), request_id=request_id) as work:
        if claims is not None:
            await access.confirm(work, claims)
        yield work


async def get_look(request: Request) -> Work:
    """The same for a request that only reads: without a transaction. Its route closes it. Raises TokenRevoked."""
    desk, request_id, claims = await get_desk(request), await get_request_id(request), await get_claims(request)
    work = desk.glance(actor_of(claims), request_id=request_id)
    request.scope[LOOK] = work
    if claims is not None:
        await access.confirm(work, claims)
    return work


WorkDep = Annotated[Work, Depends(get_work, scope="function")]
LookDep = Annotated[Work, Depends(get_look)]


async def get_once(
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
