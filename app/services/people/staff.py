"""Staff accounts: adds, disables and enables them, and signs staff in to the admin pages.

An account is never deleted, because the audit trail names it. It is disabled, with effect at once: every request checks
the account, so access tokens and admin sessions stop working, and refresh tokens are revoked. After an account is
enabled again, its holder must sign in again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.db.models import UserAccount
from app.db.repositories.people import access as repository
from app.db.repositories.people.access import StaffAccount
from app.domain.errors import Invalid, NotFound
from app.domain.people.access import STAFF, Actor, Forbidden, Role, check_disabling, check_staff, credentials_version
from app.services.people.access import EmailTaken, actor_of, create_user_account
from app.services.people.password_proof import InvalidCredentials, Keyring, check_password, lock_proved, normalise_email
from app.services.people.passwords import Passwords
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

__all__ = [
    "NotAStaffRole", "StaffAccount", "StaffNotFound", "StaffSession", "create_staff", "disable_staff", "enable_staff",
    "end_session", "ensure_admin", "list_names", "list_staff", "open_session",
]  # fmt: skip

#: The audit details that say a sign-in or sign-out was on the admin pages.
PAGES: Final = {"at": "admin pages"}


class NotAStaffRole(Invalid):
    """The role is not one of staff. Name `officer` or `admin`."""

    code = "not_a_staff_role"


class StaffNotFound(NotFound):
    """There is no such account of staff. Check the id."""

    code = "staff_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A member of staff who signed in to the admin pages, and the version of their credentials."""

    actor: Actor
    credentials: int


async def create_staff(
    uow_factory: UnitOfWorkFactory,
    actor: Actor,
    *,
    passwords: Passwords,
    email: str,
    name: str,
    role: Role,
    password: str,
    request_id: str | None = None,
) -> Actor:
    """Makes an officer or an admin. Only an admin or the system may.

    Raises Forbidden, NotAStaffRole, StaffInvalid, PasswordTooWeak, EmailTaken.
    """
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may add staff")
    if role not in STAFF:
        raise NotAStaffRole("a role of staff is officer or admin", field="role")
    check_staff(name=name, email=email)
    password_hash = await passwords.hash(password)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        return await create_user_account(uow, role=role, name=name.strip(), email=email, password_hash=password_hash)


async def ensure_admin(
    uow_factory: UnitOfWorkFactory, actor: Actor, *, passwords: Passwords, email: str, password: str
) -> bool:
    """Makes the admin of a new installation. False if the address exists; its password is not changed."""
    async with uow_factory.open(actor) as uow:
        if await repository.find_user_account_by_email(uow.session, normalise_email(email)) is not None:
            return False
    try:
        await create_staff(
            uow_factory,
            actor,
            passwords=passwords,
            email=email,
            name="Administrator",
            role=Role.ADMIN,
            password=password,
        )
    except EmailTaken:  # Another process made the account at the same moment.
        return False
    return True


async def open_session(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    email: str,
    password: str,
    address: str | None = None,
    request_id: str | None = None,
) -> StaffSession:
    """Signs staff in to the admin pages. No token is made: the caller stores the session. An account that is not staff
    is refused with the same error as a wrong password.

    Raises InvalidCredentials, TooManySignIns, TooManyAttempts.
    """
    found = await check_password(
        uow_factory, keyring, email=email, password=password, address=address, request_id=request_id, details=PAGES
    )
    actor = actor_of(found)
    async with uow_factory.open(actor, request_id=request_id) as uow:
        account = await lock_proved(uow, found)
        uow.is_authenticating = actor.is_staff
        action = "signed_in" if actor.is_staff else "sign_in_refused"
        await uow.record(action, object_kind="principal", object_id=str(account.id), details=PAGES)
    if not actor.is_staff:
        raise InvalidCredentials("only staff may sign in here")
    await keyring.attempts.succeeded(account=normalise_email(email), address=address)
    return StaffSession(actor=actor, credentials=credentials_version(account.credentials_changed_at))


async def end_session(uow_factory: UnitOfWorkFactory, actor: Actor, *, request_id: str | None = None) -> None:
    """Records that a member of staff signed out of the admin pages. The caller deletes the session."""
    assert actor.user_account_id is not None, "a session belongs to a user account"
    async with uow_factory.open(actor, request_id=request_id) as uow:
        await uow.record("signed_out", object_kind="principal", object_id=str(actor.user_account_id), details=PAGES)


async def list_staff(uow: UnitOfWork) -> list[StaffAccount]:
    """All staff accounts, disabled ones included, for admins. Raises Forbidden."""
    _check(uow)
    return await repository.list_staff(uow.session, STAFF)


async def list_names(uow: UnitOfWork) -> dict[int, str]:
    """The names of all accounts of staff and of services by their numbers, disabled ones too. Raises Forbidden."""
    if not uow.actor.is_staff:
        raise Forbidden("the names of staff are for staff")
    return {one.id: one.name for one in await repository.list_staff(uow.session, {*STAFF, Role.SERVICE})}


async def disable_staff(uow: UnitOfWork, user_account_id: int) -> None:
    """Disables an account and revokes its tokens; a disabled account stays disabled.

    Raises Forbidden, OwnAccount, StaffNotFound.
    """
    admins = await repository.lock_admins(uow.session)
    check_disabling(uow.actor, user_account_id=user_account_id, admins=admins)
    account = await _lock(uow, user_account_id)
    if account.disabled_at is None:
        await _set(uow, account, disabled_at=uow.now, action="staff_disabled")
        await repository.revoke_all(uow.session, user_account_id, now=uow.now)


async def enable_staff(uow: UnitOfWork, user_account_id: int) -> None:
    """Enables an account again. Raises Forbidden, StaffNotFound."""
    _check(uow)
    account = await _lock(uow, user_account_id)
    if account.disabled_at is not None:
        await _set(uow, account, disabled_at=None, action="staff_enabled")


def _check(uow: UnitOfWork) -> None:
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("staff accounts are for admins")


async def _lock(uow: UnitOfWork, user_account_id: int) -> UserAccount:
    account = await repository.lock_user_account(uow.session, user_account_id)
    if account is None or account.role not in STAFF:
        raise StaffNotFound("there is no such staff account", field="user_account_id")
    return account


async def _set(uow: UnitOfWork, account: UserAccount, *, disabled_at: datetime | None, action: str) -> None:
    # Two changes in one microsecond must still be two versions of the credentials.
    changed_at = max(uow.now, account.credentials_changed_at + timedelta(microseconds=1))
    await repository.set_disabled(uow.session, account.id, disabled_at=disabled_at, changed_at=changed_at)
    await uow.record(action, object_kind="principal", object_id=str(account.id))
