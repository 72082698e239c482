"""Checks an e-mail address and a password.

Each attempt is counted, for the account and for the network address, before the password is hashed. No database
connection is held during hashing. Therefore the check opens its own units of work, and the caller locks the user
account again afterwards (`lock_proved`).
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.db.models import UserAccount
from app.db.repositories.people import access as repository
from app.domain.people.access import ANONYMOUS, Unauthenticated
from app.services.people.attempts import Attempts, UnlimitedAttempts
from app.services.people.passwords import Passwords
from app.services.people.tokens import AccessTokens
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory


class InvalidCredentials(Unauthenticated):
    """The e-mail address or the password is wrong; the answer does not say which. Try again, or have the password set
    anew."""

    code = "invalid_credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What signing in needs from the process: access tokens, the password hasher, the lifetime of a refresh token, and
    the counter of attempts."""

    tokens: AccessTokens
    passwords: Passwords
    refresh_lifetime: timedelta
    attempts: Attempts = field(default_factory=UnlimitedAttempts)


def normalise_email(email: str) -> str:
    """An e-mail address in the spelling in which it is stored and looked up."""
    return email.strip().lower()


# --- user accounts ----------------------------------------------------------------------------------------------------


async def check_password(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    email: str,
    password: str,
    address: str | None,
    request_id: str | None,
    details: dict[str, Any] | None = None,
) -> UserAccount:
    """The user account with this e-mail address and password. A failed attempt is counted, and is an audit event of the
    anonymous actor with these details.

    Raises InvalidCredentials, TooManySignIns, TooManyAttempts.
    """
    account = normalise_email(email)
    await keyring.attempts.count(account=account, address=address)
    async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
        found = await repository.find_user_account_by_email(uow.session, account)
    password_hash = None if found is None or found.disabled_at is not None else found.password_hash
    if not await keyring.passwords.verify(password, password_hash=password_hash) or found is None:
        async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
            # The address as typed is not recorded: it may be a password.
            user_account_id = "unknown" if found is None else str(found.id)
            await uow.record("sign_in_refused", object_kind="principal", object_id=user_account_id, details=details)
        raise _bad_credentials()
    return found


async def lock_proved(uow: UnitOfWork, found: UserAccount) -> UserAccount:
    """Locks the user account. Raises InvalidCredentials if it has changed since the check."""
    user_account = await repository.lock_user_account(uow.session, found.id)
    if (
        user_account is None
        or user_account.disabled_at is not None
        or user_account.password_hash != found.password_hash
    ):
        raise _bad_credentials()
    return user_account


def _bad_credentials() -> InvalidCredentials:
    return InvalidCredentials("the e-mail address or the password is not right")
