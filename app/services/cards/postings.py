"""Postings that requests name."""

from app.db.repositories.cards import postings as repository
from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.requests import Posted
from app.services.unit_of_work import UnitOfWork


async def posted(
    uow: UnitOfWork, key: AccountKey, *, number: int | None = None, reference: str | None = None
) -> Posted | None:
    """A posting by its number or its reference; None if there is none, or if it is not what somebody did."""
    row = await repository.find_posting(uow.session, key, number=number, reference=reference)
    return None if row is None or not row.is_fact else repository.posted_of(row)
