"""Cleaning: what only mattered for a time is removed when that time is over.

An idempotency key matters while a client may still repeat its request, a done job while somebody may ask how it went,
a refresh token until it has expired. After `KIST_KEEP_DAYS` more each goes, a batch a transaction, for a few seconds at
a time: whoever writes is never kept waiting for long, and what is left is taken by the next tick. Nothing of the books
and nothing of the audit trail is ever removed.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from app.db.repositories.operations import cleaning as repository
from app.domain.people.access import SYSTEM
from app.services.unit_of_work import UnitOfWorkFactory

BATCH: Final = 1_000
#: The log hides whatever is called a token, a number too: a one-time password is one.
LOGGED_AS: Final = {"refresh_tokens": "expired_sign_ins"}
BUDGET: Final = timedelta(seconds=5)

log = structlog.get_logger(__name__)


async def clean_up(
    uow_factory: UnitOfWorkFactory, *, keep: timedelta, budget: timedelta = BUDGET, batch: int = BATCH
) -> Mapping[str, int]:
    """Removes what is old for as long as the budget says; answers how much of each kind. Two at once share the work."""
    until, removed = uow_factory.clock() + budget, dict.fromkeys(repository.KINDS, 0)
    waiting = list(repository.KINDS)
    while waiting and uow_factory.clock() <= until:
        # By turns: one kind of which there is much does not keep the others waiting for days.
        kind = waiting.pop(0)
        async with uow_factory.open(SYSTEM) as uow:
            count = await repository.remove_old(uow.session, kind, before=uow.now - keep, limit=batch)
        removed[kind] += count
        if count == batch:
            waiting.append(kind)
    if any(removed.values()):
        log.info("cleaned up", **{LOGGED_AS.get(kind, kind): count for kind, count in removed.items()})
    return removed
