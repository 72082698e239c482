"""Serves metrics: the numbers that all processes have written, and what the database and the queue show now.

One process serves for all, on a port of its own, so that scraping costs no request of a client its turn, and what the
database shows is read once and not by every process.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.types import Receive, Scope, Send

from app import measures
from app.db.errors import is_database_error, why_unreachable
from app.services.operations.backlog import JobBacklog, State, read_state
from app.settings import Settings
from app.workers.context import open_context
from app.workers.queues import QUEUES, route_of

PATIENCE_SECONDS: Final = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A gauge that is read when Prometheus asks: its name, what it says, and its label if it has one."""

    name: str
    help: str
    label: str | None = None


DATABASE_UP: Final = Seen(name="kist_database_up", help="Whether the database answers (1) or not (0)")
QUEUE_UP: Final = Seen(name="kist_queue_up", help="Whether Valkey answers (1) or not (0)")
QUEUE_DEPTH: Final = Seen(name="kist_queue_depth", help="Jobs in a queue of Valkey", label="queue")
OUTBOX: Final = Seen(name="kist_outbox_waiting", help="Jobs that are not done")
OUTBOX_FAILED: Final = Seen(name="kist_outbox_failed", help="Jobs that are not done and have failed before")
OUTBOX_AGE: Final = Seen(
    name="kist_outbox_oldest_seconds", help="Age of the oldest job that is not done", label="queue"
)
EVENTS: Final = Seen(name="kist_events_last_number", help="The number of the last event")
UNNUMBERED: Final = Seen(name="kist_events_unnumbered", help="Events that nobody sees yet")
UNNUMBERED_AGE: Final = Seen(name="kist_events_oldest_seconds", help="Age of the oldest event that nobody sees yet")
BEHIND: Final = Seen(name="kist_webhook_behind", help="Events that an endpoint was not handed yet", label="endpoint")
WAITING: Final = Seen(name="kist_webhook_waiting", help="Deliveries that wait for an endpoint", label="endpoint")
WAITING_AGE: Final = Seen(name="kist_webhook_oldest_seconds", help="Age of the oldest of them", label="endpoint")
DEAD: Final = Seen(name="kist_webhook_dead", help="Dead letters of an endpoint", label="endpoint")
PARKED: Final = Seen(name="kist_parked", help="Loans that the last runs could not bill and nobody has billed since")
RANGES: Final = Seen(name="kist_billing_ranges_open", help="Ranges of running billing runs that are not done")
UNBILLED: Final = Seen(name="kist_days_unbilled", help="Days from the last date that a run has billed to today")
UNSEALED_AGE: Final = Seen(name="kist_audit_oldest_seconds", help="Age of the oldest audit event without a seal")
SEEN: Final = (
    DATABASE_UP, QUEUE_UP, QUEUE_DEPTH, OUTBOX, OUTBOX_FAILED, OUTBOX_AGE, EVENTS, UNNUMBERED, UNNUMBERED_AGE, BEHIND,
    WAITING, WAITING_AGE, DEAD, PARKED, RANGES, UNBILLED, UNSEALED_AGE,
)  # fmt: skip


class MetricsApp:
    """Answers `GET /metrics`, as ASGI."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        found = scope["path"] == "/metrics" and scope["method"] in ("GET", "HEAD")
        body = await self.text() if found else b"GET /metrics\n"
        headers = [(b"content-type", CONTENT_TYPE_LATEST.encode() if found else b"text/plain")]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})

    async def text(self) -> bytes:
        """All metrics in the form of Prometheus."""
        registry = CollectorRegistry()
        registry.register(measures.AllProcesses(self._settings.metrics_folder))
        registry.register(_Now([*await self._of_database(), *await self._of_queue()]))
        return generate_latest(registry)

    async def _of_database(self) -> list[Metric]:
        try:
            async with open_context(self._settings, unchecked=True) as context:
                state = await read_state(context.uow_factory)
        except Exception as error:
            if not is_database_error(error) and why_unreachable(error) is None:
                raise
            log.warning("database does not answer", error=type(error).__name__)
            return [_gauge(DATABASE_UP, 0)]
        return [_gauge(DATABASE_UP, 1), *_gauges(state)]

    async def _of_queue(self) -> list[Metric]:
        client = Redis.from_url(
            self._settings.redis_dsn, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        )
        try:
            depths = {queue: float(await client.zcard(queue)) for queue in QUEUES}
        except (RedisError, OSError):
            return [_gauge(QUEUE_UP, 0)]
        finally:
            await client.aclose()
        return [_gauge(QUEUE_UP, 1), _gauge(QUEUE_DEPTH, depths)]


class _Now:
    """Gauges that were just read, as a collector."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        yield from self._metrics


def _gauges(state: State) -> Iterator[Metric]:
    backlog = state.backlog
    yield _gauge(OUTBOX, sum(each.waiting for each in backlog.jobs))
    yield _gauge(OUTBOX_FAILED, sum(each.failed for each in backlog.jobs))
    yield _gauge(OUTBOX_AGE, {queue: _oldest_in(backlog.jobs, queue) for queue in QUEUES})
    yield _gauge(EVENTS, backlog.events_last_number)
    yield _gauge(UNNUMBERED, backlog.events_unnumbered)
    yield _gauge(UNNUMBERED_AGE, backlog.events_oldest_seconds)
    yield _gauge(PARKED, backlog.parked_loans)
    yield _gauge(RANGES, backlog.ranges_open)
    yield _gauge(UNBILLED, state.days_unbilled)
    yield _gauge(UNSEALED_AGE, backlog.audit_oldest_seconds)
    yield _gauge(BEHIND, {str(each.endpoint_id): each.behind for each in state.endpoints})
    yield _gauge(WAITING, {str(each.endpoint_id): each.waiting for each in state.endpoints})
    yield _gauge(WAITING_AGE, {str(each.endpoint_id): each.oldest_seconds for each in state.endpoints})
    yield _gauge(DEAD, {str(each.endpoint_id): each.dead for each in state.endpoints})


def _oldest_in(jobs: Sequence[JobBacklog], queue: str) -> float:
    return max((each.oldest_seconds for each in jobs if route_of(each.job).queue == queue), default=0.0)


def _gauge(seen: Seen, value: float | dict[str, float] | dict[str, int]) -> Metric:
    if seen.label is None:
        assert not isinstance(value, dict), "a gauge without a label has one value"
        return GaugeMetricFamily(seen.name, seen.help, value=value)
    family = GaugeMetricFamily(seen.name, seen.help, labels=[seen.label])
    assert isinstance(value, dict), "a gauge with a label has a value for each"
    for label, one in value.items():
        family.add_metric([label], one)
    return family
