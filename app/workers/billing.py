"""The jobs of billing: work on a run for a few seconds at a time, and see to it that today's run exists."""

from datetime import timedelta
from typing import Any

from app.services import outbox
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: Short, so that a worker that is asked to stop has soon done what it has in hand.
BUDGET = timedelta(seconds=5)


async def run_billing(context: Context, outbox_id: int) -> bool:
    """Bills ranges of a run until the time is up; True when nothing is left of the run."""

    async def some_ranges(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        until = uow_factory.clock() + BUDGET
        return await runs.run_billing(uow_factory, run_id=payload["run_id"], worker=context.worker, until=until)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_ranges)


async def nudge_billing(context: Context) -> None:
    """Opens today's run unless it is open or done."""
    await runs.close_until_today(context.uow_factory)
