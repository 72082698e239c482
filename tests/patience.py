"""How tests wait: for a condition, never for a time.

A condition that comes true is seen at once, so patience costs nothing; it ends a test that is wrong, on a machine that
may be busy with ten other things.
"""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.02


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await check():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(LOOK_SECONDS)
