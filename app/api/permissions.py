"""Permissions: each route declares who may call it, as a dependency.

    @router.post("/loans/payments", dependencies=[CUSTOMERS])

A route has exactly one permission; without one it cannot be made (`app/api/routing.py`). The permission checks the role
and the scope. `Actor.may_see` then checks the customer: another customer's loan is answered with 404.

The dependencies that every request needs take the request itself and have no dependencies of their own: FastAPI
spends about as long on each dependency as PostgreSQL does on a look-up by key.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParam
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.types import Scope as RequestScope

from app.domain.people.access import ANONYMOUS, STAFF, Actor, Permission, Role, Scope, Unauthenticated, check_permission
from app.services.people.password_proof import Keyring
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWorkFactory

TOKEN_URL = "/api/v1/auth/token"  # noqa: S105 - an address, not a secret

#: The key of a token's claims in a request's scope.
CLAIMS = "kist.claims"

#: For the OpenAPI document only: `get_claims` reads tokens, and `openapi.py` documents the routes that need one.
bearer = OAuth2PasswordBearer(
    tokenUrl=TOKEN_URL,
    refreshUrl="/api/v1/auth/refresh",
    auto_error=False,
    description="Sign in with an e-mail address and a password. The token is valid for ten minutes.",
)


def uow_factory_of(scope: RequestScope) -> UnitOfWorkFactory:
    """The factory that opens this process's units of work."""
    uow_factory = scope["app"].state.uow_factory
    assert isinstance(uow_factory, UnitOfWorkFactory), "create_app() puts the unit-of-work factory on app.state"
    return uow_factory


async def get_uow_factory(request: Request) -> UnitOfWorkFactory:
    """`uow_factory_of`, as a dependency."""
    return uow_factory_of(request.scope)


async def get_keyring(request: Request) -> Keyring:
    keyring = request.app.state.keyring
    assert isinstance(keyring, Keyring), "create_app() puts the keyring on app.state"
    return keyring


UnitOfWorkFactoryDep = Annotated[UnitOfWorkFactory, Depends(get_uow_factory)]
KeyringDep = Annotated[Keyring, Depends(get_keyring)]


def bearer_token(header: bytes) -> str | None:
    """The token of an Authorization header; None if it holds none. The permissions and the call limits both use this
    function, so that both see the same caller."""
    scheme, token = get_authorization_scheme_param(header.decode("latin-1"))
    return token if scheme.lower() == "bearer" else None


def claims_of(scope: RequestScope) -> Claims | None:
    """The claims of the bearer token; None if the request has none. A bad token is refused even on an open route.

    The token is read once per request. Raises Unauthenticated, TokenInvalid, TokenExpired.
    """
    if CLAIMS not in scope:
        scope[CLAIMS] = _read_claims(scope)
    claims: Claims | None = scope[CLAIMS]
    return claims


async def get_claims(request: Request) -> Claims | None:
    """`claims_of`, as a dependency."""
    return claims_of(request.scope)


def _read_claims(scope: RequestScope) -> Claims | None:
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    if not any(shown):
        return None
    if len(shown) > 1:
        # A proxy and this service might each use a different one.
        raise Unauthenticated("the request has more than one Authorization header")
    token = bearer_token(shown[0])
    if token is None:
        raise Unauthenticated("the Authorization header holds no bearer token")
    keyring: Keyring = scope["app"].state.keyring
    return keyring.tokens.read(token, now=uow_factory_of(scope).clock())


ClaimsDep = Annotated[Claims | None, Depends(get_claims)]


def actor_of(claims: Claims | None) -> Actor:
    """The caller that the token names; anonymous without a token."""
    return ANONYMOUS if claims is None else claims.actor


class Guard:
    """Checks a route's permission before the route reads the request."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __repr__(self) -> str:
        return f"Guard({self.permission.name})"

    def __call__(self, scope: RequestScope) -> None:
        """Raises Unauthenticated or Forbidden if the caller has no permission."""
        raise NotImplementedError


class PublicGuard(Guard):
    """Lets every caller pass and does not read the token."""

    def __call__(self, scope: RequestScope) -> None: ...


class RoleGuard(Guard):
    """Lets the callers pass that the permission names."""

    def __call__(self, scope: RequestScope) -> None:
        check_permission(actor_of(claims_of(scope)), permission=self.permission)


def require(*roles: Role, name: str, scope: str | None = None) -> DependsParam:
    """The permission for these roles, and for a service that holds the scope."""
    return DependsParam(RoleGuard(Permission(name=name, roles=frozenset(roles), scope=scope)))


#: Anybody, signed in or not.
OPEN = DependsParam(PublicGuard(Permission(name="open", roles=None)))
#: Anybody who is signed in.
SIGNED_IN = require(Role.CUSTOMER, Role.SERVICE, *STAFF, name="signed in")
#: People, not services: only an admin makes and ends a service's tokens, so a service cannot extend its own.
PEOPLE = require(Role.CUSTOMER, *STAFF, name="signed in in person")
#: A customer for themselves, and staff for any customer.
CUSTOMERS = require(Role.CUSTOMER, *STAFF, name="customer")
#: Officers and admins.
OFFICERS = require(*STAFF, name="officer")
#: Admins.
ADMINS = require(Role.ADMIN, name="admin")


def with_scope(scope: Scope, *roles: Role) -> DependsParam:
    """The permission for a service with this scope and, unless other roles are named, for staff."""
    return require(*(roles or tuple(STAFF)), name=f"scope {scope}", scope=scope)


#: A customer for themselves, staff for any customer, and services by their scope.
READERS = with_scope(Scope.LENDING_READ, Role.CUSTOMER, *STAFF)
APPLICANTS = with_scope(Scope.LENDING_WRITE, Role.CUSTOMER, *STAFF)
PAYERS = with_scope(Scope.PAYMENTS_WRITE, Role.CUSTOMER, *STAFF)
#: What comes from a card network: staff, and services by their scope.
NETWORKS = with_scope(Scope.PAYMENTS_WRITE)
#: Staff, and services by their scope.
BILLERS = with_scope(Scope.BILLING_RUN)
IMPORTERS = with_scope(Scope.IMPORTS_WRITE)
EVENT_READERS = with_scope(Scope.EVENTS_READ)
