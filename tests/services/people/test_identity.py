"""A number is revealed for a reason, and all numbers are sealed again under a new key while the old key still opens."""

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.db.models import AuditEvent, Customer
from app.db.repositories.people.customers import find_sealed_number
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.people.customers import CustomerNotFound
from app.services.people import identity
from app.services.people.identity import AadhaarNotGiven
from app.services.people.vault import SealBroken, Vault
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import decode_older_keys

OLD = Vault(key=b"A" * 32, key_version=1, index_key=b"I" * 32)
NEW = Vault(key=b"B" * 32, key_version=2, index_key=b"I" * 32, older_keys={1: b"A" * 32})
ALONE = Vault(key=b"B" * 32, key_version=2, index_key=b"I" * 32)
NUMBERS = {1: "234123412346", 2: "499118665246", 3: "234567890124", 4: "987654321096"}
ADMIN = Actor(role=Role.ADMIN, user_account_id=7)


@pytest.fixture
async def people(uow_factory: UnitOfWorkFactory) -> None:
    """Four customers with numbers under the old key, and one without a number."""
    async with uow_factory.open(SYSTEM) as uow:
        for customer_id in (*NUMBERS, 5):
            row: dict[str, object] = {}
            if customer_id in NUMBERS:
                sealed = OLD.seal(NUMBERS[customer_id], customer_id=customer_id)
                row = {
                    "aadhaar_ciphertext": sealed.ciphertext,
                    "aadhaar_key_version": sealed.key_version,
                    "aadhaar_last_four": sealed.last_four,
                }
            uow.session.add(
                Customer(customer_id=customer_id, state="customer", name="A", created_at=uow.now, actor="system", **row)
            )


async def versions(uow_factory: UnitOfWorkFactory) -> dict[int, int | None]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(select(Customer.customer_id, Customer.aadhaar_key_version))
        return {row.customer_id: row.aadhaar_key_version for row in rows}


async def opened(uow_factory: UnitOfWorkFactory, vault: Vault) -> dict[int, str]:
    found = {}
    async with uow_factory.open(SYSTEM) as uow:
        for customer_id in NUMBERS:
            sealed = await find_sealed_number(uow.session, customer_id)
            assert sealed is not None
            found[customer_id] = vault.open(sealed.ciphertext, key_version=sealed.key_version, customer_id=customer_id)
    return found


async def actions(uow_factory: UnitOfWorkFactory) -> list[tuple[str, str, dict[str, object]]]:
    async with uow_factory.open(SYSTEM) as uow:
        events = await uow.session.execute(select(AuditEvent).order_by(AuditEvent.id))
        return [(event.action, event.object_id, event.details) for event in events.scalars()]


async def test_rotation_goes_on_where_it_was_stopped_and_twice_changes_nothing(
    uow_factory: UnitOfWorkFactory, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "BATCH", 3)
    assert await opened(uow_factory, NEW) == NUMBERS
    async for sealed in identity.rotate_key(uow_factory, vault=NEW):
        assert sealed == 3
        break  # stopped here
    assert await versions(uow_factory) == {1: 2, 2: 2, 3: 2, 4: 1, 5: None}
    assert await opened(uow_factory, NEW) == NUMBERS
    assert await identity.count_to_rotate(uow_factory, vault=NEW) == 1
    assert [sealed async for sealed in identity.rotate_key(uow_factory, vault=NEW)] == [1]
    assert await versions(uow_factory) == {1: 2, 2: 2, 3: 2, 4: 2, 5: None}
    assert await opened(uow_factory, ALONE) == NUMBERS
    assert [sealed async for sealed in identity.rotate_key(uow_factory, vault=ALONE)] == []
    assert await opened(uow_factory, ALONE) == NUMBERS
    assert await actions(uow_factory) == [
        ("aadhaar_key_rotated", "2", {"numbers": 3, "up_to_customer": 3}),
        ("aadhaar_key_rotated", "2", {"numbers": 1, "up_to_customer": 4}),
    ]


async def test_without_the_old_key_nothing_is_changed(uow_factory: UnitOfWorkFactory, people: None) -> None:
    with pytest.raises(SealBroken, match="version 1 is missing: set KIST_AADHAAR_OLDER_KEYS"):
        [_ async for _ in identity.rotate_key(uow_factory, vault=ALONE)]
    assert await opened(uow_factory, OLD) == NUMBERS
    assert await actions(uow_factory) == []


async def test_a_number_is_shown_for_a_reason_on_the_record(uow_factory: UnitOfWorkFactory, people: None) -> None:
    async with uow_factory.open(ADMIN) as uow:
        assert await identity.reveal_aadhaar(uow, 2, vault=NEW, reason="Order 17") == NUMBERS[2]
    assert await actions(uow_factory) == [("aadhaar_revealed", "2", {"reason": "Order 17"})]


async def test_a_refused_reveal_is_not_recorded(uow_factory: UnitOfWorkFactory, people: None) -> None:
    for customer_id, refused in ((5, AadhaarNotGiven), (99, CustomerNotFound)):
        with pytest.raises(refused):
            async with uow_factory.open(ADMIN) as uow:
                await identity.reveal_aadhaar(uow, customer_id, vault=NEW, reason="Order 17")
    assert await actions(uow_factory) == []


def test_keys_of_earlier_versions() -> None:
    one, two = ("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")
    assert decode_older_keys(SecretStr(f"1:{one}  2:{two}")) == {1: b"A" * 32, 2: b"B" * 32}
    assert decode_older_keys(SecretStr("")) == {}
    for wrong in (one, f"x:{one}", f"1:{one} 1:{two}", "1:short"):
        with pytest.raises(ValueError, match="must be"):
            decode_older_keys(SecretStr(wrong))
