"""The first administrator's login: given in the environment, or generated once and kept in KIST_HOME.

A login is tried before it is shown. The database may hold another password, because it was restored from a backup or
because the administrator changed the password.
"""

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from app.kept_secrets import write_once
from app.services.operations import seeding
from app.services.operations.seeding import FoundAdmin, SeedReport, Standing
from app.services.people.password_proof import normalise_email
from app.services.people.passwords import Passwords
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, SettingsError
from app.up import Admin

ADMIN_FILE = "admin.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An email address and a password. They may be wrong."""

    email: str
    password: str


def admin_file(settings: Settings) -> Path:
    return settings.home.resolve() / ADMIN_FILE


def find_login(settings: Settings) -> Login | None:
    """The login that was given, else the one that is kept, else None. Raises SettingsError."""
    if settings.admin_password is not None:
        return Login(email=settings.admin_email, password=settings.admin_password.get_secret_value())
    path = admin_file(settings)
    try:
        kept = json.loads(path.read_text())
        return Login(email=str(kept["email"]), password=str(kept["password"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} cannot be read: repair it, or remove it and set KIST_ADMIN_PASSWORD") from None


async def file_holds_login_of(
    uow_factory: UnitOfWorkFactory, settings: Settings, email: str, *, passwords: Passwords
) -> bool:
    """Whether the file in KIST_HOME holds the password that this account has in the database."""
    login = find_login(settings.model_copy(update={"admin_password": None}))
    if login is None or normalise_email(login.email) != normalise_email(email):
        return False
    found = await seeding.find_admin(
        uow_factory, passwords=passwords, email=login.email, password=login.password, wanted=False
    )
    return found.standing is Standing.RIGHT


async def seed_everything(
    uow_factory: UnitOfWorkFactory, settings: Settings, *, passwords: Passwords
) -> tuple[SeedReport, Admin]:
    """Seeds what is missing, also the first administrator, and returns what to show of the administrator's login."""
    login = find_login(settings)
    given, generated = settings.admin_password is not None, False

    async def find_admin() -> FoundAdmin:
        email, password = (login.email, login.password) if login else (settings.admin_email, None)
        return await seeding.find_admin(uow_factory, passwords=passwords, email=email, password=password, wanted=given)

    found = await find_admin()
    is_missing = found.standing is Standing.MISSING
    if is_missing and login is None:
        login, generated = _generate_login(settings), True
    report = await seeding.seed(
        uow_factory,
        passwords=passwords,
        admin_email=login.email if login else settings.admin_email,
        admin_password=login.password if login and is_missing else None,
        with_samples=not settings.is_production,
    )
    if is_missing:
        found = await find_admin()
        if generated and found.standing is not Standing.RIGHT:
            # Another process created the administrator first, with another password, so ours is of no use.
            admin_file(settings).unlink(missing_ok=True)
            login = None
    return report, _describe(settings, found, login=login, is_new=report.admin_created)


def _describe(settings: Settings, found: FoundAdmin, *, login: Login | None, is_new: bool) -> Admin:
    given, path = settings.admin_password is not None, admin_file(settings)
    source = "as given in KIST_ADMIN_PASSWORD" if given else f"kept in {path}"
    if found.standing is Standing.RIGHT:
        assert login is not None, "only a known login can be right"
        shown = login.password if is_new and not given else None
        return Admin(email=found.email, password=shown, about=f"shown this once, {source}" if shown else source)
    about = {
        Standing.OTHER: "the one that these books hold",
        Standing.DISABLED: "none: this account is disabled, and another administrator can enable it",
        Standing.NO_ADMIN: "none: the account with this address is no administrator; give another KIST_ADMIN_EMAIL",
    }[found.standing]
    if login is not None and found.standing is Standing.OTHER:
        about += f" ({'KIST_ADMIN_PASSWORD' if given else path} is not it)"
    if found.standing is Standing.OTHER:
        about += f"; to set another: kist staff password {found.email}"
    return Admin(email=found.email, password=None, about=about)


def _generate_login(settings: Settings) -> Login:
    """Generates a password for a new administrator and keeps it in KIST_HOME before it is used.

    If another process has kept one meanwhile, returns that one. Raises SettingsError.
    """
    alphabet = string.ascii_letters + string.digits
    password = "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))
    path = admin_file(settings)
    try:
        write_once(path, json.dumps({"email": settings.admin_email, "password": password}, indent=2) + "\n")
    except OSError as error:
        raise SettingsError(f"KIST_HOME: cannot keep a password in {path}: {error.strerror}") from None
    login = find_login(settings)
    assert login is not None, "the file was just written"
    return login
