"""The queues: which job waits where, and how we speak to Valkey.

There are two. A job that was cut off by a `kill -9` runs again only after the longest timeout of its queue, so the long
jobs have a queue of their own and the short ones come back within seconds. What waits in a queue is the number of an
outbox row and nothing else: a queue may be lost, read by a stranger or logged without harm.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from arq.connections import RedisSettings
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

JOBS_QUEUE = "kist:jobs"
BILLING_QUEUE = "kist:billing"
# A refused or missing socket is an OSError while a connection is being made, and a ConnectionError ever after.
RETRIED: list[type[Exception]] = [RedisConnectionError, RedisTimeoutError, OSError]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRoute:
    """How a job is rung for: in which queue, and how many workers may take part in it."""

    queue: str = JOBS_QUEUE
    abreast: int = 1


# A billing run is claimed range by range, so as many workers as there are may share it.
ROUTES = {
    "run_billing": JobRoute(queue=BILLING_QUEUE, abreast=4),
    "reconcile": JobRoute(queue=BILLING_QUEUE),
    "load_import": JobRoute(queue=BILLING_QUEUE),
}


def route_of(job: str) -> JobRoute:
    """How to ring for a job."""
    return ROUTES.get(job, JobRoute())


def redis_settings(dsn: str) -> RedisSettings:
    """How a worker is connected: it outlives a short absence of Valkey, where ARQ by itself would end."""
    settings = RedisSettings.from_dsn(dsn)
    settings.retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=60)
    settings.retry_on_error = list(RETRIED)
    settings.conn_timeout = 2
    settings.conn_retries = 30
    return settings


def serialize(job: dict[str, Any]) -> bytes:
    """A job as JSON. Of an exception only the name is written: its message may hold what must not be kept."""
    return orjson.dumps(job, default=lambda value: type(value).__name__)


def deserialize(raw: bytes) -> dict[str, Any]:
    """A job as it was rung for."""
    found: dict[str, Any] = orjson.loads(raw)
    return found
