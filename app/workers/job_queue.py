"""The job queue: a committed job is enqueued at once, so that it does not wait for the next sweep.

Nothing is lost when enqueueing fails, because the outbox row is kept and the next sweep enqueues it. So `enqueue` waits
only briefly before it fails. The connection is made when it is first needed and again after it broke, so the API starts
even if Valkey does not run yet.
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


async def answers_without_password(redis_dsn: str) -> bool:
    """Whether a Valkey on the network answers a call without a password. False if it cannot be reached."""
    parts = urlsplit(redis_dsn)
    if parts.scheme == "unix":
        return False
    return await answers(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())


async def answers(redis_dsn: str) -> bool:
    """Whether the Valkey at this address answers a call."""
    client = Redis.from_url(redis_dsn, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


class ArqJobQueue:
    """The queues of one Valkey. It implements `JobQueue` for the services."""

    def __init__(self, redis_dsn: str) -> None:
        self._dsn = redis_dsn
        self._queue: ArqRedis | None = None

    async def connect(self) -> None:
        """Makes the connection pool. It does not call Valkey yet."""
        # One retry, for a connection that broke while it was idle.
        connections: ConnectionPool = ConnectionPool.from_url(
            self._dsn,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), retries=1),
            retry_on_error=list(RETRIED),
        )
        self._queue = ArqRedis(connections, job_serializer=serialize, job_deserializer=deserialize)

    async def close(self) -> None:
        """Closes the connections. A later `enqueue` opens them again."""
        queue, self._queue = self._queue, None
        if queue is not None:
            await queue.aclose(close_connection_pool=True)

    async def enqueue(self, job: Job) -> None:
        """Puts a job into its queue unless it is in it already. Raises RedisError or OSError if Valkey fails."""
        if self._queue is None:
            await self.connect()
        assert self._queue is not None, "connect() makes the queue"
        route = route_of(job.name)
        for copy in range(route.copies):
            # The id contains the row's number: the same job enqueued again differs from the one that is just ending. It
            # contains the queue, because ARQ takes an id once: another version of Kist may have it in another queue.
            job_id = f"{route.queue}:{job.name}:{job.key}:{job.outbox_id}" + (f":{copy}" if copy else "")
            await self._queue.enqueue_job(job.name, job.outbox_id, _job_id=job_id, _queue_name=route.queue)
