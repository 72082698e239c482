"""The start-up checks, with a unit of work factory and a queue of their own, run before a program begins."""

from functools import partial

from app.services.operations import startup
from app.settings import Settings
from app.workers.context import open_context
from app.workers.job_queue import answers_without_password


async def check_start(settings: Settings) -> None:
    """Raises StartRefused, with one line for each problem to correct."""
    async with open_context(settings, unchecked=True) as context:
        queue_is_open = partial(answers_without_password, settings.redis_dsn)
        await startup.check_start(context.uow_factory, settings, queue_is_open=queue_is_open)
