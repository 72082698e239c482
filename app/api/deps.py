"""What a route asks for: its transaction, who is calling, who may call, and the first answer to a repeated request.

    router = KistRouter(tags=["Payments"])

    @router.post("/loans/payments", status_code=201, response_model=PaymentAnswer, dependencies=[CUSTOMERS])
    async def pay(body: PaymentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
        if first := await once.first_answer():
            return first
        payment = await payments.pay(uow, loan=body.loan_id, amount_paise=body.amount)
        return await once.keep(present(payment))

A route that only reads asks for a `ReadingDep`, and has no transaction at all.

The transaction is a dependency of scope "function": it is committed after the route returned and before anything is
sent. With FastAPI's default the answer would leave first, and a failed commit would have answered 201.

A route asks for a `UnitOfWorkDep`, a `ReadingDep` or a `UnitOfWorkFactoryDep`, never for two of them: a request that
holds one connection while it waits for another can stop the whole process. A use case that opens its own unit of work
is handed the factory and the claims.
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
    KeyringDep,
    UnitOfWorkFactoryDep,
    actor_of,
    get_claims,
    get_uow_factory,
    require,
    with_scope,
)
from app.api.routing import READING, KistRouter
from app.services.people import access
from app.services.unit_of_work import UnitOfWork

__all__ = [
    "ADMINS", "APPLICANTS", "BILLERS", "CUSTOMERS", "IMPORTERS", "OFFICERS", "OPEN", "PAYERS", "PEOPLE", "READERS",
    "SIGNED_IN", "ClientAddress", "KeyringDep", "KistRouter", "OnceDep", "ReadingDep", "RequestId", "UnitOfWorkDep",
    "UnitOfWorkFactoryDep", "require", "with_scope",
]  # fmt: skip


async def get_request_id(request: Request) -> str:
    """The id under which this request is logged, audited and, where it failed, asked about."""
    return str(request.state.request_id)


RequestId = Annotated[str, Depends(get_request_id)]


async def get_client_address(request: Request) -> str:
    """Where the request comes from, as attempts to sign in are counted."""
    return address_of(request.scope)


ClientAddress = Annotated[str, Depends(get_client_address)]


async def get_uow(request: Request) -> AsyncIterator[UnitOfWork]:
    """The request's transaction, on behalf of its caller, whose token is held against their present credentials.

    Raises TokenRevoked.
    """
    uow_factory, request_id, claims = (
        await get_uow_factory(request),
        await get_request_id(request),
        await get_claims(request),
    )
    async with uow_factory.open(actor_of(claims), request_id=request_id) as uow:
        if claims is not None:
            await access.confirm(uow, claims)
        yield uow


async def get_reading_uow(request: Request) -> UnitOfWork:
    """The same for a request that only reads: without a transaction. Its route closes it. Raises TokenRevoked."""
    uow_factory, request_id, claims = (
        await get_uow_factory(request),
        await get_request_id(request),
        await get_claims(request),
    )
    uow = uow_factory.open_reading(actor_of(claims), request_id=request_id)
    request.scope[READING] = uow
    if claims is not None:
        await access.confirm(uow, claims)
    return uow


UnitOfWorkDep = Annotated[UnitOfWork, Depends(get_uow, scope="function")]
ReadingDep = Annotated[UnitOfWork, Depends(get_reading_uow)]


async def get_once(
    request: Request,
    uow: UnitOfWorkDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A key of the client's making. The same key with the same body is answered with the first "
            "answer; with another body it is refused."
        ),
    ] = None,
) -> Once:
    return Once(request=request, uow=uow, key=idempotency_key)


OnceDep = Annotated[Once, Depends(get_once)]
