"""Reads and writes thousands of card accounts at once, for the daily run.

Accounts are written by comparing their versions: one that a payment changed meanwhile is decided again.
"""

from collections import namedtuple
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows
from app.db.models import ParkedCardAccount
from app.db.repositories.cards.accounts import AccountKey
from app.db.session import Record
from app.db.statements import Statement

#: What a run reads of an account.
COLUMNS = (
    "customer_id", "id", "product_code", "product_version", "status", "opened_on", "ended_on", "opening_limit_paise",
    "opening_statement_day", "limit_paise", "statement_day", "next_statement_on", "last_posting", "last_statement",
    "last_transfer", "version", "state", "kept", "untouched",
)  # fmt: skip
# JSON is read as text, because what is made of it is made of one account after the other, and not of all at once. The
# state of an earlier version is nearly always empty.
_AS_TEXT = {"state": "CASE WHEN state <> '{}' THEN CAST(state AS text) END", "kept": "CAST(kept AS text)"}
_DUE = Statement(
    f"SELECT {', '.join(_AS_TEXT.get(name, name) for name in COLUMNS)} FROM card_accounts"  # noqa: S608 - only names of our own columns are put in
    " WHERE customer_id BETWEEN :from_customer_id AND :to_customer_id"
    " AND status = 'open' AND next_event_on <= :through"
)
#: An account as it is read. Its columns are read some twenty times, which is slow on a row of the driver.
_ROW: Any = namedtuple("DueAccount", COLUMNS)._make  # type: ignore[attr-defined]
#: What a run writes of an account, and the types of the columns.
MOVED = {
    "status": "text", "ended_on": "date", "limit_paise": "bigint", "statement_day": "smallint",
    "next_statement_on": "date", "next_event_on": "date", "used_paise": "bigint", "cash_used_paise": "bigint",
    "last_posting": "int", "last_statement": "int", "last_transfer": "int", "kept": "json", "untouched": "bytea",
}  # fmt: skip
#: Most statements leave the purchases that nobody touched as they are. Then a run sends none.
_NEW = {name: f"n.{name}" for name in MOVED} | {"untouched": "coalesce(n.untouched, a.untouched)", "state": "'{}'"}
_SET = ", ".join(f"{name} = {value}" for name, value in _NEW.items())
_KEY = {"customer_id": "bigint", "id": "bigint", "version": "int"}
_STAGE = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS moved_card_accounts ("
    + ", ".join(f"{name} {kind}" for name, kind in (_KEY | MOVED).items())
    + ") ON COMMIT DELETE ROWS"
)
_MOVE = Statement(
    f"""
WITH moved AS (
    UPDATE card_accounts AS a SET version = a.version + 1, {_SET}
    FROM moved_card_accounts AS n
    WHERE a.customer_id = n.customer_id AND a.id = n.id AND a.version = n.version
      AND a.customer_id BETWEEN :first AND :last
    RETURNING a.customer_id, a.id
), unparked AS (
    DELETE FROM parked_card_accounts AS p USING moved AS m WHERE p.customer_id = m.customer_id AND p.account_id = m.id
)
SELECT customer_id, id FROM moved
"""  # noqa: S608
)


async def make_room(session: AsyncSession) -> None:
    """Makes the temporary table, if this connection has none yet."""
    await session.execute(_STAGE)


async def list_due(
    session: AsyncSession, *, from_customer_id: int, to_customer_id: int, through: date
) -> Sequence[Record]:
    """The accounts of a range of customers (both ends included) for which a run has something to do."""
    found = await _DUE.list(session, from_customer_id=from_customer_id, to_customer_id=to_customer_id, through=through)
    return [_ROW(row) for row in found]


async def update_accounts(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> set[AccountKey]:
    """Writes accounts (customer, number, version read, then `MOVED`), except those that were changed since they were
    read. Returns the keys of those that were written; they are no longer parked."""
    await copy_rows(session, "moved_card_accounts", columns=list(_KEY | MOVED), records=rows)
    customers = [row[0] for row in rows]
    moved = await _MOVE.list(session, first=min(customers, default=0), last=max(customers, default=0))
    return set(map(AccountKey._make, moved))


async def park(session: AsyncSession, key: AccountKey, *, run_id: int, code: str, message: str, now: datetime) -> None:
    """Stores that a run could not bring an account up to date, and why."""
    values = {"run_id": run_id, "code": code, "message": message, "parked_at": now}
    statement = pg_insert(ParkedCardAccount).values(**key._asdict(), **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["customer_id", "account_id"], set_=values))
