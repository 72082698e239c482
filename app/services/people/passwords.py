"""Passwords, hashed with Argon2 where they cannot hurt the rest.

A hash costs about 90 ms and 64 MiB on purpose. Two threads do all of them, so that a crowd of logins neither fills the
memory nor stops the event loop; when too many wait, the next one is told to come back. A sign-in with an unknown
address is made to work as hard as one with a known address, or the clock would tell who is a customer.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from app.domain.errors import Conflict, Invalid

SHORTEST = 8
#: Argon2 reads any length: a bound keeps a password from being a denial of service.
LONGEST = 128


class PasswordTooWeak(Invalid):
    """The password is too short or too long. Choose one of the length that the message names."""

    code = "password_too_weak"


class TooManySignIns(Conflict):
    """Too many people are signing in at this moment. Try again after the seconds in `Retry-After`."""

    code = "too_many_sign_ins"


class Passwords:
    """The hasher of one process, with threads of its own. Close it when the process ends."""

    def __init__(self, *, threads: int = 2, waiting_at_most: int = 100, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="argon2")
        self._waiting_at_most = waiting_at_most
        self._waiting = 0
        # A hash of nobody's password, made with the same cost as the others.
        self._decoy = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Hashes a new password. Raises PasswordTooWeak, TooManySignIns."""
        check_password(password)
        return str(await self._run(self._hash, password))

    async def verify(self, password: str, *, password_hash: str | None) -> bool:
        """Whether the password is the hashed one; without a hash the same work is done and the answer is no.

        Raises TooManySignIns.
        """
        matches = await self._run(self._verify, password[: LONGEST + 1], password_hash or self._decoy)
        return bool(matches) and password_hash is not None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password, password_hash)
        except (UnknownHashError, UnicodeEncodeError):
            return False

    async def _run(self, uow: object, *arguments: str) -> object:
        if self._waiting >= self._waiting_at_most:
            raise TooManySignIns("too many people are signing in: try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, uow, *arguments)  # type: ignore[arg-type]
        finally:
            self._waiting -= 1


def check_password(password: str) -> None:
    """Raises PasswordTooWeak unless the password has 8 to 128 characters that can be written down."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in password):
        raise PasswordTooWeak("a password is made of characters", field="password")
