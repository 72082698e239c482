"""Whether the service works, and how much it holds.

Health is asked every few seconds by machines, while the books may hold millions of rows: the counts are kept for a few
seconds in the process. Whether the database answers is asked every time.
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
    """How many customers and loans there are: our own, and those of other lenders that files told us of."""

    customers: int
    own_loans: int
    external_loans: int

    @property
    def loans(self) -> int:
        """All of them: a client of the older systems counts what it imported."""
        return self.own_loans + self.external_loans


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of the service; no counts where the database did not answer."""

    at: datetime
    database_answers: bool
    counts: Counts | None


@dataclass(slots=True, kw_only=True)
class CountCache:
    """The counts of one process, and when they were made (on the process's own clock)."""

    counts: Counts | None = None
    made_at: float = field(default=0.0)


async def can_write(uow_factory: UnitOfWorkFactory) -> bool:
    """Whether the database takes what is written: read-only, or without a place on its disk, it does not."""
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
    """Asks the database, and answers also when it does not."""
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
