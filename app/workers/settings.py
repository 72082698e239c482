"""The worker process, as `arq app.workers.settings.WorkerSettings` and `kist worker` start it.

One process serves both queues: ARQ's own worker takes the short jobs and the schedule, and a second one beside it, on
the same connections, takes the long ones. Each queue has its own timeouts, which is the point (see `queues`).
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from signal import SIGTERM
from typing import Any

import structlog
from arq.worker import Worker
from redis.exceptions import RedisError

from app.observability import configure_logging
from app.settings import Settings, load_settings
from app.workers.context import Context, open_context
from app.workers.heartbeat import beat
from app.workers.jobs import functions_of
from app.workers.queues import BILLING_QUEUE, JOBS_QUEUE, deserialize, redis_settings, serialize
from app.workers.schedule import TIMEZONE, cron_jobs
from app.workers.startup import check_start

# How long a worker that is asked to stop waits for the jobs in hand. What is cut off runs again elsewhere.
COMPLETION_SECONDS = 8
RECONNECT_SECONDS = 1

log = structlog.get_logger(__name__)


def worker_settings(settings: Settings) -> dict[str, Any]:
    """ARQ's worker for the short jobs, the schedule, and the worker for the long jobs beside it."""

    async def start(ctx: dict[str, Any]) -> None:
        stack = ctx["stack"] = AsyncExitStack()
        ctx["context"] = await stack.enter_async_context(open_context(settings, unchecked=True))
        await check_start(settings)
        companion = BillingWorker(settings, ctx["context"])
        companion.start()
        stack.push_async_callback(companion.stop)
        if settings.worker_heartbeat is not None:
            heart = asyncio.create_task(beat(settings.worker_heartbeat, ctx["redis"]), name="heartbeat")
            stack.callback(heart.cancel)

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


def billing_settings(settings: Settings, context: Context) -> dict[str, Any]:
    """The worker for the long jobs, one at a time: they are bound by this process's one core."""
    return _common(settings) | {
        "functions": functions_of(BILLING_QUEUE),
        "queue_name": BILLING_QUEUE,
        "max_jobs": 1,
        "ctx": {"context": context},
        "handle_signals": False,
    }


class BillingWorker:
    """The second worker of the process. It is started anew when it loses Valkey, and ends with the first."""

    def __init__(self, settings: Settings, context: Context) -> None:
        self._arguments = billing_settings(settings, context)
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="long jobs")

    async def stop(self) -> None:
        """Lets the job in hand finish, within reason."""
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
                log.warning("the queue of long jobs is lost", error=type(error).__name__)
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
    """`WorkerSettings`, made when ARQ asks for it: importing this module reads no environment."""
    if name == "WorkerSettings":
        settings = load_settings()
        configure_logging(settings.log_level)
        return worker_settings(settings)
    raise AttributeError(name)
