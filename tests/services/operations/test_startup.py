"""What production does not start with: each refusal, and the role that we are, against the real database."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.models import Customer
from app.db.repositories.operations.startup import CHANGING_COLUMNS, WRITTEN_ONCE
from app.db.repositories.people.customers import add_identities
from app.db.session import create_session_factory
from app.domain.people.access import SYSTEM
from app.services.operations.startup import StartRefused, check_start
from app.services.people.vault import create_vault
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests import databases
from tests.services.conftest import START, SilentJobQueue


def random_looking(text: str) -> SecretStr:
    return SecretStr(base64.b64encode((text * 2).encode()[:32]).decode())


SAFE: dict[str, Any] = {
    "env": "production",
    "jwt_secret": random_looking("0123456789abcdefghijklmnopqrstuv"),
    "aadhaar_key": random_looking("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,"),
    "aadhaar_index_key": random_looking("zaq1xsw2cde3vfr4bgt5nhy6mju7,ki8"),
    "audit_key": random_looking("poiuytrewqlkjhgfdsamnbvcxz098765"),
    "aadhaar_check": "checksum",
    "redis_url": "redis://:a-long-password@nowhere.invalid:6379/0",
}


@pytest.fixture
def safe(settings: Settings) -> Settings:
    return settings.model_copy(update=SAFE)


async def refusal(uow_factory: UnitOfWorkFactory, settings: Settings, *, is_open: bool = False) -> list[str]:
    async def queue_is_open() -> bool:
        return is_open

    try:
        await check_start(uow_factory, settings, queue_is_open=queue_is_open)
    except StartRefused as error:
        return str(error).split("\n")
    return []


async def test_production_starts_with_what_is_safe(uow_factory: UnitOfWorkFactory, safe: Settings) -> None:
    assert await refusal(uow_factory, safe) == []


@pytest.mark.parametrize(
    "change, line",
    [
        (
            {"jwt_secret": SecretStr("please-change-me-before-you-go-live-2026")},
            "KIST_JWT_SECRET is not random: make one with `openssl rand -base64 32`",
        ),
        ({"admin_password": SecretStr("elevenchars")}, "KIST_ADMIN_PASSWORD must have 12 characters or more"),
        ({"jwt_secret": SecretStr("a" * 40)}, "KIST_JWT_SECRET is not random: make one with `openssl rand -base64 32`"),
        (
            {"audit_key": SecretStr(base64.b64encode(b"S" * 32).decode())},
            "KIST_AUDIT_KEY is not random: make one with `openssl rand -base64 32`",
        ),
        (
            {"audit_key": SAFE["aadhaar_index_key"]},
            "KIST_AADHAAR_INDEX_KEY and KIST_AUDIT_KEY are the same: each secret has one purpose",
        ),
        (
            {"aadhaar_check": "format"},
            "KIST_AADHAAR_CHECK must be checksum: format lets through numbers that are nobody's",
        ),
        (
            {"owner_database_url": "postgresql+asyncpg://kist_owner:kistowner@db/kist"},
            "KIST_OWNER_DATABASE_URL holds the password of an example",
        ),
        ({"redis_url": "redis://valkey:6379/0"}, "KIST_REDIS_URL has no password"),
        ({"redis_url": "redis://:kistvalkey@valkey/0"}, "KIST_REDIS_URL holds the password of an example"),
        ({"redis_url": "unix:///nowhere/v.sock?db=0"}, "KIST_REDIS_URL: there is no directory /nowhere"),
    ],
)
async def test_each_refusal_is_one_line(
    uow_factory: UnitOfWorkFactory, safe: Settings, change: dict[str, Any], line: str
) -> None:
    unsafe = safe.model_copy(update=change)
    assert await refusal(uow_factory, unsafe) == [line]
    assert await refusal(uow_factory, unsafe.model_copy(update={"env": "development"})) == []


async def test_all_that_is_wrong_is_said_at_once(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    lines = await refusal(uow_factory, settings.model_copy(update={"env": "production", "redis_url": "redis://valkey"}))
    assert [line.split(" ")[0] for line in lines] == [
        "KIST_JWT_SECRET", "KIST_AADHAAR_KEY", "KIST_AADHAAR_INDEX_KEY", "KIST_AUDIT_KEY", "KIST_AADHAAR_CHECK",
        "KIST_REDIS_URL",
    ]  # fmt: skip


async def test_a_socket_is_as_private_as_its_directory(
    uow_factory: UnitOfWorkFactory, safe: Settings, tmp_path: Path
) -> None:
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    private = safe.model_copy(update={"redis_url": f"unix://{sockets}/valkey.sock?db=0"})
    assert await refusal(uow_factory, private) == []
    sockets.chmod(0o755)
    assert await refusal(uow_factory, private) == [
        f"KIST_REDIS_URL has no password, and others may enter {sockets}: chmod 700 it"
    ]


async def test_a_valkey_that_answers_anybody(uow_factory: UnitOfWorkFactory, safe: Settings) -> None:
    assert await refusal(uow_factory, safe, is_open=True) == ["KIST_REDIS_URL: this Valkey answers without a password"]


async def test_a_held_business_date(uow_factory: UnitOfWorkFactory, safe: Settings) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(date(2027, 1, 31))
    assert await refusal(uow_factory, safe) == [
        "the business date is held at 2027-01-31: this database was used for tests"
    ]


async def test_a_database_that_does_not_answer(safe: Settings) -> None:
    engine = create_async_engine("postgresql+asyncpg://kist_app@127.0.0.1:1/kist")
    uow_factory = UnitOfWorkFactory(sessions=create_session_factory(engine), job_queue=SilentJobQueue())
    assert await refusal(uow_factory, safe) == [
        "KIST_DATABASE_URL: the database does not answer as it should, so its role cannot be checked"
    ]


# --- roles -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def desk_of(dsn: str) -> AsyncIterator[UnitOfWorkFactory]:
    engine = create_async_engine(dsn)
    yield UnitOfWorkFactory(sessions=create_session_factory(engine), job_queue=SilentJobQueue(), clock=lambda: START)
    await engine.dispose()


def as_role(dsn: str, role: str) -> str:
    return make_url(dsn).set(username=role).render_as_string(hide_password=False)


@pytest.mark.skipif(
    databases.given_address("DATABASE_URL") is not None, reason="a given server's superuser is not ours"
)
async def test_a_superuser_is_refused(safe: Settings, clean_database: None, dsn: str) -> None:
    async with desk_of(as_role(dsn, "postgres")) as uow_factory:
        assert await refusal(uow_factory, safe) == ["KIST_DATABASE_URL: the role postgres is a superuser"]


async def test_the_owner_of_the_tables_is_refused(safe: Settings, clean_database: None, owner_dsn: str) -> None:
    owner = make_url(owner_dsn).username
    async with desk_of(owner_dsn) as uow_factory:
        assert await refusal(uow_factory, safe) == [
            f"KIST_DATABASE_URL: the role {owner} owns the tables; they belong to the role that migrates"
        ]


@pytest.mark.parametrize(
    "right, line",
    [
        ("DELETE ON transfers", "transfers: DELETE"),
        ("TRUNCATE ON audit_seals", "audit_seals: TRUNCATE"),
        ("UPDATE (amount_paise) ON payments", "payments: UPDATE of amount_paise"),
    ],
)
async def test_a_role_that_may_change_the_books_is_refused(
    uow_factory: UnitOfWorkFactory, safe: Settings, owner_dsn: str, dsn: str, right: str, line: str
) -> None:
    role = make_url(dsn).username
    async with databases.connection(owner_dsn) as owner:
        await owner.execute(f"GRANT {right} TO {role}")
        try:
            assert await refusal(uow_factory, safe) == [
                f"KIST_DATABASE_URL: the role {role} may change what is written once ({line})"
            ]
        finally:
            await owner.execute(f"REVOKE {right} FROM {role}")


@pytest.mark.parametrize(
    "change, lines",
    [
        ({}, []),
        (
            {"aadhaar_key": random_looking("another1qaz2wsx3edc4rfv5tgb6yhn7")},
            ["KIST_AADHAAR_KEY: the stored numbers of key version 1 do not open"],
        ),
        (
            {"aadhaar_key": random_looking("another1qaz2wsx3edc4rfv5tgb6yhn7"), "aadhaar_key_version": 2},
            ["KIST_AADHAAR_KEY: the stored numbers of key version 1 do not open"],
        ),
        (
            {"aadhaar_index_key": random_looking("another1qaz2wsx3edc4rfv5tgb6yhn7")},
            ["KIST_AADHAAR_INDEX_KEY is not the one under which the stored numbers are found"],
        ),
    ],
)
async def test_the_keys_are_those_of_the_stored_numbers(
    uow_factory: UnitOfWorkFactory, safe: Settings, change: dict[str, Any], lines: list[str]
) -> None:
    vault = create_vault(safe)
    async with uow_factory.open(SYSTEM) as uow:
        for customer_id, aadhaar in enumerate(("234123412346", "987654321096"), start=1):
            sealed = vault.seal(aadhaar, customer_id=customer_id)
            await uow.session.execute(
                insert(Customer).values(
                    customer_id=customer_id,
                    state="customer",
                    name="Asha Rao",
                    aadhaar_ciphertext=sealed.ciphertext,
                    aadhaar_key_version=sealed.key_version,
                    aadhaar_last_four=sealed.last_four,
                    created_at=uow.now,
                    actor="system",
                )
            )
            owners = {vault.index(aadhaar): customer_id}
            await add_identities(uow.session, kind="aadhaar", owners=owners)
    assert await refusal(uow_factory, safe.model_copy(update=change)) == lines


async def columns_of(engine: AsyncEngine, table: str) -> list[str]:
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'",
            (table,),
        )
        return [row[0] for row in found]


@pytest.mark.parametrize("table", [*WRITTEN_ONCE, *CHANGING_COLUMNS])
async def test_the_application_cannot_change_what_is_written_once(engine: AsyncEngine, dsn: str, table: str) -> None:
    changing = CHANGING_COLUMNS.get(table, frozenset())
    written_once = [column for column in await columns_of(engine, table) if column not in changing]
    assert len(written_once) >= 3
    attempts = [f"UPDATE {table} SET {column} = {column}" for column in written_once]
    attempts += [f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table} CASCADE"]
    attempts += [f"ALTER TABLE {table} DISABLE TRIGGER ALL"]
    async with databases.connection(dsn) as application:
        for attempt in attempts:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await application.execute(attempt)
        for column in changing:
            assert await application.execute(f"UPDATE {table} SET {column} = {column}") == "UPDATE 0"


async def test_the_application_does_not_choose_the_number_of_an_event(engine: AsyncEngine, dsn: str) -> None:
    columns = "at, actor, action, object_kind, object_id, details"
    async with databases.connection(dsn) as application:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(
                f"INSERT INTO audit_events (id, {columns}) VALUES (1, now(), 'x', 'x', 'x', 'x', '{{}}')"
            )
