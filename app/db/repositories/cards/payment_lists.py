"""Lists of payments to card accounts, the newest first.

A payment is a posting, which its account numbers. Partial indexes hold payments alone: by the day of posting, and by
the reference, which is the payer's and not unique over all accounts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardPosting
from app.db.session import Record
from app.domain.cards.engine.facts import FactKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentFilter:
    """Which payments a list holds: all that agree with every value that is given. Days are included on both sides."""

    customer_id: int | None = None
    account_id: int | None = None
    reference: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None


_COLUMNS: Final[tuple[Any, ...]] = (
    CardPosting.customer_id,
    CardPosting.account_id,
    CardPosting.number,
    CardPosting.amount_paise,
    CardPosting.undone_paise,
    CardPosting.value_on,
    CardPosting.posted_on,
    CardPosting.reference,
    CardPosting.posted_at,
)
_ORDER: Final = (CardPosting.posted_on, CardPosting.customer_id, CardPosting.account_id, CardPosting.number)


async def list_payments(
    session: AsyncSession, wanted: CardPaymentFilter, *, before: tuple[Any, ...] | None, limit: int
) -> list[Record]:
    """A page of payments of all customers, before the one with this day, customer, account and number."""
    return list(await session.execute(card_payments_statement(wanted, before=before, limit=limit)))


def card_payments_statement(
    wanted: CardPaymentFilter, *, before: tuple[Any, ...] | None, limit: int
) -> Select[tuple[Any, ...]]:
    """The statement of `list_payments`. A test looks at its plans."""
    statement = select(*_COLUMNS).where(CardPosting.kind == FactKind.PAYMENT.value)
    if wanted.customer_id is not None:
        statement = statement.where(CardPosting.customer_id == wanted.customer_id)
    if wanted.account_id is not None:
        statement = statement.where(CardPosting.account_id == wanted.account_id)
    if wanted.reference is not None:
        statement = statement.where(CardPosting.reference == wanted.reference)
    if wanted.posted_from is not None:
        statement = statement.where(CardPosting.posted_on >= wanted.posted_from)
    if wanted.posted_to is not None:
        statement = statement.where(CardPosting.posted_on <= wanted.posted_to)
    if before is not None:
        statement = statement.where(tuple_(*_ORDER) < tuple_(*before))
    return statement.order_by(*(column.desc() for column in _ORDER)).limit(limit)
