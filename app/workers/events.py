"""The jobs of events."""

from app.services.events import log
from app.workers.context import Context


async def number_events(context: Context) -> None:
    """Numbers what was committed since the last time."""
    await log.number_events(context.uow_factory)
