"""Payments to card accounts across accounts: found by their reference, their day, or whose they are."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import CardAccountId, CardAccountIdOut, UserId, UserIdOut
from app.api.schemas import Answer, CursorText, Day, Page, PageLimit, Reference, RupeesOut
from app.db.repositories.cards.payment_lists import CardPaymentFilter
from app.domain.cursors import read_cursor, write_cursor
from app.services.cards import payment_lists

router = KistRouter(prefix="/card-payments", tags=["Card accounts"])


class CardPaymentLine(Answer):
    """A payment to a card account as it was taken."""

    account_id: CardAccountIdOut
    posting: int = Field(description="The number of the posting within the account")
    user_id: UserIdOut
    amount: RupeesOut
    returned: RupeesOut = Field(description="How much of it was returned since")
    value_date: date = Field(description="The day from which the money counts")
    posted_on: date = Field(description="The business date on which it was taken")
    reference: str | None
    received_at: datetime


def _present(row: Any) -> CardPaymentLine:
    return CardPaymentLine(
        account_id=row.account_id,
        posting=row.number,
        user_id=row.customer_id,
        amount=row.amount_paise,
        returned=row.undone_paise,
        value_date=row.value_on,
        posted_on=row.posted_on,
        reference=row.reference,
        received_at=row.posted_at,
    )


@router.get("", dependencies=[READERS], summary="List payments to card accounts")
async def list_card_payments(
    uow: ReadingDep,
    user_id: Annotated[UserId | None, Query(description="Only the payments of this customer")] = None,
    account_id: Annotated[CardAccountId | None, Query(description="Only the payments to this account")] = None,
    reference: Annotated[Reference | None, Query(description="Only payments with this reference")] = None,
    posted_from: Annotated[Day | None, Query(description="Taken on this day or later")] = None,
    posted_to: Annotated[Day | None, Query(description="Taken on this day or earlier")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[CardPaymentLine]:
    """Lists payments, the newest first: a customer's own, or for staff those of all customers. All filters apply
    together. Send `next_cursor` as `cursor`, with the same filters, to get the next page."""
    wanted = CardPaymentFilter(
        customer_id=user_id,
        account_id=account_id,
        reference=reference,
        posted_from=posted_from,
        posted_to=posted_to,
    )
    before = read_cursor(cursor, date, int, int, int)
    rows = await payment_lists.list_payments(uow, wanted, before=before, limit=limit)
    next_cursor = None
    if len(rows) == limit:
        last = rows[-1]
        next_cursor = write_cursor(last.posted_on, last.customer_id, last.account_id, last.number)
    return Page(items=[_present(row) for row in rows], next_cursor=next_cursor)
