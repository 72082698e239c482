"""The tasks of card accounts: let go of authorisations that expired."""

from app.domain.people.access import SYSTEM
from app.services.cards import authorisations
from app.workers.context import Context


async def expire_holds(context: Context) -> None:
    """Lets go of the holds whose time is over."""
    async with context.uow_factory.open(SYSTEM) as uow:
        await authorisations.expire_holds(uow)
