"""Principals and refresh tokens, as rows."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import Lookup
from app.db.models import Principal, RefreshToken
from app.db.repositories.unit_of_work import Clock
from app.db.session import Reader


class Standing(NamedTuple):
    """What a token is held against, on every request, and the clock that nearly every request needs too."""

    role: str
    customer_id: int | None
    scopes: list[str]
    credentials_changed_at: datetime
    disabled_at: datetime | None
    clock: Clock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    """What is shown of somebody who works here: nothing of their password."""

    id: int
    name: str
    email: str | None
    role: str
    created_at: datetime
    disabled_at: datetime | None


_STANDING = Lookup(
    """
SELECT p.id, p.role, p.customer_id, p.scopes, p.credentials_changed_at, p.disabled_at, c.business_date, c.held
FROM principals AS p LEFT JOIN business_clock AS c ON true
WHERE p.id = ANY(:keys)
""",
    key="id",
)


async def find_standing(reader: AsyncSession | Reader, principal_id: int) -> Standing | None:
    row = await _STANDING.find(reader, principal_id)
    if row is None:
        return None
    clock = None if row.business_date is None else Clock(business_date=row.business_date, held=row.held)
    return Standing(row.role, row.customer_id, row.scopes, row.credentials_changed_at, row.disabled_at, clock)


async def find_principal(session: AsyncSession, principal_id: int) -> Principal | None:
    return (await session.execute(select(Principal).where(Principal.id == principal_id))).scalar_one_or_none()


async def find_principal_by_email(session: AsyncSession, email: str) -> Principal | None:
    """The principal of an e-mail address, which is given in lower case."""
    return (await session.execute(select(Principal).where(Principal.email == email))).scalar_one_or_none()


async def find_principal_of_customer(session: AsyncSession, customer_id: int) -> Principal | None:
    statement = select(Principal).where(Principal.customer_id == customer_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_staff(session: AsyncSession, roles: Iterable[str]) -> list[StaffAccount]:
    """Everybody of these roles, disabled or not, in the order of their names."""
    columns = [getattr(Principal, known.name) for known in fields(StaffAccount)]
    rows = await session.execute(
        select(*columns).where(Principal.role.in_(list(roles))).order_by(Principal.name, Principal.id)
    )
    return [StaffAccount(**row) for row in rows.mappings()]


async def lock_admins(session: AsyncSession) -> frozenset[int]:
    """The admins who are not disabled, so that none of them is disabled by somebody else meanwhile."""
    statement = (
        select(Principal.id)
        .where(Principal.role == "admin", Principal.disabled_at.is_(None))
        .order_by(Principal.id)
        .with_for_update(key_share=True)
    )
    return frozenset((await session.execute(statement)).scalars())


async def lock_principal(session: AsyncSession, principal_id: int) -> Principal | None:
    """The principal as it is now, so that two changes of its credentials come one after the other."""
    statement = (
        select(Principal)
        .where(Principal.id == principal_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def add_principal(
    session: AsyncSession,
    *,
    role: str,
    email: str | None,
    name: str,
    password_hash: str | None,
    scopes: list[str],
    customer_id: int | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> Principal | None:
    """Writes a principal, unless the e-mail or the customer has one already (then None)."""
    statement = (
        insert(Principal)
        .values(
            role=role,
            email=email,
            name=name,
            password_hash=password_hash,
            scopes=scopes,
            customer_id=customer_id,
            credentials_changed_at=now,
            created_at=now,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()
        .returning(Principal)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def set_password(session: AsyncSession, principal_id: int, *, password_hash: str, changed_at: datetime) -> None:
    await session.execute(
        update(Principal)
        .where(Principal.id == principal_id)
        .values(password_hash=password_hash, credentials_changed_at=changed_at)
    )


async def set_credentials_version(session: AsyncSession, principal_id: int, *, changed_at: datetime) -> None:
    await session.execute(
        update(Principal).where(Principal.id == principal_id).values(credentials_changed_at=changed_at)
    )


async def set_disabled(
    session: AsyncSession, principal_id: int, *, disabled_at: datetime | None, changed_at: datetime
) -> None:
    """Disables somebody or lets them in again. Tokens from before are worth nothing either way."""
    await session.execute(
        update(Principal)
        .where(Principal.id == principal_id)
        .values(disabled_at=disabled_at, credentials_changed_at=changed_at)
    )


async def list_services(session: AsyncSession) -> list[Principal]:
    """Every service that ever was, the latest first."""
    statement = select(Principal).where(Principal.role == "service").order_by(Principal.id.desc())
    return list((await session.execute(statement)).scalars())


async def add_refresh_token(
    session: AsyncSession, *, token_hash: bytes, family: str, principal_id: int, now: datetime, expires_at: datetime
) -> None:
    await session.execute(
        insert(RefreshToken).values(
            token_hash=token_hash, family=family, principal_id=principal_id, issued_at=now, expires_at=expires_at
        )
    )


async def lock_refresh_token(session: AsyncSession, token_hash: bytes) -> RefreshToken | None:
    statement = select(RefreshToken).where(RefreshToken.token_hash == token_hash).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def use_refresh_token(session: AsyncSession, token_hash: bytes, *, now: datetime) -> None:
    await session.execute(update(RefreshToken).where(RefreshToken.token_hash == token_hash).values(used_at=now))


async def revoke_family(session: AsyncSession, family: str, *, now: datetime) -> None:
    """Ends every refresh token that came from one sign-in."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def revoke_all(session: AsyncSession, principal_id: int, *, now: datetime) -> None:
    """Ends every refresh token of a principal."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.principal_id == principal_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
