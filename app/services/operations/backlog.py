"""What waits and since when, read once for everybody who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.db.repositories.operations import gauges as repository
from app.db.repositories.operations.gauges import Backlog, EndpointBacklog, JobBacklog
from app.domain.people.access import SYSTEM
from app.services.reporting.reconciliation import DONE
from app.services.unit_of_work import UnitOfWorkFactory

__all__ = ["Backlog", "EndpointBacklog", "JobBacklog", "State", "read_state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of the service as its database shows it."""

    at: datetime
    database_time: datetime
    business_date: date
    backlog: Backlog
    endpoints: Sequence[EndpointBacklog]

    @property
    def days_unbilled(self) -> int:
        """How many days ago the last business date was that a run has billed; 0 if no run was ever made."""
        last = self.backlog.last_finished_run
        return 0 if last is None else max((self.business_date - last).days, 0)


async def read_state(uow_factory: UnitOfWorkFactory) -> State:
    """Reads it in one transaction."""
    async with uow_factory.open(SYSTEM) as uow:
        return State(
            at=uow.now,
            database_time=await repository.get_database_time(uow.session),
            business_date=await uow.business_date(),
            backlog=await repository.get_backlog(uow.session, now=uow.now, reconciled=DONE),
            endpoints=await repository.list_endpoint_backlogs(uow.session, now=uow.now),
        )
