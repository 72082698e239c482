"""Check values of keys as rows, and whether anything is sealed under a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Customer, KeyCheck
from app.db.repositories.people.customers import SealedNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the books know of one key."""

    key: str
    version: int
    value: bytes
    retired: bool


async def list_noted(session: AsyncSession) -> list[Noted]:
    """Every key that these books were ever written under."""
    rows = await session.execute(select(KeyCheck))
    return [
        Noted(key=row.key, version=row.version, value=row.value, retired=row.retired_at is not None)
        for row in rows.scalars()
    ]


async def add_noted(session: AsyncSession, notes: Sequence[Noted], *, now: datetime) -> None:
    """Writes check values, where nobody was faster."""
    rows = [{"key": note.key, "version": note.version, "value": note.value, "noted_at": now} for note in notes]
    await session.execute(insert(KeyCheck).values(rows).on_conflict_do_nothing())


async def retire_versions(session: AsyncSession, key: str, *, but: int, now: datetime) -> None:
    """Notes that everything is under one version of a key, and nothing under any other."""
    others = update(KeyCheck).where(KeyCheck.key == key, KeyCheck.version != but, KeyCheck.retired_at.is_(None))
    await session.execute(others.values(retired_at=now))


async def revive_version(session: AsyncSession, key: str, version: int) -> None:
    """Notes that a version is in use again."""
    statement = update(KeyCheck).where(KeyCheck.key == key, KeyCheck.version == version)
    await session.execute(statement.values(retired_at=None))


async def list_sealed_versions(session: AsyncSession) -> set[int]:
    """The versions under which Aadhaar numbers are sealed. Goes through all of them, however long that takes."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    versions = select(Customer.aadhaar_key_version).where(Customer.aadhaar_key_version.is_not(None)).distinct()
    return {version for version in (await session.execute(versions)).scalars() if version is not None}


async def find_number_under(session: AsyncSession, version: int) -> SealedNumber | None:
    """Any number that is sealed under a version."""
    statement = select(
        Customer.customer_id,
        Customer.aadhaar_ciphertext.label("ciphertext"),
        Customer.aadhaar_key_version.label("key_version"),
    ).where(Customer.aadhaar_key_version == version)
    row = (await session.execute(statement.limit(1))).mappings().one_or_none()
    return None if row is None else SealedNumber(**row)
