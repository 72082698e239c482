"""Passwords: hashed with Argon2 in threads of their own, with the same work for unknown addresses."""

import asyncio
from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.services.people.passwords import Passwords, PasswordTooWeak, TooManySignIns


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """A hasher whose cost is a hundredth of the real one."""
    made = Passwords(hasher=PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),)))
    yield made
    made.close()


async def test_a_password_is_known_again_and_no_other(passwords: Passwords) -> None:
    password_hash = await passwords.hash("correct horse")
    assert password_hash.startswith("$argon2id$")
    assert "correct horse" not in password_hash
    assert await passwords.verify("correct horse", password_hash=password_hash)
    assert not await passwords.verify("correct hors", password_hash=password_hash)
    assert not await passwords.verify("", password_hash=password_hash)
    assert password_hash != await passwords.hash("correct horse")


async def test_without_a_hash_the_same_work_is_done_and_the_answer_is_no(passwords: Passwords) -> None:
    worked: list[object] = []
    verify = passwords._hasher.verify

    def watched(password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the library's name
        worked.append(hash)
        return verify(password, hash)

    passwords._hasher.verify = watched  # type: ignore[method-assign]
    assert not await passwords.verify("nobody has this password", password_hash=None)
    assert worked == [passwords._decoy]


async def test_the_real_cost_is_the_recommended_one() -> None:
    real = Passwords()
    try:
        assert "m=65536,t=3,p=4" in await real.hash("correct horse")
    finally:
        real.close()


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129, "good length \ud800"])
async def test_a_password_has_8_to_128_characters(passwords: Passwords, password: str) -> None:
    with pytest.raises(PasswordTooWeak) as refused:
        await passwords.hash(password)
    assert (refused.value.code, refused.value.field) == ("password_too_weak", "password")


@pytest.mark.parametrize("password", ["x" * 100_000, "\ud800", "\x00"])
async def test_whatever_is_given_at_sign_in_is_answered(passwords: Passwords, password: str) -> None:
    assert not await passwords.verify(password, password_hash=await passwords.hash("correct horse"))


async def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.verify("correct horse", password_hash="damaged")


async def test_a_crowd_is_told_to_come_back() -> None:
    passwords = Passwords(
        threads=1, waiting_at_most=2, hasher=PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),))
    )
    try:
        results = await asyncio.gather(*(passwords.hash("correct horse") for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(result, str) for result in results) == 2
        assert sum(isinstance(result, TooManySignIns) for result in results) == 3
        assert await passwords.hash("correct horse")
    finally:
        passwords.close()
