"""Counts the tries of a job that never ended, because their worker was killed or ran out of memory.

Nobody can write on the job's row what happened then, and the job would run again at once and end the next worker too,
with everything else that it does. So a try that begins is noted in Valkey until it ends. If the notes are lost, the
count begins again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

#: A job that ended so many workers in turn is postponed like one that failed. One may be chance: a worker is replaced.
MOST_DEATHS = 2
KEPT = timedelta(hours=1)


class WorkerDied(Exception):
    """The worker died each time it ran this job. Its name is what operators read on the job."""


@asynccontextmanager
async def counted(redis: Redis, job_id: str) -> AsyncIterator[int]:
    """Notes that a try runs, for as long as the block lasts. Yields how many tries before it never ended."""
    key, begun = f"kist:begun:{job_id}", 1
    with suppress(RedisError, OSError):
        begun = int(await redis.incr(key))
        await redis.expire(key, KEPT)
    try:
        yield begun - 1
    finally:
        with suppress(RedisError, OSError):
            await redis.delete(key)
