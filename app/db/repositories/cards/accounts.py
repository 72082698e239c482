"""Finds, locks, adds and updates card accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardAccount, PublicId
from app.db.models.cards import card_account_numbers
from app.db.repositories.cards.states import stored_state
from app.db.session import Record
from app.db.statements import Statement
from app.domain.cards.engine.accounts import State
from app.domain.errors import NotFound
from app.domain.products.card_terms import CardBucket


class CardAccountNotFound(NotFound):
    """There is no such card account, or it is another customer's. Check the id."""

    code = "card_account_not_found"


class AccountKey(NamedTuple):
    """The key of a card account: its customer and its number."""

    customer_id: int
    account_id: int


_KEY = Statement("SELECT customer_id FROM public_ids WHERE kind = 'card_account' AND number = :account_id")
COLUMNS = [column.name for column in CardAccount.__table__.columns]
_ROW = f"SELECT {', '.join(COLUMNS)} FROM card_accounts WHERE customer_id = :customer_id AND id = :account_id"  # noqa: S608
_READ = Statement(_ROW)
# An authorisation or a payment locks the row; what only refers to it does not wait.
_LOCK = Statement(_ROW + " FOR NO KEY UPDATE")


async def find_key(session: AsyncSession, account_id: int) -> AccountKey | None:
    """The key of the account with this public number."""
    row = await _KEY.find(session, account_id=account_id)
    return None if row is None else AccountKey(row.customer_id, account_id)


async def next_account_number(session: AsyncSession) -> int:
    """A new account number, read before the insert."""
    return int((await session.execute(select(card_account_numbers.next_value()))).scalar_one())


async def get_account(session: AsyncSession, key: AccountKey) -> Record:
    """The row of an account. Raises CardAccountNotFound."""
    return _found(await _READ.find(session, **key._asdict()))


async def lock_account(session: AsyncSession, key: AccountKey) -> Record:
    """The row of an account, locked until the transaction ends. Raises CardAccountNotFound."""
    return _found(await _LOCK.find(session, **key._asdict()))


def _found(row: Record | None) -> Record:
    if row is None:
        raise CardAccountNotFound("there is no such card account", field="account_id")
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is opened with."""

    key: AccountKey
    product: tuple[str, int]
    application_id: int | None
    state: State
    next_event_on: date | None
    now: datetime
    actor: str


async def add_account(session: AsyncSession, new: NewAccount) -> None:
    """Writes a new account and its public number."""
    state, key = new.state, new.key
    await session.execute(
        insert(PublicId).values(kind="card_account", number=key.account_id, customer_id=key.customer_id)
    )
    code, version = new.product
    await session.execute(
        insert(CardAccount).values(
            customer_id=key.customer_id,
            id=key.account_id,
            product_code=code,
            product_version=version,
            application_id=new.application_id,
            opened_on=state.opened_on,
            opening_limit_paise=state.limit_paise,
            opening_statement_day=state.statement_day,
            version=1,
            last_transfer=0,
            held_paise=0,
            cash_held_paise=0,
            created_at=new.now,
            actor=new.actor,
            **state_columns(state, next_event_on=new.next_event_on, ended_on=None),
        )
    )


def state_columns(state: State, *, next_event_on: date | None, ended_on: date | None) -> dict[str, Any]:
    """The columns of an account that follow from its state."""
    balances = state.balances()
    kept, untouched = stored_state(state)
    used = sum(balances.values()) + state.plan_paise + state.disputed_paise - state.credit_paise
    return {
        "status": state.status._value_,
        "ended_on": ended_on,
        "limit_paise": state.limit_paise,
        "statement_day": state.statement_day,
        "next_statement_on": state.next_statement_on,
        "next_event_on": next_event_on,
        "used_paise": used,
        "cash_used_paise": balances.get(CardBucket.CASH, 0),
        "last_posting": state.last_number,
        "last_statement": state.statement_number,
        # What a version before 0034 wrote there is no longer so.
        "state": {},
        "kept": kept,
        "untouched": untouched,
    }


async def update_account(session: AsyncSession, key: AccountKey, values: dict[str, Any]) -> None:
    """Writes columns of a locked account, and one more version."""
    await session.execute(
        update(CardAccount)
        .where(CardAccount.customer_id == key.customer_id, CardAccount.id == key.account_id)
        .values(version=CardAccount.version + 1, **values)
    )


_HOLD = Statement(
    """
UPDATE card_accounts SET held_paise = held_paise + :paise, cash_held_paise = cash_held_paise + :cash_paise,
       version = version + 1
WHERE customer_id = :customer_id AND id = :account_id RETURNING held_paise
"""
)


async def move_hold(session: AsyncSession, key: AccountKey, *, paise: int, cash_paise: int) -> None:
    """Adds to what a locked account holds, or takes from it."""
    await _HOLD.find(session, **key._asdict(), paise=paise, cash_paise=cash_paise)


async def list_accounts(session: AsyncSession, customer_id: int, *, after: int, limit: int) -> Sequence[Record]:
    """A page of a customer's accounts, by number."""
    statement = (
        select(*CardAccount.__table__.columns)
        .where(CardAccount.customer_id == customer_id, CardAccount.id > after)
        .order_by(CardAccount.id)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def list_keys(session: AsyncSession, *, after: AccountKey, limit: int) -> list[AccountKey]:
    """A page of the keys of all accounts, in order."""
    place = tuple_(CardAccount.customer_id, CardAccount.id)
    statement = (
        select(CardAccount.customer_id, CardAccount.id)
        .where(place > tuple_(*after))
        .order_by(CardAccount.customer_id, CardAccount.id)
        .limit(limit)
    )
    return [AccountKey(*row) for row in await session.execute(statement)]
