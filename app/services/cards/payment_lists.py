"""Payments to card accounts, to look at."""

from dataclasses import replace
from typing import Any

from app.db.repositories.cards import payment_lists as repository
from app.db.repositories.cards.payment_lists import CardPaymentFilter
from app.db.session import Record
from app.services.cards import accounts
from app.services.unit_of_work import UnitOfWork


async def list_payments(
    uow: UnitOfWork, wanted: CardPaymentFilter, *, before: tuple[Any, ...] | None, limit: int
) -> list[Record]:
    """A page of payments, the newest first. A customer sees their own only; for another customer's the page is empty.

    Raises CardAccountNotFound.
    """
    customer_id = uow.actor.customer_id if wanted.customer_id is None else wanted.customer_id
    if wanted.account_id is not None:
        key = await accounts.find_key(uow, wanted.account_id)
        if customer_id not in (None, key.customer_id):
            return []
        customer_id = key.customer_id
    if customer_id is not None and not uow.actor.may_see(customer_id):
        return []
    return await repository.list_payments(
        uow.session, replace(wanted, customer_id=customer_id), before=before, limit=limit
    )
