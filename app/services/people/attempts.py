"""The port for counting attempts to sign in. The sign-in code does not know where they are counted."""

from typing import Protocol


class Attempts(Protocol):
    """Counts attempts by account (an e-mail address, a user account) and by network address."""

    async def count(self, *, account: str | None = None, address: str | None = None) -> None:
        """Counts an attempt before it is checked, so that simultaneous attempts all count. Raises TooManyAttempts."""

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None:
        """Takes back the count of an attempt that succeeded: only failures stay counted."""


class UnlimitedAttempts:
    """Counts nothing. For the command line, where passwords are not guessed."""

    async def count(self, *, account: str | None = None, address: str | None = None) -> None: ...

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None: ...
