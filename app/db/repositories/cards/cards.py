"""Virtual cards in the database."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Card as CardRow
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.people.customers import add_identity, find_identity
from app.domain.cards.cards import Card, CardNotFound, CardStatus, controls_of

_COLUMNS = [getattr(CardRow, known.name) for known in fields(Card)]


async def add_card(session: AsyncSession, card: Card, *, now: datetime, actor: str) -> None:
    """Writes a new card, and whose its token is."""
    await add_identity(session, kind="card", value=card.token.encode(), customer_id=card.customer_id)
    values = {known.name: getattr(card, known.name) for known in fields(card)} | {"controls": asdict(card.controls)}
    await session.execute(insert(CardRow).values(**values, created_at=now, actor=actor))


async def get_card(session: AsyncSession, token: str) -> Card:
    """The card of a token. Raises CardNotFound."""
    owner = await find_identity(session, kind="card", value=token.encode())
    if owner is None:
        raise CardNotFound("there is no such card", field="card")
    return await _get(session, select(*_COLUMNS).where(CardRow.customer_id == owner, CardRow.token == token))


async def get_card_of_loan(session: AsyncSession, key: LoanKey) -> Card:
    """The card of a loan. Raises CardNotFound."""
    statement = select(*_COLUMNS).where(CardRow.customer_id == key.customer_id, CardRow.loan_id == key.loan_id)
    return await _get(session, statement)


async def lock_card(session: AsyncSession, customer_id: int, token: str) -> Card:
    """A card, locked until the transaction ends. Raises CardNotFound."""
    statement = select(*_COLUMNS).where(CardRow.customer_id == customer_id, CardRow.token == token)
    return await _get(session, statement.with_for_update(key_share=True))


async def list_cards_of_account(session: AsyncSession, customer_id: int, account_id: int) -> list[Card]:
    """The cards of an account, the oldest first."""
    statement = (
        select(*_COLUMNS)
        .where(CardRow.customer_id == customer_id, CardRow.account_id == account_id)
        .order_by(CardRow.created_at, CardRow.token)
    )
    return [_card(row) for row in (await session.execute(statement)).mappings()]


async def update_card(session: AsyncSession, card: Card) -> None:
    """Writes whether a locked card is blocked, and what it may do. Nothing else of a card changes."""
    await session.execute(
        update(CardRow)
        .where(CardRow.customer_id == card.customer_id, CardRow.token == card.token)
        .values(
            status=card.status,
            blocked_on=card.blocked_on,
            blocked_by=card.blocked_by,
            controls=asdict(card.controls),
        )
    )


async def _get(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> Card:
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise CardNotFound("there is no such card", field="card")
    return _card(row)


def _card(row: Any) -> Card:
    return Card(**{**row, "status": CardStatus(row["status"]), "controls": controls_of(row["controls"])})
