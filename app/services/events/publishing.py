"""Writes events in the transaction of what happened.

The busy paths write their events in their own statements (`lending/saving.py`, `billing/ranges.py`); everything else
calls `publish`.
"""

from app.db.repositories.events import log as repository
from app.db.repositories.events.log import Moment
from app.domain.events.happened import Event
from app.services.unit_of_work import UnitOfWork


async def moment_of(uow: UnitOfWork) -> Moment:
    """When the events of this unit of work happen."""
    return Moment(at=uow.now, business_date=await uow.business_date())


async def publish(uow: UnitOfWork, *events: Event) -> None:
    """Writes events, in this order. They are seen by nobody if the transaction is rolled back."""
    await repository.add_events(uow.session, events, await moment_of(uow))
