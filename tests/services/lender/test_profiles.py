"""The lender's profile: versions, who may add them, the one in force, and working days by the table of holidays."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.db.models import AuditEvent, Holiday, LenderProfile
from app.domain.errors import DomainError
from app.domain.lender.profiles import LenderProfileInvalid, LenderVersion, LogoInvalid
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.services.lender import profiles
from app.services.lender.profiles import LenderProfileMissing, ProfileTooEarly
from app.services.products.calendars import count_working_days
from tests.domain.lender.test_profiles import LEAST
from tests.services.lending_desk import OFFICER, LendingHelper

ADMIN = Actor(role=Role.ADMIN, user_account_id=7)
TODAY = date(2026, 11, 21)


async def add(
    lending: LendingHelper, *, actor: Actor = ADMIN, day: date = TODAY, logo: bytes | None = None, **change: Any
) -> LenderVersion:
    async with lending.uow_factory.open(actor) as uow:
        return await profiles.add_version(uow, document=LEAST | change, effective_from=day, logo=logo)


async def in_force(lending: LendingHelper) -> int | None:
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = await profiles.find_profile(uow)
    return None if found is None else found.version


async def test_the_version_of_a_day(lending: LendingHelper) -> None:
    assert await in_force(lending) is None
    async with lending.uow_factory.open(SYSTEM) as uow:
        with pytest.raises(LenderProfileMissing):
            await profiles.get_profile(uow)
    assert (await add(lending)).version == 1
    assert (await add(lending, day=date(2026, 12, 1), name="Saral Bank")).version == 2
    assert await in_force(lending) == 1
    await lending.set_date(date(2026, 12, 1))
    assert await in_force(lending) == 2
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert [(each.version, each.profile.name) for each in await profiles.list_versions(uow)] == [
            (2, "Saral Bank"), (1, "Saral Finance Private Limited"),
        ]  # fmt: skip
        events = (await uow.session.execute(select(AuditEvent).order_by(AuditEvent.id))).scalars()
        assert [(event.actor, event.object_id) for event in events if event.action == "lender_profile_added"] == [
            ("admin:7", "1"), ("admin:7", "2"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong, error",
    [
        ({"actor": OFFICER}, Forbidden),
        ({"gstin": "29AAGCB7383J1Z5"}, LenderProfileInvalid),
        ({"logo": b"GIF89a"}, LogoInvalid),
        ({"logo": b"\x89PNG\r\n\x1a\n broken"}, LogoInvalid),
        ({"day": date(2026, 11, 20)}, ProfileTooEarly),
        ({"day": date(2026, 11, 30)}, ProfileTooEarly),
    ],
)
async def test_what_is_refused_changes_nothing(
    lending: LendingHelper, wrong: dict[str, Any], error: type[DomainError]
) -> None:
    await add(lending, day=date(2026, 12, 1))
    with pytest.raises(error):
        await add(lending, **wrong)
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert list((await uow.session.execute(select(LenderProfile.version))).scalars()) == [1]


async def test_working_days_by_the_table_of_holidays(lending: LendingHelper) -> None:
    """Saturday, 21 November 2026: with a holiday on Tuesday, three working days end on Thursday. Holidays of a calendar
    that is not the lender's do not count."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        for calendar, day in (("IN", date(2026, 11, 24)), ("KA", date(2026, 11, 23))):
            await uow.session.execute(insert(Holiday).values(calendar=calendar, on=day, name="a holiday"))
        found = [await count_working_days(uow, TODAY, days) for days in (1, 3)]
    assert found == [date(2026, 11, 23), date(2026, 11, 26)]
