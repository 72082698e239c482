"""Whether the service works, and how many customers and loans it has.

Machines ask every few seconds, and counting may read millions of rows. Therefore each process caches the counts for
some seconds. Whether the database answers is checked every time.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from app.db.errors import DatabaseFault, classify
from app.db.repositories.lending.external_loans import count_external_loans
from app.db.repositories.lending.loans import count_loans
from app.db.repositories.operations import health as repository
from app.domain.people.access import ANONYMOUS
from app.services.unit_of_work import UnitOfWorkFactory

COUNTS_ARE_GOOD_FOR_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many customers and loans there are. External loans are those of other lenders, imported from files."""

    customers: int
    own_loans: int
    external_loans: int

    @property
    def loans(self) -> int:
        """Our own and external loans together, because the older systems counted both."""
        return self.own_loans + self.external_loans


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of the service. There are no counts if the database did not answer."""

    at: datetime
    database_answers: bool
    counts: Counts | None


@dataclass(slots=True, kw_only=True)
class CountCache:
    """The counts that a process read last, and when (by the process's monotonic clock)."""

    counts: Counts | None = None
    made_at: float = field(default=0.0)


async def can_write(uow_factory: UnitOfWorkFactory) -> bool:
    """Whether the database accepts writes. A read-only database, or one with a full disk, does not."""
    try:
        async with uow_factory.open(ANONYMOUS) as uow:
            await repository.try_to_write(uow.session)
    except Exception as error:
        if classify(error) is not DatabaseFault.UNAVAILABLE:
            raise
        log.warning("database does not answer, or cannot be written", error=type(error).__name__)
        return False
    return True


async def check_health(uow_factory: UnitOfWorkFactory, cache: CountCache) -> Health:
    """The health of the service, also while the database does not answer."""
    try:
        async with uow_factory.open(ANONYMOUS) as uow:
            await repository.ping(uow.session)
            if cache.counts is None or time.monotonic() - cache.made_at > COUNTS_ARE_GOOD_FOR_SECONDS:
                cache.counts = Counts(
                    customers=await repository.count_customers(uow.session),
                    own_loans=await count_loans(uow.session),
                    external_loans=await count_external_loans(uow.session),
                )
                cache.made_at = time.monotonic()
    except Exception as error:
        if classify(error) is not DatabaseFault.UNAVAILABLE:
            raise
        log.warning("database does not answer", error=type(error).__name__)
        return Health(at=uow_factory.clock(), database_answers=False, counts=None)
    return Health(at=uow_factory.clock(), database_answers=True, counts=cache.counts)
