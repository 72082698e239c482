"""Whoever opens the books with other keys than those they were written under is turned away, and changes nothing."""

import asyncio
import base64
import hmac
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import insert

from app.db.models import Customer
from app.db.repositories.people.customers import add_identities
from app.domain.people.access import SYSTEM
from app.services.operations import audit
from app.services.operations.startup import StartRefused, check_start
from app.services.people import identity
from app.services.people.keys import KeysDiffer, check_keys
from app.services.people.vault import create_vault
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, decode_key
from app.workers.context import open_context
from tests import databases

ADVICE = "give the ones that belong to these books, or put back the secrets.json that was kept with them"


def secret(letter: bytes) -> SecretStr:
    return SecretStr(base64.b64encode(letter * 32).decode())


def value(letter: bytes) -> bytes:
    return hmac.digest(letter * 32, b"kist:backup", "sha256")[:8]


#: The keys of `tests/databases.py`.
NOTED = {("aadhaar_key", 1): value(b"A"), ("aadhaar_index_key", 1): value(b"I"), ("audit_key", 1): value(b"S")}
OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "the key": ({"aadhaar_key": secret(b"X")}, "KIST_AADHAAR_KEY of version 1 is not the one"),
    "the index key": ({"aadhaar_index_key": secret(b"X")}, "KIST_AADHAAR_INDEX_KEY is not the one"),
    "the audit key": ({"audit_key": secret(b"X")}, "KIST_AUDIT_KEY is not the one"),
    "the key of an earlier version": (
        {"aadhaar_key": secret(b"N"), "aadhaar_key_version": 2, "aadhaar_older_keys": SecretStr("1:" + "X" * 43 + "=")},
        "KIST_AADHAAR_KEY of version 1 is not the one",
    ),
    "all of them": (
        {"aadhaar_key": secret(b"X"), "aadhaar_index_key": secret(b"Y"), "audit_key": secret(b"Z")},
        "KIST_AADHAAR_INDEX_KEY, KIST_AADHAAR_KEY of version 1 and KIST_AUDIT_KEY are not those",
    ),
}


async def noted(settings: Settings) -> dict[tuple[str, int], bytes]:
    async with databases.connection(settings.owner_dsn) as owner:
        return {(row["key"], row["version"]): row["value"] for row in await owner.fetch("SELECT * FROM key_checks")}


async def retired(settings: Settings) -> set[int]:
    async with databases.connection(settings.owner_dsn) as owner:
        return {
            row["version"] for row in await owner.fetch("SELECT version FROM key_checks WHERE retired_at IS NOT NULL")
        }


async def forget(settings: Settings) -> None:
    """As a database is that was written before there were check values."""
    async with databases.connection(settings.owner_dsn) as owner:
        await owner.execute("DELETE FROM key_checks")


@pytest_asyncio.fixture
async def lived_in(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    """Two customers with a number each, found by the index, and a sealed audit trail."""
    vault = create_vault(settings)
    await check_keys(uow_factory, settings)
    async with uow_factory.open(SYSTEM) as uow:
        for customer_id, aadhaar in enumerate(("234123412346", "987654321096"), start=1):
            sealed = vault.seal(aadhaar, customer_id=customer_id)
            row = {"customer_id": customer_id, "state": "customer", "name": "Asha Rao", "created_at": uow.now}
            row |= {"aadhaar_ciphertext": sealed.ciphertext, "aadhaar_key_version": 1, "aadhaar_last_four": "2346"}
            await uow.session.execute(insert(Customer).values(**row, actor="system"))
            await add_identities(uow.session, kind="aadhaar", owners={vault.index(aadhaar): customer_id})
        await uow.record("tried", object_kind="test", object_id="1")
    assert await audit.seal_events(uow_factory, key=decode_key(settings.audit_key)) == 1


async def test_new_books_note_the_keys_that_they_are_opened_with(
    uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    await check_keys(uow_factory, settings, note=False)
    assert await noted(settings) == {}
    for _ in range(2):
        await check_keys(uow_factory, settings)
        assert await noted(settings) == NOTED


@pytest.mark.parametrize("case", OTHER)
async def test_other_keys_are_refused(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None, case: str
) -> None:
    change, said = OTHER[case]
    with pytest.raises(KeysDiffer) as refused:
        await check_keys(uow_factory, settings.model_copy(update=change))
    assert str(refused.value) == f"{said} under which these books were written: {ADVICE}"
    assert await noted(settings) == NOTED


@pytest.mark.parametrize("case", OTHER)
async def test_books_without_check_values_try_the_keys_on_what_they_hold(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None, case: str
) -> None:
    await forget(settings)
    change, said = OTHER[case]
    # What does not open is said first; the index is read through the numbers.
    said = "KIST_AADHAAR_KEY of version 1 is not the one" if case == "all of them" else said
    with pytest.raises(KeysDiffer, match=said):
        await check_keys(uow_factory, settings.model_copy(update=change))
    assert await noted(settings) == {}
    await check_keys(uow_factory, settings)
    assert await noted(settings) == NOTED


async def test_a_new_key_beside_the_old_one_is_noted_and_the_old_one_is_needed_until_it_is_retired(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None
) -> None:
    alone = settings.model_copy(update={"aadhaar_key": secret(b"N"), "aadhaar_key_version": 2})
    both = alone.model_copy(update={"aadhaar_older_keys": SecretStr(f"1:{settings.aadhaar_key.get_secret_value()}")})
    lacking = "KIST_AADHAAR_KEY of version 1 is not here, and seals numbers of these books: KIST_AADHAAR_OLDER_KEYS"
    with pytest.raises(KeysDiffer) as refused:
        await check_keys(uow_factory, alone)
    assert str(refused.value) == lacking
    await check_keys(uow_factory, both)
    assert await noted(settings) == NOTED | {("aadhaar_key", 2): value(b"N")}
    # Both versions are in use while the old one is still the present one elsewhere.
    with pytest.raises(KeysDiffer, match="KIST_AADHAAR_KEY of version 2 is not the one"):
        await check_keys(uow_factory, both.model_copy(update={"aadhaar_key": secret(b"M")}))
    assert [sealed async for sealed in identity.rotate_key(uow_factory, vault=create_vault(both))] == [2]
    assert await retired(settings) == {1}
    await check_keys(uow_factory, alone)
    # Back again, under the key that it had: in use once more.
    older = SecretStr(f"2:{alone.aadhaar_key.get_secret_value()}")
    await check_keys(uow_factory, settings.model_copy(update={"aadhaar_older_keys": older}))
    assert await retired(settings) == set()
    with pytest.raises(KeysDiffer, match="KIST_AADHAAR_KEY of version 2 is not here"):
        await check_keys(uow_factory, settings)


async def test_books_without_check_values_name_a_version_that_is_not_here(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None
) -> None:
    await forget(settings)
    alone = settings.model_copy(update={"aadhaar_key": secret(b"N"), "aadhaar_key_version": 2})
    with pytest.raises(KeysDiffer, match="KIST_AADHAAR_KEY of version 1"):
        await check_keys(uow_factory, alone)
    assert await noted(settings) == {}


async def test_the_secret_of_tokens_is_no_key_of_the_books(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None
) -> None:
    await check_keys(
        uow_factory, settings.model_copy(update={"jwt_secret": SecretStr("another one of more than 32 bytes")})
    )


async def test_the_service_and_every_command_are_turned_away(
    uow_factory: UnitOfWorkFactory, settings: Settings, lived_in: None
) -> None:
    async def closed() -> bool:
        return False

    other = settings.model_copy(update={"audit_key": secret(b"X")})
    with pytest.raises(StartRefused, match="KIST_AUDIT_KEY is not the one"):
        await check_start(uow_factory, other, queue_is_open=closed)
    with pytest.raises(KeysDiffer, match="KIST_AUDIT_KEY is not the one"):
        async with open_context(other):
            pass


async def test_of_two_that_begin_new_books_at_once_with_other_keys_one_is_turned_away(
    uow_factory: UnitOfWorkFactory, settings: Settings
) -> None:
    other = settings.model_copy(update={"audit_key": secret(b"X")})
    outcomes = await asyncio.gather(
        *(check_keys(uow_factory, each) for each in (settings, other)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["KeysDiffer", "NoneType"]
    first = value(b"S") if outcomes[0] is None else value(b"X")
    assert await noted(settings) == NOTED | {("audit_key", 1): first}
