"""A worker's heartbeat: it touches a file while its event loop runs and Valkey answers.

A health check reads the file's age. ARQ has a check of its own, but that loads the whole program each time, and it
cannot tell one worker from another.
"""

import asyncio
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def beat(file: Path, redis: Redis) -> None:
    """Touches the file every few seconds, until it is cancelled."""
    while True:
        try:
            await redis.ping()
            await asyncio.to_thread(file.touch)
        except (RedisError, OSError) as error:
            log.warning("no heartbeat", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
