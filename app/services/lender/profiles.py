"""The lender's profile: reads the version of a day, and adds a version, which an admin does.

A version never changes. A mistake in one is corrected by the next. The versions are in the order of their first days,
so that the latest version whose day has come is in force.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.db.repositories.lender import profiles as repository
from app.documents.canvas import can_draw
from app.domain.errors import Invalid, NotFound
from app.domain.lender.profiles import MOST_LOGO_SIDE, LenderVersion, LogoInvalid, check_logo, parse_profile
from app.domain.people.access import Forbidden, Role
from app.services.unit_of_work import UnitOfWork


class LenderProfileMissing(NotFound):
    """No profile of the lender is in force. An admin adds one."""

    code = "lender_profile_missing"


class ProfileTooEarly(Invalid):
    """The version would be in force from a day that has passed, or before an earlier version. Name the business date or
    a later day."""

    code = "lender_profile_too_early"


async def find_profile(uow: UnitOfWork, *, on: date | None = None) -> LenderVersion | None:
    """The profile of a day, by default the business date; None where nobody has added one."""
    return await repository.find_in_force(uow.reader, on=on or await uow.business_date())


async def get_profile(uow: UnitOfWork, *, on: date | None = None) -> LenderVersion:
    """The profile of a day, by default the business date. Raises LenderProfileMissing."""
    found = await find_profile(uow, on=on)
    if found is None:
        raise LenderProfileMissing("no profile of the lender is in force on this day")
    return found


async def list_versions(uow: UnitOfWork) -> list[LenderVersion]:
    """All versions, the newest first."""
    return await repository.list_versions(uow.session)


async def add_version(
    uow: UnitOfWork, *, document: Mapping[str, Any], effective_from: date, logo: bytes | None
) -> LenderVersion:
    """Writes the next version. Raises Forbidden, LenderProfileInvalid, LogoInvalid, ProfileTooEarly."""
    if uow.actor.role not in {Role.ADMIN, Role.SYSTEM}:
        raise Forbidden("only an admin may change the lender's profile")
    profile = parse_profile(document)
    if logo is not None:
        check_logo(logo)
        if not can_draw(logo, side_at_most=MOST_LOGO_SIDE):
            raise LogoInvalid("the logo cannot be read as a picture", field="logo")
    number, latest_from = await repository.find_latest_version(uow.session)
    earliest = max(filter(None, (await uow.business_date(), latest_from)))
    if effective_from < earliest:
        raise ProfileTooEarly(f"a version begins on {earliest} or later", field="effective_from", earliest=earliest)
    version = LenderVersion(version=number + 1, effective_from=effective_from, profile=profile, logo=logo)
    await repository.add_version(uow.session, version, now=uow.now, actor=uow.actor.label)
    details = {"effective_from": effective_from.isoformat()}
    await uow.record(
        "lender_profile_added", object_kind="lender_profile", object_id=str(version.version), details=details
    )
    return version
