"""What a route asks for: its transaction, who is calling, who may call, and the first answer to a repeated request.

    router = KistRouter(tags=["Applications"])

    @router.post("/loans/apply", status_code=201, response_model=LoanAnswer, dependencies=[CUSTOMERS])
    async def apply(body: ApplyBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
        if first := await once.first_answer():
            return first
        view = await applications.apply(uow, customer_id=body.user_id, amount_paise=body.amount)
        return await once.keep(present(view))

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
from starlette.types import Scope

from app.api.authoriser import Authoriser
from app.api.call_taker import ApplicationTaker, PaymentTaker
from app.api.limits import address_of
from app.api.once import ClientKey, Once
from app.api.permissions import (
    ADMINS,
    APPLICANTS,
    BILLERS,
    CUSTOMERS,
    EVENT_READERS,
    IMPORTERS,
    NETWORKS,
    OFFICERS,
    OPEN,
    PAYERS,
    PEOPLE,
    READERS,
    SIGNED_IN,
    KeyringDep,
    UnitOfWorkFactoryDep,
    actor_of,
    claims_of,
    get_claims,
    get_uow_factory,
    require,
    uow_factory_of,
    with_scope,
)
from app.api.routing import READING, KistRouter
from app.services.cards.groups import AuthorisationGroups
from app.services.credit.groups import ApplicationGroups
from app.services.payments.group_commit import PaymentGroups
from app.services.people import access
from app.services.unit_of_work import UnitOfWork

__all__ = [
    "ADMINS",
    "APPLICANTS",
    "BILLERS",
    "CUSTOMERS",
    "EVENT_READERS",
    "IMPORTERS",
    "NETWORKS",
    "OFFICERS",
    "OPEN",
    "PAYERS",
    "PEOPLE",
    "READERS",
    "SIGNED_IN",
    "ApplicationTakerDep",
    "ClientAddress",
    "KeyringDep",
    "KistRouter",
    "LookingUpDep",
    "OnceDep",
    "PaymentTakerDep",
    "ReadingDep",
    "RequestId",
    "UnitOfWorkDep",
    "UnitOfWorkFactoryDep",
    "require",
    "with_scope",
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
    """`open_reading`, as a dependency."""
    return await open_reading(request.scope)


async def open_reading(scope: Scope) -> UnitOfWork:
    """The same for a request that only reads: without a transaction. Its route closes it. Raises TokenRevoked."""
    uow = begin_reading(scope)
    await uow.admitted()
    return uow


def begin_reading(scope: Scope) -> UnitOfWork:
    """The same, whose caller's token is not held against their present credentials yet, but meanwhile."""
    claims = claims_of(scope)
    uow = uow_factory_of(scope).open_reading(actor_of(claims), request_id=scope["state"]["request_id"])
    scope[READING] = uow
    if claims is not None:
        access.confirm_meanwhile(uow, claims)
    return uow


async def get_looking_up_uow(request: Request) -> UnitOfWork:
    """`open_reading`, as a dependency. A direct route begins without waiting."""
    return await open_reading(request.scope)


UnitOfWorkDep = Annotated[UnitOfWork, Depends(get_uow, scope="function")]
ReadingDep = Annotated[UnitOfWork, Depends(get_reading_uow)]
#: The same for a route whose first question is a look-up: it is asked together with that for the caller's standing.
LookingUpDep = Annotated[UnitOfWork, Depends(get_looking_up_uow)]


async def get_client_key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="A key of the client's making. The same key with the same body is answered with the first "
            "answer; with another body it is refused.",
        ),
    ] = None,
) -> ClientKey:
    return ClientKey(request=request, key=idempotency_key)


ClientKeyDep = Annotated[ClientKey, Depends(get_client_key)]


async def get_once(uow: UnitOfWorkDep, client_key: ClientKeyDep) -> Once:
    return Once(client_key=client_key, uow=uow)


OnceDep = Annotated[Once, Depends(get_once)]


async def get_payment_taker(request: Request, client_key: ClientKeyDep) -> PaymentTaker:
    """What takes the payment of this request. It opens no transaction: the group that the payment joins has its own,
    and holds the caller's token against their present credentials."""
    claims = await get_claims(request)
    groups = request.app.state.payment_groups
    assert isinstance(groups, PaymentGroups), "create_app() puts the groups on app.state"
    request_id = await get_request_id(request)
    return PaymentTaker(groups.take, claims=claims, client_key=client_key, request_id=request_id)


async def get_application_taker(request: Request, client_key: ClientKeyDep) -> ApplicationTaker:
    """What decides the application of this request, in the transaction of a group or in one of its own."""
    claims = await get_claims(request)
    groups = request.app.state.application_groups
    assert isinstance(groups, ApplicationGroups), "create_app() puts the groups on app.state"
    request_id = await get_request_id(request)
    return ApplicationTaker(groups.apply, claims=claims, client_key=client_key, request_id=request_id)


async def get_authoriser(request: Request) -> Authoriser:
    """What decides the authorisation of this request, in the transaction of the group that it joins."""
    claims = await get_claims(request)
    groups = request.app.state.authorisation_groups
    assert isinstance(groups, AuthorisationGroups), "create_app() puts the groups on app.state"
    return Authoriser(groups=groups, claims=claims, request_id=await get_request_id(request))


AuthoriserDep = Annotated[Authoriser, Depends(get_authoriser)]
ApplicationTakerDep = Annotated[ApplicationTaker, Depends(get_application_taker)]
PaymentTakerDep = Annotated[PaymentTaker, Depends(get_payment_taker)]
