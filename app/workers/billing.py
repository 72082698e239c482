"""The jobs of billing: bill a part of a run, and open today's run."""

from datetime import timedelta
from typing import Any

from app.services import outbox
from app.services.billing import runs
from app.services.cards import runs as card_runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: One step of a run takes at most this long, so that a worker stops soon after it is asked to.
BUDGET = timedelta(seconds=5)


async def run_billing(context: Context, outbox_id: int) -> bool:
    """Bills ranges of a run until the time is up. Returns True when the run has no ranges left."""

    async def some_ranges(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        until = uow_factory.clock() + BUDGET
        return await card_runs.run_day(uow_factory, run_id=payload["run_id"], worker=context.worker, until=until)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_ranges)


async def nudge_billing(context: Context) -> None:
    """Opens today's run unless it exists."""
    await runs.close_until_today(context.uow_factory)
