"""The task of payments: make the resets of rates whose day has come."""

from app.domain.people.access import SYSTEM
from app.services.payments import rate_notices
from app.workers.context import Context


async def make_rate_resets(context: Context) -> None:
    """Makes the resets that borrowers were told of, each on its day."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await rate_notices.make_due_resets(uow)
