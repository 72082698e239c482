"""The jobs of delinquency: judge the day-ends that are over, judge one borrower again, make files for bureaus."""

from datetime import timedelta
from typing import Any

from app.services import outbox
from app.services.delinquency import bureau, corrections, day_ends
from app.services.unit_of_work import UnitOfWorkFactory
from app.workers.context import Context

#: As long as a step of billing.
BUDGET = timedelta(seconds=5)


async def judge_day_ends(context: Context, outbox_id: int) -> bool:
    """Judges borrowers until the time is up. Returns True when the day-end is judged."""

    async def some_ranges(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        return await day_ends.judge_day_ends(uow_factory, payload, until=uow_factory.clock() + BUDGET)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_ranges)


async def make_bureau_file(context: Context, outbox_id: int) -> bool:
    """Adds customers to a file until the time is up. Returns True when the file is complete."""

    async def some_pages(uow_factory: UnitOfWorkFactory, payload: dict[str, Any]) -> bool:
        return await bureau.make_file(uow_factory, payload, until=uow_factory.clock() + BUDGET)

    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=some_pages)


async def judge_borrower(context: Context, outbox_id: int) -> bool:
    """Judges a borrower again. Returns False while a day-end is being judged."""
    return await outbox.perform_in_steps(context.uow_factory, outbox_id, action=corrections.judge_borrower)
