"""Sets and changes the passwords of principals, and revokes the tokens made before.

A password is changed because someone else may know the old one. Therefore a change revokes every refresh token of the
principal and raises the version of the credentials. Every access token contains that version, so tokens made before are
no longer valid. No database connection is held while a password is hashed.
"""

from datetime import datetime, timedelta

from app.db.models import Principal
from app.db.repositories.people import access as repository
from app.domain.errors import NotFound, Rejected
from app.domain.people.access import Actor, Forbidden, Role
from app.services.people.access import SignedIn, confirm, issue_tokens
from app.services.people.password_proof import Keyring, normalise_email
from app.services.people.passwords import Passwords
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory


class WrongPassword(Rejected):
    """The current password is not the one that was sent. Send the current one."""

    code = "wrong_password"


class PrincipalNotFound(NotFound):
    """Nobody signs in with this e-mail address. Check the address."""

    code = "principal_not_found"


async def change_password(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    claims: Claims,
    *,
    current_password: str | None,
    new_password: str,
    request_id: str | None = None,
) -> SignedIn:
    """Sets or changes the caller's own password. Every token made before is revoked.

    Raises TokenRevoked, WrongPassword, PasswordTooWeak, TooManyAttempts.
    """
    actor = claims.actor
    assert actor.principal_id is not None, "a token names a principal"
    # Attempts are counted, so that a stolen token does not allow guessing the password.
    await keyring.attempts.count(account=actor.label)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        await confirm(uow, claims)
        before = await repository.find_principal(uow.session, actor.principal_id)
    present = None if before is None else before.password_hash
    if present is not None and not await keyring.passwords.verify(current_password or "", password_hash=present):
        raise WrongPassword("the current password is wrong", field="current_password")
    password_hash = await keyring.passwords.hash(new_password)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        principal = await repository.lock_principal(uow.session, actor.principal_id)
        if principal is None or principal.password_hash != present:
            raise WrongPassword("the password was changed at the same moment", field="current_password")
        await _replace(uow, principal, password_hash=password_hash)
        signed_in = await issue_tokens(uow, keyring, principal_id=principal.id)
    await keyring.attempts.succeeded(account=actor.label)
    return signed_in


async def set_password(
    uow_factory: UnitOfWorkFactory, actor: Actor, *, passwords: Passwords, email: str, password: str
) -> None:
    """Sets another account's password without the old one, for an admin or the system. The account is signed out
    everywhere.

    Raises Forbidden, PrincipalNotFound, PasswordTooWeak.
    """
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may set the password of another account")
    password_hash = await passwords.hash(password)
    async with uow_factory.open(actor) as uow:
        found = await repository.find_principal_by_email(uow.session, normalise_email(email))
        principal = None if found is None else await repository.lock_principal(uow.session, found.id)
        if principal is None:
            raise PrincipalNotFound("no account has this e-mail address", field="email")
        await _replace(uow, principal, password_hash=password_hash)


async def sign_out_everywhere(uow_factory: UnitOfWorkFactory, claims: Claims, *, request_id: str | None = None) -> None:
    """Revokes every token of the caller, access tokens included. Raises TokenRevoked."""
    async with uow_factory.open(claims.actor, request_id=request_id) as uow:
        await confirm(uow, claims)
        assert claims.actor.principal_id is not None, "a token names a principal"
        principal = await repository.lock_principal(uow.session, claims.actor.principal_id)
        assert principal is not None, "a confirmed token belongs to an existing principal"
        await repository.set_credentials_version(
            uow.session, principal.id, changed_at=next_version(principal, now=uow.now)
        )
        await repository.revoke_all(uow.session, principal.id, now=uow.now)
        await uow.record("signed_out_everywhere", object_kind="principal", object_id=str(principal.id))


def next_version(principal: Principal, *, now: datetime) -> datetime:
    """The instant to store as the last change. Two changes in one microsecond still get two versions."""
    return max(now, principal.credentials_changed_at + timedelta(microseconds=1))


async def _replace(uow: UnitOfWork, principal: Principal, *, password_hash: str) -> None:
    await repository.set_password(
        uow.session, principal.id, password_hash=password_hash, changed_at=next_version(principal, now=uow.now)
    )
    await repository.revoke_all(uow.session, principal.id, now=uow.now)
    await uow.record("password_changed", object_kind="principal", object_id=str(principal.id))
