"""Sets and changes the passwords of user accounts, and revokes the tokens made before.

A password is changed because someone else may know the old one. Therefore a change revokes every refresh token of the
user account and raises the version of the credentials. Every access token contains that version, so tokens made before
are no longer valid. No database connection is held while a password is hashed.
"""

from datetime import datetime, timedelta

from app.db.models import UserAccount
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


class UserAccountNotFound(NotFound):
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
    assert actor.user_account_id is not None, "a token names a user account"
    # Attempts are counted, so that a stolen token does not allow guessing the password.
    await keyring.attempts.count(account=actor.label)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        await confirm(uow, claims)
        before = await repository.find_user_account(uow.session, actor.user_account_id)
    present = None if before is None else before.password_hash
    if present is not None and not await keyring.passwords.verify(current_password or "", password_hash=present):
        raise WrongPassword("the current password is wrong", field="current_password")
    password_hash = await keyring.passwords.hash(new_password)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        user_account = await repository.lock_user_account(uow.session, actor.user_account_id)
        if user_account is None or user_account.password_hash != present:
            raise WrongPassword("the password was changed at the same moment", field="current_password")
        await _replace(uow, user_account, password_hash=password_hash)
        signed_in = await issue_tokens(uow, keyring, user_account_id=user_account.id)
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
        found = await repository.find_user_account_by_email(uow.session, normalise_email(email))
        user_account = None if found is None else await repository.lock_user_account(uow.session, found.id)
        if user_account is None:
            raise UserAccountNotFound("no account has this e-mail address", field="email")
        await _replace(uow, user_account, password_hash=password_hash)


async def sign_out_everywhere(uow_factory: UnitOfWorkFactory, claims: Claims, *, request_id: str | None = None) -> None:
    """Revokes every token of the caller, access tokens included. Raises TokenRevoked."""
    async with uow_factory.open(claims.actor, request_id=request_id) as uow:
        await confirm(uow, claims)
        assert claims.actor.user_account_id is not None, "a token names a user account"
        user_account = await repository.lock_user_account(uow.session, claims.actor.user_account_id)
        assert user_account is not None, "a confirmed token belongs to an existing user account"
        await repository.set_credentials_version(
            uow.session, user_account.id, changed_at=next_version(user_account, now=uow.now)
        )
        await repository.revoke_all(uow.session, user_account.id, now=uow.now)
        await uow.record("signed_out_everywhere", object_kind="principal", object_id=str(user_account.id))


def next_version(user_account: UserAccount, *, now: datetime) -> datetime:
    """The instant to store as the last change. Two changes in one microsecond still get two versions."""
    return max(now, user_account.credentials_changed_at + timedelta(microseconds=1))


async def _replace(uow: UnitOfWork, user_account: UserAccount, *, password_hash: str) -> None:
    await repository.set_password(
        uow.session, user_account.id, password_hash=password_hash, changed_at=next_version(user_account, now=uow.now)
    )
    await repository.revoke_all(uow.session, user_account.id, now=uow.now)
    await uow.record("password_changed", object_kind="principal", object_id=str(user_account.id))
