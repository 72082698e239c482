"""Principals and refresh tokens, as rows."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import BatchingReader, Lookup
from app.db.models import RefreshToken, UserAccount
from app.db.repositories.unit_of_work import Clock
from app.db.session import Reader
from app.domain.people.access import credentials_version


class Standing(NamedTuple):
    """What a token is held against, on every request, and the clock that nearly every request needs too."""

    role: str
    customer_id: int | None
    scopes: frozenset[str]
    credentials: int
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


def standing_of(row: Any) -> Standing:
    """The standing that a row with the columns of a user account and of the clock tells of."""
    return Standing(
        row.role,
        row.customer_id,
        frozenset(row.scopes),
        credentials_version(row.credentials_changed_at),
        row.disabled_at,
        clock_of(row),
    )


def clock_of(row: Any) -> Clock | None:
    """The business clock that a row was joined with; None where none is stored."""
    return None if row.business_date is None else Clock(business_date=row.business_date, held=row.held)


_STANDING = Lookup(
    """
SELECT p.id, p.role, p.customer_id, p.scopes, p.credentials_changed_at, p.disabled_at, c.business_date, c.held
FROM user_accounts AS p LEFT JOIN business_clock AS c ON true
WHERE p.id = ANY(:ids)
""",
    key=["id"],
    read=standing_of,
    is_filled_up=True,
)


async def find_standing(reader: AsyncSession | Reader, user_account_id: int) -> Standing | None:
    """The standing of a user account, or None. Requests of one account at a time share it."""
    found: Standing | None = await _STANDING.find(reader, user_account_id)
    return found


def ask_standing(reader: BatchingReader, user_account_id: int) -> Awaitable[Standing | None]:
    """The same, asked for now and waited for later."""
    return reader.data_loader.ask(_STANDING, (user_account_id,))


async def find_user_account(session: AsyncSession, user_account_id: int) -> UserAccount | None:
    return (await session.execute(select(UserAccount).where(UserAccount.id == user_account_id))).scalar_one_or_none()


async def find_user_account_by_email(session: AsyncSession, email: str) -> UserAccount | None:
    """The user account of an e-mail address, which is given in lower case."""
    return (await session.execute(select(UserAccount).where(UserAccount.email == email))).scalar_one_or_none()


async def find_user_account_of_customer(session: AsyncSession, customer_id: int) -> UserAccount | None:
    statement = select(UserAccount).where(UserAccount.customer_id == customer_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_staff(session: AsyncSession, roles: Iterable[str]) -> list[StaffAccount]:
    """Everybody of these roles, disabled or not, in the order of their names."""
    columns = [getattr(UserAccount, known.name) for known in fields(StaffAccount)]
    rows = await session.execute(
        select(*columns).where(UserAccount.role.in_(list(roles))).order_by(UserAccount.name, UserAccount.id)
    )
    return [StaffAccount(**row) for row in rows.mappings()]


async def lock_admins(session: AsyncSession) -> frozenset[int]:
    """The admins who are not disabled, so that none of them is disabled by somebody else meanwhile."""
    statement = (
        select(UserAccount.id)
        .where(UserAccount.role == "admin", UserAccount.disabled_at.is_(None))
        .order_by(UserAccount.id)
        .with_for_update(key_share=True)
    )
    return frozenset((await session.execute(statement)).scalars())


async def lock_user_account(session: AsyncSession, user_account_id: int) -> UserAccount | None:
    """The user account as it is now, so that two changes of its credentials come one after the other."""
    statement = (
        select(UserAccount)
        .where(UserAccount.id == user_account_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def add_user_account(
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
) -> UserAccount | None:
    """Writes a user account, unless the e-mail or the customer has one already (then None)."""
    statement = (
        insert(UserAccount)
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
        .returning(UserAccount)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def set_password(
    session: AsyncSession, user_account_id: int, *, password_hash: str, changed_at: datetime
) -> None:
    await session.execute(
        update(UserAccount)
        .where(UserAccount.id == user_account_id)
        .values(password_hash=password_hash, credentials_changed_at=changed_at)
    )


async def set_credentials_version(session: AsyncSession, user_account_id: int, *, changed_at: datetime) -> None:
    await session.execute(
        update(UserAccount).where(UserAccount.id == user_account_id).values(credentials_changed_at=changed_at)
    )


async def set_disabled(
    session: AsyncSession, user_account_id: int, *, disabled_at: datetime | None, changed_at: datetime
) -> None:
    """Disables somebody or lets them in again. Tokens from before are worth nothing either way."""
    await session.execute(
        update(UserAccount)
        .where(UserAccount.id == user_account_id)
        .values(disabled_at=disabled_at, credentials_changed_at=changed_at)
    )


async def list_services(session: AsyncSession) -> list[UserAccount]:
    """Every service that ever was, the latest first."""
    statement = select(UserAccount).where(UserAccount.role == "service").order_by(UserAccount.id.desc())
    return list((await session.execute(statement)).scalars())


async def add_refresh_token(
    session: AsyncSession, *, token_hash: bytes, family: str, user_account_id: int, now: datetime, expires_at: datetime
) -> None:
    await session.execute(
        insert(RefreshToken).values(
            token_hash=token_hash, family=family, user_account_id=user_account_id, issued_at=now, expires_at=expires_at
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


async def revoke_all(session: AsyncSession, user_account_id: int, *, now: datetime) -> None:
    """Ends every refresh token of a user account."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_account_id == user_account_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def update_email(session: AsyncSession, *, customer_id: int, email: str) -> None:
    """Writes the e-mail address of a customer's account, if the customer has one."""
    await session.execute(update(UserAccount).where(UserAccount.customer_id == customer_id).values(email=email))
