"""Reads the next block in a thread while the current one is written."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

Item = TypeVar("Item")


async def read_ahead(items: Iterator[Item]) -> AsyncGenerator[Item]:
    """The items of an iterator. Each is computed in a thread while the caller uses the one before it."""
    following = asyncio.create_task(asyncio.to_thread(next, items, None))
    try:
        while (item := await following) is not None:
            following = asyncio.create_task(asyncio.to_thread(next, items, None))
            yield item
    finally:
        # A thread cannot be stopped, so the file must stay open until the thread has ended.
        await asyncio.gather(following, return_exceptions=True)
