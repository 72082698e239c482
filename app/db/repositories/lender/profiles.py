"""Versions of the lender's profile. A version never changes."""

from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import LenderProfile as Row
from app.db.session import Reader
from app.db.statements import Statement
from app.domain.lender.profiles import LenderVersion, parse_profile, profile_document

_IN_FORCE = Statement(
    "SELECT version, effective_from, details::text AS details, logo FROM lender_profiles "
    "WHERE effective_from <= :on ORDER BY version DESC LIMIT 1"
)


async def find_in_force(reader: AsyncSession | Reader, *, on: date) -> LenderVersion | None:
    """The version in force on a day, the latest one with `effective_from` on or before it; None if there is none."""
    row = await _IN_FORCE.find(reader, on=on)
    return None if row is None else _version(row, orjson.loads(row.details))


async def list_versions(session: AsyncSession) -> list[LenderVersion]:
    """All versions, the newest first."""
    statement = select(Row.version, Row.effective_from, Row.details, Row.logo).order_by(Row.version.desc())
    return [_version(row, row.details) for row in await session.execute(statement)]


async def find_latest_version(session: AsyncSession) -> tuple[int, date | None]:
    """The number and the first day of the latest version; 0 and None if there is none."""
    statement = select(func.coalesce(func.max(Row.version), 0), func.max(Row.effective_from))
    version, effective_from = (await session.execute(statement)).one()
    return int(version), effective_from


async def add_version(session: AsyncSession, version: LenderVersion, *, now: datetime, actor: str) -> None:
    """Writes a version. A version that exists already is a fault of the database (`already_exists`)."""
    await session.execute(
        insert(Row).values(
            version=version.version,
            effective_from=version.effective_from,
            details=profile_document(version.profile),
            logo=version.logo,
            created_at=now,
            actor=actor,
        )
    )


def _version(row: Any, details: dict[str, Any]) -> LenderVersion:
    return LenderVersion(
        version=row.version, effective_from=row.effective_from, profile=parse_profile(details), logo=row.logo
    )
