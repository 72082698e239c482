"""The queues: which queue each job is in, and how we connect to Valkey.

A queue is worked off in order, and has slots of its own in every worker process. Somebody waits for an urgent job:
for the bills of the day, or for an answer. Bulk jobs come in floods, by the file or by the person, so no urgent job
shares a queue with them. After a `kill -9` a job runs again only when the longest timeout of its queue has passed. So
long and short jobs have different queues too, and a short job runs again within seconds. Webhooks wait for other
people's servers. An entry of a queue holds only the number of an outbox row, so it does no harm when a queue is lost,
logged or read by others.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from arq.connections import RedisSettings
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

JOBS_QUEUE = "kist:jobs"
BILLING_QUEUE = "kist:billing"
WEBHOOK_QUEUE = "kist:webhooks"
SCORES_QUEUE = "kist:scores"
BULK_QUEUE = "kist:bulk"
QUEUES: Final = (JOBS_QUEUE, BILLING_QUEUE, WEBHOOK_QUEUE, SCORES_QUEUE, BULK_QUEUE)
BULK_QUEUES: Final = frozenset({SCORES_QUEUE, BULK_QUEUE})
# A refused or missing socket raises an OSError while the connection is made, and a ConnectionError later.
RETRIED: list[type[Exception]] = [RedisConnectionError, RedisTimeoutError, OSError]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRoute:
    """How a job is enqueued: in which queue, and how many times, so that as many workers can share it."""

    queue: str = JOBS_QUEUE
    copies: int = 1


# Workers claim a billing run range by range, so several workers can share it.
ROUTES = {
    "run_billing": JobRoute(queue=BILLING_QUEUE, copies=4),
    "reconcile": JobRoute(queue=BILLING_QUEUE),
    "reconcile_cards": JobRoute(queue=BILLING_QUEUE),
    "judge_day_ends": JobRoute(queue=BILLING_QUEUE),
    "judge_borrower": JobRoute(queue=BILLING_QUEUE),
    "follow_day_ends": JobRoute(queue=BILLING_QUEUE),
    "make_bureau_file": JobRoute(queue=BULK_QUEUE),
    "load_import": JobRoute(queue=BULK_QUEUE),
    "score_imported": JobRoute(queue=SCORES_QUEUE),
    # A second worker goes on with an endpoint when the first one is killed.
    "deliver_webhooks": JobRoute(queue=WEBHOOK_QUEUE, copies=2),
}
BULK_JOBS: Final = frozenset(job for job, route in ROUTES.items() if route.queue in BULK_QUEUES)


def route_of(job: str) -> JobRoute:
    """How to enqueue a job of this name."""
    return ROUTES.get(job, JobRoute())


def redis_settings(dsn: str) -> RedisSettings:
    """The connection of a worker. It retries while Valkey is away for a short time; ARQ's default would end."""
    settings = RedisSettings.from_dsn(dsn)
    settings.retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=60)
    settings.retry_on_error = list(RETRIED)
    settings.conn_timeout = 2
    settings.conn_retries = 30
    return settings


def serialize(job: dict[str, Any]) -> bytes:
    """A job as JSON. Of an exception only the class name is written, because its message may hold personal data."""
    return orjson.dumps(job, default=lambda value: type(value).__name__)


def deserialize(raw: bytes) -> dict[str, Any]:
    """A job as it was enqueued."""
    found: dict[str, Any] = orjson.loads(raw)
    return found
