"""The job queue: how a committed job reaches a worker at once instead of at the next sweep.

Ringing may fail at any time without loss, because the outbox row is what counts. So a ring waits briefly and gives up;
the connection is made when it is needed and again when it broke, and an API starts although Valkey is not there yet.
"""

from urllib.parse import urlsplit

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.services.unit_of_work import Job
from app.workers.queues import RETRIED, deserialize, route_of, serialize

PATIENCE_SECONDS = 2


async def is_open_to_strangers(redis_dsn: str) -> bool:
    """Whether a Valkey on the network answers somebody who shows no password. One that is away answers nobody."""
    parts = urlsplit(redis_dsn)
    if parts.scheme == "unix":
        return False
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    stranger = Redis.from_url(bare, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
    try:
        return bool(await stranger.ping())
    except (RedisError, OSError):
        return False
    finally:
        await stranger.aclose()


class ArqJobQueue:
    """The queues of one Valkey, as the port that services ring."""

    def __init__(self, redis_dsn: str) -> None:
        self._dsn = redis_dsn
        self._queue: ArqRedis | None = None

    async def connect(self) -> None:
        """Makes ready to ring. Does not ask whether Valkey is there."""
        # One second try, for a connection that was cut while it lay idle.
        connections: ConnectionPool = ConnectionPool.from_url(
            self._dsn,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), retries=1),
            retry_on_error=list(RETRIED),
        )
        self._queue = ArqRedis(connections, job_serializer=serialize, job_deserializer=deserialize)

    async def close(self) -> None:
        """Lets go of Valkey. A ring after that connects anew."""
        queue, self._queue = self._queue, None
        if queue is not None:
            await queue.aclose(close_connection_pool=True)

    async def enqueue(self, job: Job) -> None:
        """Puts a job in its queue, unless it waits there already. Raises what Redis raises when it is not there."""
        if self._queue is None:
            await self.connect()
        assert self._queue is not None, "connect() makes the queue"
        route = route_of(job.name)
        for place in range(route.abreast):
            # The row's number is part of the id: a job asked for anew is not mistaken for the one that just ends.
            job_id = f"{job.name}:{job.key}:{job.outbox_id}" + (f":{place}" if place else "")
            await self._queue.enqueue_job(job.name, job.outbox_id, _job_id=job_id, _queue_name=route.queue)
