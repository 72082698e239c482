"""Signing in, refreshing tokens, signing out and changing passwords, on the real database."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from app.db.models import RefreshToken, UserAccount
from app.db.session import SessionFactory
from app.domain.errors import DomainError
from app.domain.people.access import ANONYMOUS, SYSTEM, Actor, Forbidden, Role, Unauthenticated
from app.services.people import access, credentials, staff
from app.services.people.access import SignedIn
from app.services.people.password_proof import Keyring
from app.services.people.passwords import Passwords, PasswordTooWeak
from app.services.people.tokens import AccessTokens, Claims
from app.services.unit_of_work import Job, UnitOfWorkFactory

START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
EMAIL, PASSWORD = "asha@kist.example", "correct horse"


class NoJobQueue:
    async def enqueue(self, job: Job) -> None: ...


class Time:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def uow_factory(session_factory: SessionFactory, time: Time) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(sessions=session_factory, job_queue=NoJobQueue(), clock=time)


@pytest.fixture
def keyring() -> Iterator[Keyring]:
    passwords = Passwords(hasher=PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),)))
    secret = "a secret of more than thirty-two bytes for tests"
    yield Keyring(
        tokens=AccessTokens(secret=secret, lifetime=timedelta(minutes=10)),
        passwords=passwords,
        refresh_lifetime=timedelta(days=14),
    )
    passwords.close()


@pytest_asyncio.fixture
async def asha(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> Actor:
    """An officer with a password."""
    return await staff.create_staff(
        uow_factory, SYSTEM, passwords=keyring.passwords, email=" Asha@Kist.Example ", name="Asha", role=Role.OFFICER,
        password=PASSWORD,
    )  # fmt: skip


async def sign_in(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, *, email: str = EMAIL, password: str = PASSWORD
) -> SignedIn:
    return await access.sign_in(uow_factory, keyring, email=email, password=password)


async def rows(uow_factory: UnitOfWorkFactory, model: Any) -> list[Any]:
    async with uow_factory.open(SYSTEM) as uow:
        return list((await uow.session.execute(select(model))).scalars())


async def refused(code: str, attempt: Any) -> DomainError:
    with pytest.raises(DomainError) as error:
        await attempt
    assert error.value.code == code
    return error.value


# --- signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [EMAIL, "ASHA@KIST.EXAMPLE", "  asha@kist.example "])
async def test_signing_in_gives_two_tokens(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, email: str
) -> None:
    signed_in = await sign_in(uow_factory, keyring, email=email)
    assert signed_in.actor == asha
    assert signed_in.expires_in_seconds == 600
    claims = keyring.tokens.read(signed_in.access_token, now=START)
    assert claims.actor == asha
    async with uow_factory.open(claims.actor) as uow:
        await access.confirm(uow, claims)
    assert signed_in.refresh_token.startswith("krt_")
    (stored,) = await rows(uow_factory, RefreshToken)
    assert signed_in.refresh_token.encode() not in stored.token_hash
    assert len(stored.token_hash) == 32
    assert stored.expires_at == START + timedelta(days=14)


@pytest.mark.parametrize(
    "email, password",
    [(EMAIL, "wrong horse!"), ("nobody@kist.example", PASSWORD), ("", ""), (EMAIL, ""), ("x" * 9999, "y" * 9999)],
)
async def test_a_failed_sign_in_does_not_say_why(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, email: str, password: str
) -> None:
    error = await refused("invalid_credentials", sign_in(uow_factory, keyring, email=email, password=password))
    assert isinstance(error, Unauthenticated)
    assert error.message == "the e-mail address or the password is not right"
    assert await rows(uow_factory, RefreshToken) == []


async def test_a_disabled_account_cannot_sign_in(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    first = await sign_in(uow_factory, keyring)
    claims = keyring.tokens.read(first.access_token, now=START)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            update(UserAccount).where(UserAccount.id == asha.user_account_id).values(disabled_at=START)
        )
    await refused("invalid_credentials", sign_in(uow_factory, keyring))
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=first.refresh_token))
    async with uow_factory.open(SYSTEM) as uow:
        await refused("token_revoked", access.confirm(uow, claims))


async def test_an_account_without_a_password_cannot_sign_in(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await access.create_user_account(uow, role=Role.CUSTOMER, name="Ravi", email="ravi@kist.example", customer_id=9)
    await refused("invalid_credentials", sign_in(uow_factory, keyring, email="ravi@kist.example", password=""))


async def test_no_connection_is_held_while_a_password_is_checked(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor
) -> None:
    pool = uow_factory.sessions.kw["bind"].pool
    held: list[int] = []
    verify = keyring.passwords.verify

    async def watched(password: str, *, password_hash: str | None) -> bool:
        held.append(pool.checkedout())
        return await verify(password, password_hash=password_hash)

    keyring.passwords.verify = watched  # type: ignore[method-assign]
    await sign_in(uow_factory, keyring)
    assert held == [0]


# --- refreshing ------------------------------------------------------------------------------------------------------


async def test_a_refresh_token_gives_the_next_pair(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, time: Time
) -> None:
    first = await sign_in(uow_factory, keyring)
    time.now += timedelta(minutes=9)
    second = await access.refresh(uow_factory, keyring, refresh_token=first.refresh_token)
    assert second.actor == asha
    assert second.refresh_token != first.refresh_token
    assert keyring.tokens.read(second.access_token, now=time.now).expires_at == time.now + timedelta(minutes=10)
    time.now += timedelta(days=13)
    assert (await access.refresh(uow_factory, keyring, refresh_token=second.refresh_token)).actor == asha


async def test_a_used_token_ends_the_family(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, time: Time
) -> None:
    first, other = await sign_in(uow_factory, keyring), await sign_in(uow_factory, keyring)
    second = await access.refresh(uow_factory, keyring, refresh_token=first.refresh_token)
    time.now += timedelta(seconds=11)
    await refused("token_reused", access.refresh(uow_factory, keyring, refresh_token=first.refresh_token))
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=second.refresh_token))
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=first.refresh_token))
    assert (await access.refresh(uow_factory, keyring, refresh_token=other.refresh_token)).actor == asha, (
        "another sign-in is another family"
    )


async def test_a_repeat_within_ten_seconds_is_a_lost_answer(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, time: Time
) -> None:
    first = await sign_in(uow_factory, keyring)
    second = await access.refresh(uow_factory, keyring, refresh_token=first.refresh_token)
    time.now += timedelta(seconds=10)
    again = await access.refresh(uow_factory, keyring, refresh_token=first.refresh_token)
    assert again.refresh_token != second.refresh_token
    assert (await access.refresh(uow_factory, keyring, refresh_token=second.refresh_token)).actor == asha
    time.now += timedelta(microseconds=1)
    await refused("token_reused", access.refresh(uow_factory, keyring, refresh_token=first.refresh_token))
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=again.refresh_token))


async def test_ten_at_once_are_one_family(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    first = await sign_in(uow_factory, keyring)
    await asyncio.gather(*(access.refresh(uow_factory, keyring, refresh_token=first.refresh_token) for _ in range(10)))
    stored = await rows(uow_factory, RefreshToken)
    assert len(stored) == 11
    assert len({token.family for token in stored}) == 1


async def test_a_refresh_token_expires(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, time: Time
) -> None:
    first = await sign_in(uow_factory, keyring)
    time.now += timedelta(days=14)
    await refused("token_expired", access.refresh(uow_factory, keyring, refresh_token=first.refresh_token))


@pytest.mark.parametrize("token", ["", "krt_unknown", "\ud800", "\x00", "x" * 100_000])
async def test_an_unknown_refresh_token_is_refused(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, token: str
) -> None:
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=token))
    await access.sign_out(uow_factory, refresh_token=token)


async def test_signing_out_ends_the_family(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    first = await sign_in(uow_factory, keyring)
    second = await access.refresh(uow_factory, keyring, refresh_token=first.refresh_token)
    await access.sign_out(uow_factory, refresh_token=second.refresh_token)
    await access.sign_out(uow_factory, refresh_token=second.refresh_token)
    for token in (first, second):
        await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=token.refresh_token))


# --- passwords -------------------------------------------------------------------------------------------------------


async def claims_of(uow_factory: UnitOfWorkFactory, keyring: Keyring, actor: Actor) -> Claims:
    async with uow_factory.open(SYSTEM) as uow:
        tokens = await access.issue_tokens(uow, keyring, user_account_id=actor.user_account_id or 0)
    return keyring.tokens.read(tokens.access_token, now=START)


async def change(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, actor: Actor, current: str | None, new: str
) -> SignedIn:
    claims = await claims_of(uow_factory, keyring, actor)
    return await credentials.change_password(uow_factory, keyring, claims, current_password=current, new_password=new)


async def test_a_changed_password_revokes_earlier_tokens(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor
) -> None:
    before = await sign_in(uow_factory, keyring)
    after = await change(uow_factory, keyring, asha, PASSWORD, "battery staple")
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=before.refresh_token))
    await refused("invalid_credentials", sign_in(uow_factory, keyring))
    assert (await sign_in(uow_factory, keyring, password="battery staple")).actor == asha
    assert (await access.refresh(uow_factory, keyring, refresh_token=after.refresh_token)).actor == asha
    # Both changes are in the same instant, so the version and not the time distinguishes the tokens.
    async with uow_factory.open(SYSTEM) as uow:
        await access.confirm(uow, keyring.tokens.read(after.access_token, now=START))
        await refused("token_revoked", access.confirm(uow, keyring.tokens.read(before.access_token, now=START)))


@pytest.mark.parametrize("current", [None, "", "wrong horse!"])
async def test_a_password_is_changed_only_with_the_present_one(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor, current: str | None
) -> None:
    before = await rows(uow_factory, UserAccount)
    error = await refused("wrong_password", change(uow_factory, keyring, asha, current, "battery staple"))
    assert error.field == "current_password"
    assert [row.password_hash for row in await rows(uow_factory, UserAccount)] == [row.password_hash for row in before]


async def test_two_changes_at_once_are_one(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    claims = await claims_of(uow_factory, keyring, asha)
    attempts = (
        credentials.change_password(
            uow_factory, keyring, claims, current_password=PASSWORD, new_password=f"battery staple {number}"
        )
        for number in range(4)
    )
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, SignedIn) for result in results) == 1
    lost = credentials.WrongPassword | access.TokenRevoked
    assert sum(isinstance(result, lost) for result in results) == 3


async def test_a_revoked_token_changes_no_password(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor
) -> None:
    claims = await claims_of(uow_factory, keyring, asha)
    await change(uow_factory, keyring, asha, PASSWORD, "battery staple")
    again = credentials.change_password(
        uow_factory, keyring, claims, current_password="battery staple", new_password="staple battery"
    )
    await refused("token_revoked", again)


async def test_a_first_password_needs_no_present_one(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        ravi = await access.create_user_account(
            uow, role=Role.CUSTOMER, name="Ravi", email="Ravi@kist.example", customer_id=9
        )
    await change(uow_factory, keyring, ravi, None, PASSWORD)
    assert (await sign_in(uow_factory, keyring, email="ravi@kist.example")).actor == ravi
    await refused("wrong_password", change(uow_factory, keyring, ravi, None, PASSWORD))


async def test_a_weak_password_changes_nothing(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    with pytest.raises(PasswordTooWeak):
        await change(uow_factory, keyring, asha, PASSWORD, "short")
    assert (await sign_in(uow_factory, keyring)).actor == asha


async def test_an_admin_sets_a_password(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    before = await sign_in(uow_factory, keyring)
    await credentials.set_password(
        uow_factory, SYSTEM, passwords=keyring.passwords, email=EMAIL, password="battery staple"
    )
    await refused("token_invalid", access.refresh(uow_factory, keyring, refresh_token=before.refresh_token))
    assert (await sign_in(uow_factory, keyring, password="battery staple")).actor == asha
    with pytest.raises(Forbidden):
        await credentials.set_password(
            uow_factory, asha, passwords=keyring.passwords, email=EMAIL, password="battery staple"
        )
    await refused(
        "principal_not_found",
        credentials.set_password(
            uow_factory, SYSTEM, passwords=keyring.passwords, email="no@kist.example", password=PASSWORD
        ),
    )


# --- user accounts ----------------------------------------------------------------------------------------------------


async def make_staff(
    uow_factory: UnitOfWorkFactory, keyring: Keyring, actor: Actor, *, role: Role, email: str = "new@kist.example"
) -> Actor:
    return await staff.create_staff(
        uow_factory, actor, passwords=keyring.passwords, email=email, name="New", role=role, password=PASSWORD
    )


async def test_only_admins_make_staff(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    customer = Actor(role=Role.CUSTOMER, user_account_id=1, customer_id=1)
    for actor in (asha, customer, ANONYMOUS):
        await refused("forbidden", make_staff(uow_factory, keyring, actor, role=Role.ADMIN))
    admin = await make_staff(uow_factory, keyring, SYSTEM, role=Role.ADMIN)
    assert (
        await make_staff(uow_factory, keyring, admin, role=Role.OFFICER, email="o@kist.example")
    ).role is Role.OFFICER


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.SERVICE, Role.SYSTEM, Role.ANONYMOUS])
async def test_staff_are_officers_and_admins(uow_factory: UnitOfWorkFactory, keyring: Keyring, role: Role) -> None:
    await refused("not_a_staff_role", make_staff(uow_factory, keyring, SYSTEM, role=role))


async def test_an_address_belongs_to_one(uow_factory: UnitOfWorkFactory, keyring: Keyring, asha: Actor) -> None:
    error = await refused(
        "email_taken", make_staff(uow_factory, keyring, SYSTEM, role=Role.OFFICER, email="ASHA@kist.example")
    )
    assert error.field == "email"
    assert len([row for row in await rows(uow_factory, UserAccount) if row.email == EMAIL]) == 1


async def test_the_first_admin_is_made_once(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> None:
    made = [
        await staff.ensure_admin(
            uow_factory, SYSTEM, passwords=keyring.passwords, email="First@kist.example", password=password
        )
        for password in (PASSWORD, "battery staple")
    ]
    assert made == [True, False]
    assert (await sign_in(uow_factory, keyring, email="first@kist.example")).actor.role is Role.ADMIN


async def test_many_starts_at_once_make_one_admin(uow_factory: UnitOfWorkFactory, keyring: Keyring) -> None:
    starts = (
        staff.ensure_admin(
            uow_factory, SYSTEM, passwords=keyring.passwords, email="first@kist.example", password=PASSWORD
        )
        for _ in range(4)
    )
    assert sorted(await asyncio.gather(*starts)) == [False, False, False, True]
