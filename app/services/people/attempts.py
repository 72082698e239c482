"""Attempts to sign in, as a port: who counts them, and where, is not the business of whoever is signing in."""

from typing import Protocol


class Attempts(Protocol):
    """Counts attempts by account (an e-mail address, a principal) and by the address that they come from."""

    async def count(self, *, account: str | None = None, address: str | None = None) -> None:
        """Counts an attempt before it is judged, so that a hundred at once are a hundred. Raises TooManyAttempts."""

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None:
        """The attempt was a good one: only failures stay counted."""


class UnlimitedAttempts:
    """Counts nothing: for the terminal, which nobody guesses passwords from."""

    async def count(self, *, account: str | None = None, address: str | None = None) -> None: ...

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None: ...
