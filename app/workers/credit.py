"""The jobs of credit: sum and score one customer's transactions, decide what waited for a score, and end what waited
too long.
"""

from typing import Any

from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.credit import applications, scoring
from app.services.work import Work
from app.workers.context import Context


async def score_customer(context: Context, outbox_id: int) -> bool:
    """Brings one customer's score up to date."""
    await outbox.perform(context.desk, outbox_id, deed=scoring.score_customer)
    return True


async def decide_pending(context: Context, outbox_id: int) -> bool:
    """Decides the applications of a customer whose score has arrived."""

    async def deed(work: Work, payload: dict[str, Any]) -> None:
        await applications.decide_pending(work, payload["customer_id"])

    await outbox.perform(context.desk, outbox_id, deed=deed)
    return True


async def expire_pending(context: Context) -> None:
    """Ends the applications that waited too long."""
    async with context.desk.open(SYSTEM) as work:
        await applications.expire_pending(work)
