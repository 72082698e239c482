"""Authorisations of card accounts: what they hold, and what became of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardHold
from app.db.repositories.cards.accounts import AccountKey
from app.db.session import Record
from app.db.statements import Statement
from app.domain.cards.authorisations import Hold, HoldStatus, SpendKind

COLUMNS = [column.name for column in CardHold.__table__.columns]
_FIND = Statement(
    f"SELECT {', '.join(COLUMNS)} FROM card_holds WHERE customer_id = :customer_id AND account_id = :account_id"  # noqa: S608
    " AND reference = :reference"
)
_ADD = Statement(
    f"INSERT INTO card_holds ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + name for name in COLUMNS)})"  # noqa: S608
    " RETURNING reference"
)


async def find_hold(session: AsyncSession, key: AccountKey, reference: str) -> Any:
    """An authorisation by the network's reference; None if there is none."""
    return await _FIND.find(session, **key._asdict(), reference=reference)


async def add_hold(session: AsyncSession, values: dict[str, Any]) -> None:
    """Writes an authorisation, approved or declined."""
    await _ADD.find(session, **values)


def hold_of(row: Any) -> Hold:
    """The hold of a row."""
    return Hold(
        reference=row.reference,
        kind=SpendKind(row.kind),
        amount_paise=row.amount_paise,
        captured_paise=row.captured_paise,
        status=HoldStatus(row.status),
        expires_at=row.expires_at,
    )


async def update_hold(session: AsyncSession, key: AccountKey, hold: Hold) -> None:
    """Writes what was captured of a hold and its status."""
    await session.execute(
        update(CardHold)
        .where(
            CardHold.customer_id == key.customer_id,
            CardHold.account_id == key.account_id,
            CardHold.reference == hold.reference,
        )
        .values(captured_paise=hold.captured_paise, status=hold.status.value)
    )


async def spent_on(session: AsyncSession, key: AccountKey, *, token: str, on: date) -> int:
    """What a card was approved for on a business date, without what was reversed."""
    statement = select(func.coalesce(func.sum(CardHold.amount_paise), 0)).where(
        CardHold.customer_id == key.customer_id,
        CardHold.token == token,
        CardHold.approved_on == on,
        CardHold.status.not_in(["declined", "reversed"]),
    )
    return int((await session.execute(statement)).scalar_one())


async def list_holds(session: AsyncSession, key: AccountKey, *, limit: int) -> Sequence[Record]:
    """The latest authorisations of an account."""
    statement = (
        select(*CardHold.__table__.columns)
        .where(CardHold.customer_id == key.customer_id, CardHold.account_id == key.account_id)
        .order_by(CardHold.created_at.desc(), CardHold.reference)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def list_expired(session: AsyncSession, *, now: datetime, limit: int) -> list[tuple[AccountKey, str]]:
    """Open holds whose time is over."""
    statement = (
        select(CardHold.customer_id, CardHold.account_id, CardHold.reference)
        .where(CardHold.status == "open", CardHold.expires_at <= now)
        .order_by(CardHold.expires_at)
        .limit(limit)
    )
    return [(AccountKey(row[0], row[1]), row[2]) for row in await session.execute(statement)]
