"""What production does not start with, and what nothing starts with: keys that are not those of the books.

A service that runs under a superuser, or with the secrets of an example, works just as well as a safe one: nobody
notices until it is too late. So the API and the worker look at what they were given before they serve, and say in one
line each what must be put right. Development and tests start with anything.
"""

import stat
from collections.abc import Awaitable, Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import structlog

from app.db.errors import is_database_error, is_table_missing, why_unreachable
from app.db.reach import find_obstacle
from app.db.repositories import unit_of_work as uow_repository
from app.db.repositories.operations import startup as repository
from app.db.repositories.operations.startup import RoleFacts
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import SealedNumber
from app.db.repositories.unit_of_work import Clock
from app.domain.people.access import SYSTEM
from app.kept_secrets import SECRET_FIELDS, forget_new_secrets
from app.services.people.keys import KeysDiffer, check_keys
from app.services.people.vault import SealBroken, create_vault
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, decode_key, variable_names

#: 32 random bytes hold fewer than 16 different ones once in 10^14 times; what people type or repeat does.
FEWEST_DIFFERENT_BYTES: Final = 16
WORDS_OF_EXAMPLES: Final = (b"change", b"secret", b"example", b"password", b"default", b"0123456789", b"abcdefgh")
SHORTEST_ADMIN_PASSWORD: Final = 12
#: Passwords that stand in this repository.
KNOWN_PASSWORDS: Final = frozenset({"kistapp", "kistowner", "kistvalkey", "postgres", "password", "kist"})
SHOWN_RIGHTS: Final = 3

log = structlog.get_logger(__name__)


class StartRefused(Exception):
    """It does not start like this; each line of the message says what to put right."""


async def check_start(
    uow_factory: UnitOfWorkFactory, settings: Settings, *, queue_is_open: Callable[[], Awaitable[bool]]
) -> None:
    """Looks at everything once, in production; at the keys of the books everywhere. `queue_is_open` finds out whether
    the queue lets in whoever knocks. Outside production a database that is away is not waited for.

    Raises StartRefused.
    """
    lines = judge_what_was_given(settings)
    if settings.is_production and not lines and await queue_is_open():
        lines.append("KIST_REDIS_URL: this Valkey answers without a password")
    try:
        lines += await _judge_books(uow_factory, settings, note=not lines)
    except Exception as error:
        if settings.is_production and not is_table_missing(error) and (is_database_error(error) or _is_away(error)):
            lines.append("KIST_DATABASE_URL: the database does not answer as it should, so its role cannot be checked")
        elif settings.is_production or not _is_away(error):
            raise
        else:
            log.warning("keys not checked: the database does not answer", error=type(error).__name__)
    if lines:
        raise StartRefused("\n".join(lines))


def judge_what_was_given(settings: Settings) -> list[str]:
    """What can be told without asking anybody: nothing outside production."""
    if not settings.is_production:
        return []
    return [*judge_settings(settings), *judge_queue(settings.redis_dsn)]


async def check_given(settings: Settings) -> None:
    """Looks at the settings and knocks at the database's doors, for who is about to write. Raises StartRefused."""
    lines = judge_what_was_given(settings)
    addresses = {"KIST_OWNER_DATABASE_URL": settings.owner_database_url, "KIST_DATABASE_URL": settings.app_dsn}
    for name, dsn in addresses.items():
        if dsn is not None and (reason := await find_obstacle(dsn)) is not None:
            lines.append(f"{name}: {reason}")
    if lines:
        raise StartRefused("\n".join(lines))


async def check_books(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    """That the database answers, and that its books are written under our keys. Raises StartRefused, KeysDiffer."""
    try:
        await check_keys(uow_factory, settings)
    except Exception as error:
        if (reason := why_unreachable(error)) is None:
            raise
        raise StartRefused(f"KIST_DATABASE_URL: {reason}") from None


def _is_away(error: Exception) -> bool:
    return why_unreachable(error) is not None


async def _judge_books(uow_factory: UnitOfWorkFactory, settings: Settings, *, note: bool) -> list[str]:
    lines: list[str] = []
    if settings.is_production:
        async with uow_factory.open(SYSTEM) as uow:
            role = await repository.get_role_facts(uow.session)
            clock = await uow_repository.find_clock(uow.session)
            numbers = await customer_repository.list_indexed_numbers(uow.session)
        of_keys = judge_vault(settings, numbers)
        lines = judge_role(role) + judge_clock(clock) + of_keys
        if of_keys:
            return lines
    try:
        await check_keys(uow_factory, settings, note=note and not lines)
    except KeysDiffer as error:
        forget_new_secrets()
        lines.append(str(error))
    return lines


def judge_settings(settings: Settings) -> list[str]:
    """What is wrong with the secrets, and with the check of Aadhaar numbers."""
    names = {field: variable_names(field)[0] for field in SECRET_FIELDS}
    values = {field: _secret_bytes(settings, field) for field in SECRET_FIELDS}
    lines = [
        f"{names[field]} is not random: make one with `openssl rand -base64 32`"
        for field, value in values.items()
        if len(set(value)) < FEWEST_DIFFERENT_BYTES or any(word in value.lower() for word in WORDS_OF_EXAMPLES)
    ]
    lines += [
        f"{names[one]} and {names[other]} are the same: each secret has one purpose"
        for one, other in combinations(SECRET_FIELDS, 2)
        if values[one] == values[other]
    ]
    if settings.aadhaar_check != "checksum":
        lines.append("KIST_AADHAAR_CHECK must be checksum: format lets through numbers that are nobody's")
    if settings.admin_password is not None and (
        len(settings.admin_password.get_secret_value()) < SHORTEST_ADMIN_PASSWORD
    ):
        lines.append(f"KIST_ADMIN_PASSWORD must have {SHORTEST_ADMIN_PASSWORD} characters or more")
    for field in ("database_url", "owner_database_url"):
        if urlsplit(getattr(settings, field) or "").password in KNOWN_PASSWORDS:
            lines.append(f"{variable_names(field)[0]} holds the password of an example")
    return lines


def judge_queue(redis_dsn: str) -> list[str]:
    """A Valkey is reached with a password, or by a socket in a directory that nobody else may enter."""
    parts = urlsplit(redis_dsn)
    if parts.scheme != "unix":
        if not parts.password:
            return ["KIST_REDIS_URL has no password"]
        return ["KIST_REDIS_URL holds the password of an example"] if parts.password in KNOWN_PASSWORDS else []
    directory = Path(unquote(parts.path)).parent
    try:
        mode = directory.stat().st_mode
    except OSError:
        return [f"KIST_REDIS_URL: there is no directory {directory}"]
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not parts.password:
        return [f"KIST_REDIS_URL has no password, and others may enter {directory}: chmod 700 it"]
    return []


def judge_role(role: RoleFacts) -> list[str]:
    """The application's role only does what the application does."""
    if role.is_superuser:
        return [f"KIST_DATABASE_URL: the role {role.name} is a superuser"]
    if role.owned_tables:
        return [f"KIST_DATABASE_URL: the role {role.name} owns the tables; they belong to the role that migrates"]
    if role.needless_rights:
        shown, more = role.needless_rights[:SHOWN_RIGHTS], len(role.needless_rights) - SHOWN_RIGHTS
        rights = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        return [f"KIST_DATABASE_URL: the role {role.name} may change what is written once ({rights})"]
    return []


def judge_clock(clock: Clock | None) -> list[str]:
    if clock is not None and clock.held:
        return [f"the business date is held at {clock.business_date}: this database was used for tests"]
    return []


def judge_vault(settings: Settings, numbers: Sequence[tuple[bytes, SealedNumber]]) -> list[str]:
    """What is sealed under one key must not be joined by what is sealed under another of the same version."""
    vault = create_vault(settings)
    for value, number in numbers:
        try:
            opened = vault.open(number.ciphertext, key_version=number.key_version, customer_id=number.customer_id)
        except SealBroken:
            return [f"KIST_AADHAAR_KEY: the stored numbers of key version {number.key_version} do not open"]
        if vault.index(opened) != value:
            return ["KIST_AADHAAR_INDEX_KEY is not the one under which the stored numbers are found"]
    return []


def _secret_bytes(settings: Settings, field: str) -> bytes:
    secret = getattr(settings, field)
    return secret.get_secret_value().encode() if field == "jwt_secret" else decode_key(secret)
