"""Registering: one customer for one person, in place where they were a prospect, whatever happens at the same time."""

import asyncio

import pytest
from sqlalchemy import func, select

from app.db.models import Customer, Identity, Principal
from app.db.repositories.people import customers as repository
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.people.customers import AadhaarTaken, CustomerNotFound, ProspectsDiffer, Registration
from app.main import make_keyring
from app.services.people import customers
from app.services.people.access import create_principal, issue_tokens
from app.services.people.customers import IdentityDesk, make_identity_desk
from app.services.people.password_proof import Keyring
from app.services.people.tokens import Claims
from app.services.work import Desk
from app.settings import Settings

AADHAAR = "234123412346"


@pytest.fixture
def identity(settings: Settings) -> IdentityDesk:
    return make_identity_desk(settings)


@pytest.fixture(scope="session")
def keyring(settings: Settings) -> Keyring:
    return make_keyring(settings)


async def register(
    desk: Desk,
    identity: IdentityDesk,
    keyring: Keyring,
    *,
    name: str,
    claims: Claims | None = None,
    external_id: str | None = None,
) -> int:
    registration = Registration(name=name, email=f"{name}@example.com", aadhar_id=AADHAAR, external_id=external_id)
    found = await customers.register(desk, claims, identity=identity, keyring=keyring, registration=registration)
    return found.customer_id


async def officer(desk: Desk, keyring: Keyring) -> Claims:
    async with desk.open(SYSTEM) as work:
        actor = await create_principal(work, role=Role.OFFICER, name="Officer")
        assert actor.principal_id is not None
        tokens = await issue_tokens(work, keyring, principal_id=actor.principal_id)
    return keyring.tokens.read(tokens.access_token, now=desk.clock())


async def add_prospect(desk: Desk, *, external_id: str | None = None, index: bytes | None = None) -> int:
    async with desk.open(SYSTEM) as work:
        number = await repository.next_customer_number(work.session)
        if external_id is not None:
            value = external_id.encode()
            assert await repository.add_identity(work.session, kind="external", value=value, customer_id=number)
        if index is not None:
            assert await repository.add_identity(work.session, kind="aadhaar", value=index, customer_id=number)
        row = {"customer_id": number, "created_at": work.now, "actor": "system", "external_id": external_id}
        await repository.add_prospects(work.session, [row])
    return number


async def counts(desk: Desk) -> list[int]:
    async with desk.open(SYSTEM) as work:
        return [
            int((await work.session.execute(select(func.count()).select_from(table))).scalar_one())
            for table in (Customer, Identity, Principal)
        ]


async def test_the_number_is_kept_sealed(desk: Desk, identity: IdentityDesk, keyring: Keyring) -> None:
    number = await register(desk, identity, keyring, name="asha")
    async with desk.open(SYSTEM) as work:
        row = (await work.session.execute(select(Customer))).scalar_one()
    assert row.aadhaar_ciphertext is not None
    assert row.aadhaar_key_version == 1
    assert AADHAAR.encode() not in row.aadhaar_ciphertext
    assert identity.vault.open(row.aadhaar_ciphertext, key_version=1, customer_id=number) == AADHAAR
    assert (row.aadhaar_last_four, row.state, row.approved_limit_paise) == ("2346", "customer", None)


async def test_of_many_at_once_one_is_registered(desk: Desk, identity: IdentityDesk, keyring: Keyring) -> None:
    answers = await asyncio.gather(
        *(register(desk, identity, keyring, name=f"asha{number}") for number in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in answers if not isinstance(answer, int)] == [AadhaarTaken] * 4
    assert await counts(desk) == [1, 1, 1]


async def test_a_prospect_that_is_made_at_the_same_moment_becomes_the_customer(
    desk: Desk, identity: IdentityDesk, keyring: Keyring
) -> None:
    index = identity.vault.index(AADHAAR)
    async with desk.open(SYSTEM) as work:
        assert await repository.add_identity(work.session, kind="aadhaar", value=index, customer_id=500)
        await repository.add_prospects(work.session, [{"customer_id": 500, "created_at": work.now, "actor": "system"}])
        registering = asyncio.create_task(register(desk, identity, keyring, name="asha"))
        await asyncio.sleep(0.2)
        assert not registering.done()
    assert await registering == 500
    assert await counts(desk) == [1, 1, 1]


async def test_staff_turns_a_prospect_of_another_system_into_a_customer(
    desk: Desk, identity: IdentityDesk, keyring: Keyring
) -> None:
    prospect = await add_prospect(desk, external_id="C-14")
    claims = await officer(desk, keyring)
    assert await register(desk, identity, keyring, name="asha", claims=claims, external_id="C-14") == prospect
    assert (await counts(desk))[:2] == [1, 2]


async def test_two_prospects_are_never_merged(desk: Desk, identity: IdentityDesk, keyring: Keyring) -> None:
    await add_prospect(desk, external_id="C-14")
    await add_prospect(desk, index=identity.vault.index(AADHAAR))
    claims = await officer(desk, keyring)
    before = await counts(desk)
    with pytest.raises(ProspectsDiffer):
        await register(desk, identity, keyring, name="asha", claims=claims, external_id="C-14")
    with pytest.raises(Forbidden):
        await register(desk, identity, keyring, name="asha", external_id="C-14")
    assert await counts(desk) == before


async def test_a_prospect_is_there_for_nobody(desk: Desk) -> None:
    prospect = await add_prospect(desk, external_id="C-14")
    async with desk.open(Actor(role=Role.OFFICER, principal_id=1)) as work:
        with pytest.raises(CustomerNotFound):
            await customers.view_customer(work, prospect)
