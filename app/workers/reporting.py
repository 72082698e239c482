"""The job of the night: every loan against its books, a page at a time."""

from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.reporting import reconciliation
from app.workers.context import Context


async def reconcile(context: Context, outbox_id: int) -> bool:
    """Goes through a page of loans, and asks for the next."""
    await outbox.perform(context.uow_factory, outbox_id, action=reconciliation.reconcile_step)
    return True


async def nudge_reconciliation(context: Context) -> None:
    """Asks for tonight's reconciliation unless it was done."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await reconciliation.start_nightly(uow)
