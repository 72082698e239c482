"""The nightly job: compare every loan with its ledger, a page of loans at a time; and the numbers of tax documents."""

from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.reporting import gst, reconciliation
from app.workers.context import Context


async def reconcile(context: Context, outbox_id: int) -> bool:
    """Reconciles a page of loans, and enqueues the next page."""
    await outbox.perform(context.uow_factory, outbox_id, action=reconciliation.reconcile_step)
    return True


async def issue_gst_documents(context: Context) -> None:
    """Gives an invoice or a credit note to the taxed charges of past days that have none."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await gst.issue_documents(uow)


async def nudge_reconciliation(context: Context) -> None:
    """Enqueues tonight's reconciliation unless it exists."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await reconciliation.start_nightly(uow)
