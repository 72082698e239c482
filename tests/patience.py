"""How tests wait: for a condition, and not for a fixed time.

A wait ends as soon as its condition is true. The timeout only ends a test that fails; it is long, because the machine
may be very busy.
"""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.02


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Waits until the check is true. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await check():  # noqa: ASYNC110 - the condition depends on another process
            await asyncio.sleep(POLL_SECONDS)
