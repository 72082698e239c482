"""The worker process, as `arq app.workers.settings.WorkerSettings` and `kist worker` start it.

One process serves all queues. ARQ's own worker runs the short jobs and the schedule. Companions beside it, with the
same database connections, run the long jobs, the webhooks and the bulk jobs. Each queue has its own slots and timeouts
(`queues` says why).
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from signal import SIGTERM
from typing import Any

import structlog
from arq.worker import Worker
from redis.exceptions import RedisError

from app import measures, tracing
from app.observability import configure_logging
from app.settings import Settings, load_settings
from app.workers.context import Context, open_context
from app.workers.heartbeat import beat
from app.workers.jobs import functions_of
from app.workers.queues import (
    BILLING_QUEUE,
    BULK_QUEUE,
    JOBS_QUEUE,
    SCORES_QUEUE,
    WEBHOOK_QUEUE,
    deserialize,
    redis_settings,
    serialize,
)
from app.workers.schedule import TIMEZONE, cron_jobs
from app.workers.startup import check_start

# A worker that is asked to stop waits this long for its running jobs. A job that it then cancels runs again later.
COMPLETION_SECONDS = 8
RECONNECT_SECONDS = 1
# How many jobs of a queue a process runs at a time: a long job needs a whole core, a webhook waits for somebody else.
# Files run one by one, which bounds the memory. Scores mostly wait for the disk; they must leave connections to others.
COMPANIONS = {BILLING_QUEUE: 1, WEBHOOK_QUEUE: 4, SCORES_QUEUE: 3, BULK_QUEUE: 1}

log = structlog.get_logger(__name__)


def worker_settings(settings: Settings) -> dict[str, Any]:
    """The arguments of ARQ's worker for the short jobs and the schedule. It also starts the companions."""

    async def start(ctx: dict[str, Any]) -> None:
        stack = ctx["stack"] = AsyncExitStack()
        if settings.metrics_port is not None:
            measures.start_measuring(settings.metrics_folder)
            stack.callback(measures.stop_measuring)
        if settings.traces_endpoint is not None:
            processor = tracing.sending_to(settings.traces_endpoint)
            tracing.start_tracing(service="kist-worker", processor=processor, share=settings.traces_share)
            stack.callback(tracing.stop_tracing)
        ctx["context"] = await stack.enter_async_context(open_context(settings, unchecked=True))
        await check_start(settings)
        for queue, max_jobs in COMPANIONS.items():
            companion = Companion(companion_settings(settings, ctx["context"], queue=queue, max_jobs=max_jobs))
            companion.start()
            stack.push_async_callback(companion.stop)
        if settings.worker_heartbeat is not None:
            heartbeat = asyncio.create_task(beat(settings.worker_heartbeat, ctx["redis"]), name="heartbeat")
            stack.callback(heartbeat.cancel)

    async def stop(ctx: dict[str, Any]) -> None:
        await ctx["stack"].aclose()

    return _common(settings) | {
        "functions": functions_of(JOBS_QUEUE),
        "cron_jobs": cron_jobs(),
        "queue_name": JOBS_QUEUE,
        "max_jobs": settings.database_pool_size,
        "on_startup": start,
        "on_shutdown": stop,
    }


def companion_settings(settings: Settings, context: Context, *, queue: str, max_jobs: int) -> dict[str, Any]:
    """The arguments of a companion, which works on one queue."""
    return _common(settings) | {
        "functions": functions_of(queue),
        "queue_name": queue,
        "max_jobs": max_jobs,
        "ctx": {"context": context},
        "handle_signals": False,
    }


class Companion:
    """A further worker of the process. It restarts after it loses Valkey, and ends with the first worker."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._arguments["queue_name"])

    async def stop(self) -> None:
        """Waits for the running job, but only a few seconds, and then cancels it."""
        self._stopping = True
        if self._worker is not None and self._worker.main_task is not None:
            self._worker.handle_sig_wait_for_completion(SIGTERM)
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=COMPLETION_SECONDS + 1)
            if not done:
                self._task.cancel()
                await asyncio.wait({self._task})

    async def _run(self) -> None:
        while not self._stopping:
            self._worker = Worker(**self._arguments)
            try:
                await self._worker.async_run()
            except (RedisError, OSError) as error:
                log.warning("a queue is lost", queue=self._arguments["queue_name"], error=type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
            finally:
                with suppress(RedisError, OSError, asyncio.CancelledError):
                    await self._worker.close()


def _common(settings: Settings) -> dict[str, Any]:
    return {
        "redis_settings": redis_settings(settings.redis_dsn),
        "job_serializer": serialize,
        "job_deserializer": deserialize,
        "job_completion_wait": COMPLETION_SECONDS,
        "keep_result": 0,
        "log_results": False,
        "poll_delay": 0.2,
        "health_check_interval": 30,
        "timezone": TIMEZONE,
    }


def __getattr__(name: str) -> Any:
    """`WorkerSettings` is made when ARQ reads it, so importing this module does not read the environment."""
    if name == "WorkerSettings":
        settings = load_settings()
        configure_logging(settings.log_level)
        return worker_settings(settings)
    raise AttributeError(name)
