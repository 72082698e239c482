"""The administrator's login is reported as it is in the books, and nothing else is printed or stored."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from app.commands.administrator import file_holds_login_of, seed_everything
from app.db.models import UserAccount
from app.domain.people.access import SYSTEM, Role
from app.services.operations import seeding
from app.services.operations.seeding import SeedReport, Standing
from app.services.people.access import create_user_account
from app.services.people.credentials import set_password
from app.services.people.passwords import Passwords
from app.services.people.staff import list_staff
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, SettingsError
from app.up import Admin

EMAIL = "admin@kist.example"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(threads=2)


@pytest.fixture
def bare(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a new KIST_HOME and without a password."""
    return settings.model_copy(update={"home": tmp_path, "admin_password": None})


async def seeded(uow_factory: UnitOfWorkFactory, settings: Settings, passwords: Passwords) -> tuple[SeedReport, Admin]:
    return await seed_everything(uow_factory, settings, passwords=passwords)


def kept(settings: Settings) -> dict[str, str]:
    path = settings.home / "admin.json"
    assert path.stat().st_mode & 0o777 == 0o600
    return dict(json.loads(path.read_text()))


async def right(uow_factory: UnitOfWorkFactory, passwords: Passwords, password: str) -> bool:
    found = await seeding.find_admin(uow_factory, passwords=passwords, email=EMAIL, password=password, wanted=False)
    return found.standing is Standing.RIGHT


async def admins(uow_factory: UnitOfWorkFactory) -> list[str | None]:
    async with uow_factory.open(SYSTEM) as uow:
        return [each.email for each in await list_staff(uow)]


async def test_new_books_get_a_password_that_is_shown_once(
    uow_factory: UnitOfWorkFactory, bare: Settings, passwords: Passwords
) -> None:
    report, admin = await seeded(uow_factory, bare, passwords)
    assert report.admin_created
    where = bare.home / "admin.json"
    assert admin == Admin(email=EMAIL, password=kept(bare)["password"], about=f"shown this once, kept in {where}")
    assert await right(uow_factory, passwords, kept(bare)["password"])
    report, admin = await seeded(uow_factory, bare, passwords)
    assert not report.admin_created
    assert admin == Admin(email=EMAIL, password=None, about=f"kept in {where}")


async def test_a_seed_that_failed_is_tried_again_and_then_shows_the_password(
    uow_factory: UnitOfWorkFactory, bare: Settings, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(seeding, "seed", fail)
        with pytest.raises(ConnectionError):
            await seeded(uow_factory, bare, passwords)
    made_up = kept(bare)["password"]
    _, admin = await seeded(uow_factory, bare, passwords)
    assert admin.password == made_up == kept(bare)["password"]
    assert await right(uow_factory, passwords, made_up)


async def test_restored_books_keep_their_password_and_none_is_made_up(
    uow_factory: UnitOfWorkFactory, bare: Settings, settings: Settings, passwords: Passwords
) -> None:
    await seeded(uow_factory, settings, passwords)
    report, admin = await seeded(uow_factory, bare, passwords)
    about = f"the one that these books hold; to set another: kist staff password {EMAIL}"
    assert (report.admin_created, admin) == (False, Admin(email=EMAIL, password=None, about=about))
    assert not (bare.home / "admin.json").exists()


async def test_restored_books_with_another_administrator_get_no_second_one(
    uow_factory: UnitOfWorkFactory, bare: Settings, settings: Settings, passwords: Passwords
) -> None:
    await seeded(uow_factory, settings.model_copy(update={"admin_email": "boss@bank.example"}), passwords)
    _, admin = await seeded(uow_factory, bare, passwords)
    about = "the one that these books hold; to set another: kist staff password boss@bank.example"
    assert admin == Admin(email="boss@bank.example", password=None, about=about)
    assert await admins(uow_factory) == ["boss@bank.example"]
    assert not (bare.home / "admin.json").exists()
    # A second administrator is made if the settings name one with a password.
    report, admin = await seeded(uow_factory, settings, passwords)
    assert (report.admin_created, admin.about) == (True, "as given in KIST_ADMIN_PASSWORD")
    assert await admins(uow_factory) == ["boss@bank.example", EMAIL]


async def test_a_wrong_password_is_reported_and_not_shown(
    uow_factory: UnitOfWorkFactory, bare: Settings, settings: Settings, passwords: Passwords
) -> None:
    await seeded(uow_factory, bare, passwords)
    await set_password(uow_factory, SYSTEM, passwords=passwords, email=EMAIL, password="another password")
    hint = f"; to set another: kist staff password {EMAIL}"
    _, admin = await seeded(uow_factory, bare, passwords)
    about = f"the one that these books hold ({bare.home / 'admin.json'} is not it)"
    assert admin == Admin(email=EMAIL, password=None, about=about + hint)
    assert not await file_holds_login_of(uow_factory, bare, EMAIL, passwords=passwords)
    given = settings.model_copy(update={"admin_password": SecretStr("not this one either")})
    _, admin = await seeded(uow_factory, given, passwords)
    assert admin.about == "the one that these books hold (KIST_ADMIN_PASSWORD is not it)" + hint
    _, admin = await seeded(
        uow_factory, settings.model_copy(update={"admin_password": SecretStr("another password")}), passwords
    )
    assert admin == Admin(email=EMAIL, password=None, about="as given in KIST_ADMIN_PASSWORD")


async def test_accounts_that_cannot_sign_in_are_named(
    uow_factory: UnitOfWorkFactory, bare: Settings, settings: Settings, passwords: Passwords
) -> None:
    await seeded(uow_factory, settings, passwords)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(update(UserAccount).values(disabled_at=uow.now))
        await create_user_account(uow, role=Role.OFFICER, name="Asha Rao", email="asha@example.com")
    _, admin = await seeded(uow_factory, settings, passwords)
    assert admin.about == "none: this account is disabled, and another administrator can enable it"
    _, admin = await seeded(uow_factory, settings.model_copy(update={"admin_email": "Asha@example.com"}), passwords)
    assert admin.about.startswith("none: the account with this address is no administrator")
    assert admin.password is None


async def test_of_two_starts_at_once_only_the_right_password_is_stored(
    uow_factory: UnitOfWorkFactory, bare: Settings, passwords: Passwords, tmp_path: Path
) -> None:
    homes = [bare.model_copy(update={"home": tmp_path / name}) for name in ("one", "two")]
    found = [admin for _, admin in await asyncio.gather(*(seeded(uow_factory, home, passwords) for home in homes))]
    assert len(await admins(uow_factory)) == 1
    for home, admin in zip(homes, found, strict=True):
        if admin.password is None:
            assert admin.about == f"the one that these books hold; to set another: kist staff password {EMAIL}"
            assert not (home.home / "admin.json").exists()
        else:
            assert await right(uow_factory, passwords, admin.password)
            assert kept(home)["password"] == admin.password
    assert [admin.password is None for admin in found].count(False) == 1


async def test_two_starts_in_one_home_have_the_same_password(
    uow_factory: UnitOfWorkFactory, bare: Settings, passwords: Passwords
) -> None:
    found = [admin for _, admin in await asyncio.gather(*(seeded(uow_factory, bare, passwords) for _ in range(2)))]
    assert {admin.password for admin in found} <= {None, kept(bare)["password"]}
    assert await right(uow_factory, passwords, kept(bare)["password"])


async def test_a_file_that_cannot_be_read_is_named(
    uow_factory: UnitOfWorkFactory, bare: Settings, passwords: Passwords
) -> None:
    (bare.home / "admin.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"admin\.json cannot be read: repair it, or remove it"):
        await seeded(uow_factory, bare, passwords)
