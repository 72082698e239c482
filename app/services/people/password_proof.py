"""Who somebody is, proved by a password.

What is wrong is counted, for the account and for the address it comes from, before anything is hashed. Hashing must not
keep a database connection waiting, so the check opens its own work, and what follows from it is done on the principal
as it is then.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.db.models import Principal
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
    """What signing in needs of a process: the signing key, the hasher, how long a refresh token is good, and who counts
    attempts."""

    tokens: AccessTokens
    passwords: Passwords
    refresh_lifetime: timedelta
    attempts: Attempts = field(default_factory=UnlimitedAttempts)


def normalise_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()


# --- principals ------------------------------------------------------------------------------------------------------


async def check_password(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    email: str,
    password: str,
    address: str | None,
    request_id: str | None,
    details: dict[str, Any] | None = None,
) -> Principal:
    """Whose e-mail address and password these are. What is wrong is counted, and stands in the trail as nobody's deed,
    with these details.

    Raises InvalidCredentials, TooManySignIns, TooManyAttempts.
    """
    account = normalise_email(email)
    await keyring.attempts.count(account=account, address=address)
    async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
        found = await repository.find_principal_by_email(uow.session, account)
    password_hash = None if found is None or found.disabled_at is not None else found.password_hash
    if not await keyring.passwords.verify(password, password_hash=password_hash) or found is None:
        async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
            whose = "unknown" if found is None else str(found.id)  # What was typed may be a password.
            await uow.record("sign_in_refused", object_kind="principal", object_id=whose, details=details)
        raise _bad_credentials()
    return found


async def lock_proved(uow: UnitOfWork, found: Principal) -> Principal:
    """The principal as it is now, held; it may have changed since the check. Raises InvalidCredentials."""
    principal = await repository.lock_principal(uow.session, found.id)
    if principal is None or principal.disabled_at is not None or principal.password_hash != found.password_hash:
        raise _bad_credentials()
    return principal


def _bad_credentials() -> InvalidCredentials:
    return InvalidCredentials("the e-mail address or the password is not right")
