"""Tokens for programs: an admin makes them, an answer shows them once, and revoking takes effect at once."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.api.deps import ADMINS, KeyringDep, KistRouter, UnitOfWorkDep
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Line,
    Whole,
    example,
)
from app.db.models import UserAccount
from app.domain.people.access import Scope
from app.services.people import service_tokens

router = KistRouter(prefix="/auth/service-tokens", tags=["Access"])

ServiceId = Annotated[Whole, Between(1, 2**62), Path(description="The number of the service")]


class ServiceBody(Body):
    """A new service: its name, its scopes and the number of days for which its token is valid."""

    model_config = example({"name": "Payment gateway", "scopes": ["lending:read", "payments:write"], "days": 90})

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    days: Annotated[Whole, Between(1, 365)] = 90


class ServiceAnswer(Answer):
    """A service, without its token."""

    service_id: int
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewServiceAnswer(ServiceAnswer):
    """A service with its token. Store the token now: it is not shown again."""

    token: str


class ServicesAnswer(Answer):
    """Every service, the newest first."""

    items: list[ServiceAnswer]


@router.post("", status_code=201, dependencies=[ADMINS], summary="Make a service and its token")
async def create_service(body: ServiceBody, uow: UnitOfWorkDep, keyring: KeyringDep) -> NewServiceAnswer:
    """Makes a service and its token. The token may call the routes of its scopes, for every customer."""
    made = await service_tokens.create_service(
        uow,
        keyring.tokens,
        name=body.name,
        scopes=frozenset(scope.value for scope in body.scopes),
        lifetime=timedelta(days=body.days),
    )
    return NewServiceAnswer(**_present(made.service).model_dump(), token=made.token)


@router.get("", dependencies=[ADMINS], summary="List the services")
async def list_services(uow: UnitOfWorkDep) -> ServicesAnswer:
    """Lists every service, revoked ones included, without their tokens."""
    return ServicesAnswer(items=[_present(service) for service in await service_tokens.list_services(uow)])


@router.delete("/{service_id}", status_code=204, dependencies=[ADMINS], summary="Revoke a service's token")
async def revoke_service(service_id: ServiceId, uow: UnitOfWorkDep) -> None:
    """Revokes the token: the service's next call is refused. Revoking it again changes nothing."""
    await service_tokens.revoke_service(uow, service_id)


def _present(service: UserAccount) -> ServiceAnswer:
    return ServiceAnswer(
        service_id=service.id,
        name=service.name,
        scopes=[Scope(scope) for scope in service.scopes],
        created_at=service.created_at,
        expires_at=service.expires_at,
        revoked_at=service.disabled_at,
    )
