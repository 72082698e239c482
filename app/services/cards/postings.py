"""Postings that requests name, and what was charged off."""

from typing import Any

from app.db.repositories.cards import postings as repository
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.states import kept_of
from app.db.session import Record
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.requests import Posted
from app.services.unit_of_work import UnitOfWork


async def posted(
    uow: UnitOfWork, key: AccountKey, *, number: int | None = None, reference: str | None = None
) -> Posted | None:
    """A posting by its number or its reference; None if there is none, or if it is not what somebody did."""
    row = await repository.find_posting(uow.session, key, number=number, reference=reference)
    return None if row is None or not row.is_fact else repository.posted_of(row)


async def kept_with_loss(uow: UnitOfWork, key: AccountKey, row: Record) -> dict[str, Any]:
    """What is kept of an account. Versions before recoveries did not keep what was charged off: the ledger says it."""
    kept = kept_of(row)
    if row.status == AccountStatus.CHARGED_OFF and "loss" not in kept:
        kept["loss"] = [await repository.sum_charged_off(uow.session, key), 0]
    return kept
