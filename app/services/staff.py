"""Staff accounts: who works here, and who no longer does.

An account is never deleted, because the trail of what was done names it. It is disabled, and that is felt at once:
every request is held against the account, so neither an access token nor a session of the admin pages outlives it, and
the refresh tokens are revoked. Whoever is let in again signs in anew.
"""

from datetime import datetime, timedelta

from app.db.models import Principal
from app.db.repositories import access as repository
from app.db.repositories.access import StaffAccount
from app.domain.access import STAFF, Actor, Forbidden, Role, check_disabling, check_staff
from app.domain.errors import Invalid, NotFound
from app.services.access import EmailTaken, create_principal, normalise_email
from app.services.passwords import Passwords
from app.services.work import Desk, Work

__all__ = [
    "NotAStaffRole",
    "StaffAccount",
    "StaffNotFound",
    "create_staff",
    "disable_staff",
    "enable_staff",
    "ensure_admin",
    "list_staff",
]


class NotAStaffRole(Invalid):
    """Staff are officers and admins."""

    code = "not_a_staff_role"


class StaffNotFound(NotFound):
    """There is no such account of staff."""

    code = "staff_not_found"


async def create_staff(
    desk: Desk,
    actor: Actor,
    *,
    passwords: Passwords,
    email: str,
    name: str,
    role: Role,
    password: str,
    request_id: str | None = None,
) -> Actor:
    """Makes an officer or an admin, for an admin or the system.

    Raises Forbidden, NotAStaffRole, StaffInvalid, PasswordTooWeak, EmailTaken.
    """
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin makes staff")
    if role not in STAFF:
        raise NotAStaffRole("staff are officers and admins", field="role")
    check_staff(name=name, email=email)
    password_hash = await passwords.hash(password)
    async with desk.open(actor, request_id=request_id) as work:
        return await create_principal(work, role=role, name=name.strip(), email=email, password_hash=password_hash)


async def ensure_admin(desk: Desk, actor: Actor, *, passwords: Passwords, email: str, password: str) -> bool:
    """Makes the admin of a new installation; False when the address exists already, whose password is left alone."""
    async with desk.open(actor) as work:
        if await repository.find_principal_by_email(work.session, normalise_email(email)) is not None:
            return False
    try:
        await create_staff(
            desk, actor, passwords=passwords, email=email, name="Administrator", role=Role.ADMIN, password=password
        )
    except EmailTaken:  # Somebody else started at the same moment.
        return False
    return True


async def list_staff(work: Work) -> list[StaffAccount]:
    """Everybody who works here or did, for admins. Raises Forbidden."""
    _check(work)
    return await repository.list_staff(work.session, STAFF)


async def disable_staff(work: Work, principal_id: int) -> None:
    """Ends an account and all that it holds; one that is disabled stays so.

    Raises Forbidden, OwnAccount, StaffNotFound.
    """
    admins = await repository.lock_admins(work.session)
    check_disabling(work.actor, principal_id=principal_id, admins=admins)
    account = await _lock(work, principal_id)
    if account.disabled_at is None:
        await _set(work, account, disabled_at=work.now, action="staff_disabled")
        await repository.revoke_all(work.session, principal_id, now=work.now)


async def enable_staff(work: Work, principal_id: int) -> None:
    """Lets somebody sign in again. Raises Forbidden, StaffNotFound."""
    _check(work)
    account = await _lock(work, principal_id)
    if account.disabled_at is not None:
        await _set(work, account, disabled_at=None, action="staff_enabled")


def _check(work: Work) -> None:
    if work.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("accounts of staff are for admins")


async def _lock(work: Work, principal_id: int) -> Principal:
    account = await repository.lock_principal(work.session, principal_id)
    if account is None or account.role not in STAFF:
        raise StaffNotFound("there is no such account of staff", field="principal_id")
    return account


async def _set(work: Work, account: Principal, *, disabled_at: datetime | None, action: str) -> None:
    # Two changes in one instant must still be two versions of the credentials.
    changed_at = max(work.now, account.credentials_changed_at + timedelta(microseconds=1))
    await repository.set_disabled(work.session, account.id, disabled_at=disabled_at, changed_at=changed_at)
    await work.record(action, object_kind="principal", object_id=str(account.id))
