"""Cleaning: removes rows that are no longer needed.

An idempotency key is needed while a client may repeat its request, a done job and a delivery to a webhook while staff
may ask about it, a refresh token until it expires. Each is removed `KIST_KEEP_DAYS` later. One transaction removes one
batch, and a tick runs for a few seconds, so that writers never wait long; the next tick removes the rest. Rows of the
books and of the audit trail are never removed.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from app.db.repositories.operations import cleaning as repository
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory

BATCH: Final = 1_000
#: The log hides every field with "token" in its name, even a count, so this count gets another name.
LOGGED_AS: Final = {"refresh_tokens": "expired_sign_ins"}
BUDGET: Final = timedelta(seconds=5)

log = structlog.get_logger(__name__)


async def clean_up(
    uow_factory: UnitOfWorkFactory, *, keep: timedelta, budget: timedelta = BUDGET, batch: int = BATCH
) -> Mapping[str, int]:
    """Removes old rows until the time budget is used up, and returns how many of each kind. Two may run at once."""
    until, removed = uow_factory.clock() + budget, dict.fromkeys(repository.KINDS, 0)
    waiting = list(repository.KINDS)
    while waiting and uow_factory.clock() <= until:
        # The kinds take turns, so that a kind with many old rows does not delay the others for days.
        kind = waiting.pop(0)
        async with uow_factory.open(SYSTEM) as uow:
            count = await repository.remove_old(uow.session, kind, before=uow.now - keep, limit=batch)
        removed[kind] += count
        if count == batch:
            waiting.append(kind)
    if any(removed.values()):
        log.info("cleaned up", **{LOGGED_AS.get(kind, kind): count for kind, count in removed.items()})
    return removed
