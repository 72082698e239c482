"""Tokens for services: programs that call without a person.

A service is a user account with scopes and a name. Its token is signed like every other token and is valid for days
instead of minutes. It is shown once and not stored; a lost token is replaced by a new one. As with every token, each
request checks the user account, so a revoked token stops working at once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.models import UserAccount
from app.db.repositories.people import access as repository
from app.domain.errors import Invalid, NotFound
from app.domain.people.access import SCOPES, Actor, Forbidden, Role, credentials_version
from app.services.people.access import actor_of
from app.services.people.tokens import AccessTokens
from app.services.unit_of_work import UnitOfWork


class ScopeUnknown(Invalid):
    """A scope is not known, or none was named. Name one or more of those in the message."""

    code = "scope_unknown"


class ServiceNotFound(NotFound):
    """There is no such service. Check the id."""

    code = "service_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """A new service with its token. The token cannot be shown again."""

    service: UserAccount
    token: str


async def create_service(
    uow: UnitOfWork, tokens: AccessTokens, *, name: str, scopes: frozenset[str], lifetime: timedelta
) -> NewService:
    """Makes a service and its token. Only an admin may. Raises Forbidden, ScopeUnknown."""
    _check_admin(uow.actor)
    if not scopes or not scopes <= SCOPES.keys():
        raise ScopeUnknown(f"name one or more of {', '.join(sorted(SCOPES))}", field="scopes")
    service = await repository.add_user_account(
        uow.session,
        role=Role.SERVICE.value,
        email=None,
        name=name,
        password_hash=None,
        scopes=sorted(scopes),
        customer_id=None,
        expires_at=uow.now + lifetime,
        now=uow.now,
    )
    assert service is not None, "a service has no unique value except its id"
    token = tokens.make(
        actor_of(service),
        credentials=credentials_version(service.credentials_changed_at),
        jti=secrets.token_hex(16),
        now=uow.now,
        lifetime=lifetime,
    )
    details = {"name": name, "scopes": sorted(scopes), "expires_at": (uow.now + lifetime).isoformat()}
    await uow.record("service_token_made", object_kind="principal", object_id=str(service.id), details=details)
    return NewService(service=service, token=token)


async def list_services(uow: UnitOfWork) -> Sequence[UserAccount]:
    """Every service, newest first. Raises Forbidden."""
    _check_admin(uow.actor)
    return await repository.list_services(uow.session)


async def revoke_service(uow: UnitOfWork, service_id: int) -> datetime:
    """Revokes a service's token at once, and returns when it was revoked. Raises Forbidden, ServiceNotFound."""
    _check_admin(uow.actor)
    service = await repository.lock_user_account(uow.session, service_id)
    if service is None or service.role != Role.SERVICE.value:
        raise ServiceNotFound("there is no such service", field="service_id")
    if service.disabled_at is not None:
        return service.disabled_at
    await repository.set_disabled(uow.session, service_id, disabled_at=uow.now, changed_at=uow.now)
    await uow.record(
        "service_token_revoked", object_kind="principal", object_id=str(service_id), details={"name": service.name}
    )
    return uow.now


def _check_admin(actor: Actor) -> None:
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may make or end services")
