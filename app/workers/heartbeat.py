"""A worker's sign of life: a file that is touched while its loop turns and Valkey answers.

Whoever watches looks at the file's age. ARQ's own check asks Valkey whether any worker lives, and loads the whole
program to ask.
"""

import asyncio
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def beat(file: Path, redis: Redis) -> None:
    """Beats until it is cancelled."""
    while True:
        try:
            await redis.ping()
            await asyncio.to_thread(file.touch)
        except (RedisError, OSError) as error:
            log.warning("no heartbeat", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
