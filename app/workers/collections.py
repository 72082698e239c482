"""The job of collections: the work list follows a day-end that was judged."""

from datetime import timedelta
from typing import Any

from app.services import outbox
from app.services.collections import following
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: As long as a step of billing.
BUDGET = timedelta(seconds=5)


async def follow_day_ends(context: Context, outbox_id: int) -> bool:
    """Follows customers until the time is up. Returns True when the day-end is followed."""

    async def some_ranges(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        return await following.follow_day_ends(uow_factory, payload, until=uow_factory.clock() + BUDGET)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_ranges)
