"""The jobs and tasks of card accounts: let go of authorisations that expired, and reconcile the books."""

from app.domain.people.access import SYSTEM
from app.services import outbox
from app.services.cards import authorisations, reconciliation
from app.workers.context import Context


async def expire_holds(context: Context) -> None:
    """Lets go of the holds whose time is over."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await authorisations.expire_holds(uow)


async def reconcile_cards(context: Context, outbox_id: int) -> bool:
    """Reconciles one page of card accounts, and enqueues the next."""
    await outbox.perform(context.uow_factory, outbox_id, action=reconciliation.reconcile_step)
    return True


async def nudge_reconciliation(context: Context) -> None:
    """Starts today's reconciliation of card accounts unless it was done."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await reconciliation.start_nightly(uow)
