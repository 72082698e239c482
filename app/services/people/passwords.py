"""Hashes passwords with Argon2, in separate threads.

A hash takes about 90 ms and 64 MiB on purpose. Two threads compute all hashes, so that many sign-ins at once neither
fill the memory nor block the event loop. When too many wait, the next one is refused. A sign-in with an unknown address
takes as long as one with a known address, because a difference in time would reveal who is a customer.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from app.domain.errors import Conflict, Invalid

SHORTEST = 8
#: Argon2 reads any length. The bound keeps very long passwords from slowing the service.
LONGEST = 128


class PasswordTooWeak(Invalid):
    """The password is too short or too long. Choose one of the length that the message names."""

    code = "password_too_weak"


class TooManySignIns(Conflict):
    """Too many people are signing in at this moment. Try again after the seconds in `Retry-After`."""

    code = "too_many_sign_ins"


class Passwords:
    """The password hasher of one process, with its own threads. Close it when the process ends."""

    def __init__(self, *, threads: int = 2, waiting_at_most: int = 100, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="argon2")
        self._waiting_at_most = waiting_at_most
        self._waiting = 0
        # The hash that unknown accounts are checked against; it costs as much as a real one.
        self._decoy = self._hasher.hash("the password of no account")

    async def hash(self, password: str) -> str:
        """Hashes a new password. Raises PasswordTooWeak, TooManySignIns."""
        check_password(password)
        return str(await self._run(self._hash, password))

    async def verify(self, password: str, *, password_hash: str | None) -> bool:
        """Whether the password matches the hash. Without a hash the check takes the same time and the answer is False.

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

    async def _run(self, function: Callable[..., object], *arguments: str) -> object:
        if self._waiting >= self._waiting_at_most:
            raise TooManySignIns("too many sign-ins are waiting: try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        finally:
            self._waiting -= 1


def check_password(password: str) -> None:
    """Raises PasswordTooWeak unless the password has 8 to 128 characters, all of them valid Unicode."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in password):
        raise PasswordTooWeak("the password has a character that is not valid Unicode", field="password")
