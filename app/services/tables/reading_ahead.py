"""Reading ahead: the next block is read and checked in a thread while this one is being written."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

Item = TypeVar("Item")


async def read_ahead(items: Iterator[Item]) -> AsyncGenerator[Item]:
    """The items, each made in a thread while its predecessor is being used."""
    coming = asyncio.create_task(asyncio.to_thread(next, items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, items, None))
            yield item
    finally:
        # A thread cannot be stopped: the file must stay open until it is done.
        await asyncio.gather(coming, return_exceptions=True)
