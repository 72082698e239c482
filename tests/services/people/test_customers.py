"""Registration makes one customer for one person, and turns a prospect's row into it, also under concurrency."""

import asyncio

import pytest
from sqlalchemy import func, select

from app.db.models import Customer, Identity, UserAccount
from app.db.repositories.people import customers as repository
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.people.customers import AadhaarTaken, CustomerNotFound, ProspectsDiffer, Registration
from app.main import make_keyring
from app.services.people import customers
from app.services.people.access import create_user_account, issue_tokens
from app.services.people.customers import IdentityService, make_identity_service
from app.services.people.password_proof import Keyring
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

AADHAAR = "234123412346"


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


@pytest.fixture(scope="session")
def keyring(settings: Settings) -> Keyring:
    return make_keyring(settings)


async def register(
    uow_factory: UnitOfWorkFactory,
    identity: IdentityService,
    keyring: Keyring,
    *,
    name: str,
    claims: Claims | None = None,
    external_id: str | None = None,
) -> int:
    registration = Registration(name=name, email=f"{name}@example.com", aadhar_id=AADHAAR, external_id=external_id)
    found = await customers.register(uow_factory, claims, identity=identity, keyring=keyring, registration=registration)
    return found.customer_id


async def officer(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> Claims:
    async with uow_factory.open(SYSTEM) as uow:
        actor = await create_user_account(uow, role=Role.OFFICER, name="Officer")
        assert actor.user_account_id is not None
        tokens = await issue_tokens(uow, keyring, user_account_id=actor.user_account_id)
    return keyring.tokens.read(tokens.access_token, now=uow_factory.clock())


async def add_prospect(
    uow_factory: UnitOfWorkFactory, *, external_id: str | None = None, index: bytes | None = None
) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        number = await repository.next_customer_number(uow.session)
        if external_id is not None:
            value = external_id.encode()
            assert await repository.add_identity(uow.session, kind="external", value=value, customer_id=number)
        if index is not None:
            assert await repository.add_identity(uow.session, kind="aadhaar", value=index, customer_id=number)
        row = {"customer_id": number, "created_at": uow.now, "actor": "system", "external_id": external_id}
        await repository.add_prospects(uow.session, [row])
    return number


async def counts(uow_factory: UnitOfWorkFactory) -> list[int]:
    async with uow_factory.open(SYSTEM) as uow:
        return [
            int((await uow.session.execute(select(func.count()).select_from(table))).scalar_one())
            for table in (Customer, Identity, UserAccount)
        ]


async def test_the_number_is_kept_sealed(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring
) -> None:
    number = await register(uow_factory, identity, keyring, name="asha")
    async with uow_factory.open(SYSTEM) as uow:
        row = (await uow.session.execute(select(Customer))).scalar_one()
    assert row.aadhaar_ciphertext is not None
    assert row.aadhaar_key_version == 1
    assert AADHAAR.encode() not in row.aadhaar_ciphertext
    assert identity.vault.open(row.aadhaar_ciphertext, key_version=1, customer_id=number) == AADHAAR
    assert (row.aadhaar_last_four, row.state, row.approved_limit_paise) == ("2346", "customer", None)


async def test_of_many_at_once_one_is_registered(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring
) -> None:
    answers = await asyncio.gather(
        *(register(uow_factory, identity, keyring, name=f"asha{number}") for number in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in answers if not isinstance(answer, int)] == [AadhaarTaken] * 4
    assert await counts(uow_factory) == [1, 1, 1]


async def test_a_prospect_that_is_made_at_the_same_moment_becomes_the_customer(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring
) -> None:
    index = identity.vault.index(AADHAAR)
    async with uow_factory.open(SYSTEM) as uow:
        assert await repository.add_identity(uow.session, kind="aadhaar", value=index, customer_id=500)
        await repository.add_prospects(uow.session, [{"customer_id": 500, "created_at": uow.now, "actor": "system"}])
        registering = asyncio.create_task(register(uow_factory, identity, keyring, name="asha"))
        await asyncio.sleep(0.2)
        assert not registering.done()
    assert await registering == 500
    assert await counts(uow_factory) == [1, 1, 1]


async def test_staff_turns_a_prospect_of_another_system_into_a_customer(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring
) -> None:
    prospect = await add_prospect(uow_factory, external_id="C-14")
    claims = await officer(uow_factory, keyring)
    assert await register(uow_factory, identity, keyring, name="asha", claims=claims, external_id="C-14") == prospect
    assert (await counts(uow_factory))[:2] == [1, 2]


async def test_two_prospects_are_never_merged(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring
) -> None:
    await add_prospect(uow_factory, external_id="C-14")
    await add_prospect(uow_factory, index=identity.vault.index(AADHAAR))
    claims = await officer(uow_factory, keyring)
    before = await counts(uow_factory)
    with pytest.raises(ProspectsDiffer):
        await register(uow_factory, identity, keyring, name="asha", claims=claims, external_id="C-14")
    with pytest.raises(Forbidden):
        await register(uow_factory, identity, keyring, name="asha", external_id="C-14")
    assert await counts(uow_factory) == before


async def test_a_prospect_is_not_shown_to_anyone(uow_factory: UnitOfWorkFactory) -> None:
    prospect = await add_prospect(uow_factory, external_id="C-14")
    async with uow_factory.open(Actor(role=Role.OFFICER, user_account_id=1)) as uow:
        with pytest.raises(CustomerNotFound):
            await customers.view_customer(uow, prospect)
