"""The start-up checks with a desk and a queue of their own: for programs, before they begin."""

from functools import partial

from app.services.operations import startup
from app.settings import Settings
from app.workers.context import open_context
from app.workers.job_queue import is_open_to_strangers


async def check_start(settings: Settings) -> None:
    """Raises StartRefused, with one line for each thing to put right."""
    async with open_context(settings, unchecked=True) as context:
        strangers = partial(is_open_to_strangers, settings.redis_dsn)
        await startup.check_start(context.uow_factory, settings, queue_is_open=strangers)
