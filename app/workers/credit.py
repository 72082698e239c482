"""The jobs of credit: sum and score one customer's transactions, decide what waited for a score, and end what waited
too long.
"""

from typing import Any

from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.credit import applications, scoring
from app.services.unit_of_work import UnitOfWork
from app.workers.context import Context


async def score_customer(context: Context, outbox_id: int) -> bool:
    """Brings one customer's score up to date."""
    await outbox.perform(context.uow_factory, outbox_id, action=scoring.score_customer)
    return True


async def decide_pending(context: Context, outbox_id: int) -> bool:
    """Decides the applications of a customer whose score has arrived."""

    async def action(uow: UnitOfWork, payload: dict[str, Any]) -> None:
        await applications.decide_pending(uow, payload["customer_id"])

    await outbox.perform(context.uow_factory, outbox_id, action=action)
    return True


async def expire_pending(context: Context) -> None:
    """Ends the applications that waited too long."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await applications.expire_pending(uow)
