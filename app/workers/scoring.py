"""The job of scoring: one customer's transactions, summed and scored."""

from app.services import outbox
from app.services.credit import scoring
from app.workers.context import Context


async def score_customer(context: Context, outbox_id: int) -> bool:
    """Brings one customer's score up to date."""
    await outbox.perform(context.desk, outbox_id, deed=scoring.score_customer)
    return True
