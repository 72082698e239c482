"""Staff accounts: who works here, and who no longer does.

An account is never deleted, because the trail of what was done names it. It is disabled, and that is felt at once:
every request is held against the account, so neither an access token nor a session of the admin pages outlives it, and
the refresh tokens are revoked. Whoever is let in again signs in anew.
"""

from datetime import datetime, timedelta

from app.db.models import Principal
from app.db.repositories import access as repository
from app.db.repositories import audit as audit_repository
from app.db.repositories.access import StaffAccount
from app.domain.access import STAFF, Forbidden, Role, check_disabling
from app.domain.errors import NotFound
from app.services.work import Work

__all__ = ["StaffAccount", "StaffNotFound", "disable_staff", "enable_staff", "list_staff"]


class StaffNotFound(NotFound):
    """There is no such account of staff."""

    code = "staff_not_found"


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
    await audit_repository.add_event(
        work.session,
        at=work.now,
        actor=work.actor.label,
        action=action,
        object_kind="principal",
        object_id=str(account.id),
        request_id=work.request_id,
    )
