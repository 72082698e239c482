"""What a group of authorisations reads and writes: the callers, the locked accounts with their cards, and the holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardHold
from app.db.placement import find_placement
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.people.access import Standing, clock_of, standing_of
from app.db.repositories.unit_of_work import Clock
from app.db.session import Record
from app.db.statements import Statement


class Asked(NamedTuple):
    """Whose token was shown, and the number of the account."""

    user_account_id: int | None
    account_id: int


@dataclass(frozen=True, slots=True)
class Admission:
    """The business clock as stored, the caller as they stand (None where there is none), and whose account it is."""

    clock: Clock | None
    standing: Standing | None
    owner_id: int | None


# Short arrays look cheaper than unknown ones, so that PostgreSQL would plan the statements of each group anew.
_ADMIT = Statement(
    """
SELECT n.place, p.id AS user_account_id, p.role, p.customer_id, p.scopes, p.credentials_changed_at, p.disabled_at,
       c.business_date, c.held, i.customer_id AS owner_id, set_config('plan_cache_mode', :planning, true) AS planning
FROM unnest(CAST(:places AS int[]), CAST(:user_accounts AS bigint[]), CAST(:accounts AS bigint[]))
     AS n(place, user_account_id, account)
LEFT JOIN business_clock AS c ON true
LEFT JOIN user_accounts AS p ON p.id = n.user_account_id
LEFT JOIN LATERAL (
    SELECT customer_id FROM public_ids WHERE kind = 'card_account' AND number = n.account LIMIT 1
) AS i ON true
ORDER BY n.place
"""
)
# The columns are those of the locked version: nobody writes the row after this.
_LOCK = Statement(
    """
WITH locked AS MATERIALIZED (
    SELECT a.customer_id, a.id, n.token, a.product_code, a.product_version, a.status, a.blocked_on, a.limit_paise,
           a.used_paise, a.held_paise, a.cash_used_paise, a.cash_held_paise, a.over_limit_consent_on, a.next_event_on,
           coalesce(CAST(a.state -> 'terms' AS text), CAST(a.kept -> 'terms' AS text)) AS terms
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:account_ids AS bigint[]), CAST(:tokens AS text[]))
         AS n(customer_id, account_id, token)
    JOIN card_accounts AS a ON a.customer_id = n.customer_id AND a.id = n.account_id
    WHERE a.customer_id = ANY(CAST(:customer_ids AS bigint[]))
    FOR NO KEY UPDATE OF a SKIP LOCKED
)
SELECT l.*, k.status AS card_status, k.expires_on AS card_expires_on, CAST(k.controls AS text) AS card_controls
FROM locked AS l
LEFT JOIN LATERAL (
    SELECT status, expires_on, controls FROM cards
    WHERE customer_id = l.customer_id AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
      AND token = l.token AND account_id = l.id LIMIT 1
) AS k ON true
"""
)
#: The columns of a hold, with the types in which arrays of them travel.
_TYPES: Final = {
    "customer_id": "bigint", "account_id": "bigint", "reference": "text", "token": "text", "kind": "text",
    "amount_paise": "bigint", "captured_paise": "bigint", "status": "text", "decline_code": "text", "merchant": "text",
    "category_code": "text", "country": "text", "is_online": "boolean", "transacted_at": "timestamptz",
    "approved_on": "date", "expires_at": "timestamptz", "available_paise": "bigint", "created_at": "timestamptz",
    "actor": "text",
}  # fmt: skip
assert set(_TYPES) == {column.name for column in CardHold.__table__.columns}, "each column of a hold is written"
# A reference that is known is not written again: its call is answered elsewhere. The accounts of a group are distinct.
# On a cluster the accounts say on which server the rows are made.
_WRITE = Statement(
    f"""
WITH added AS (
    INSERT INTO card_holds ({", ".join(_TYPES)})
    SELECT a.customer_id, a.id, {", ".join(f"n.{name}" for name in list(_TYPES)[2:])}
    FROM unnest({", ".join(f"CAST(:hold_{name} AS {kind}[])" for name, kind in _TYPES.items())})
        AS n({", ".join(_TYPES)})
    JOIN card_accounts AS a ON a.customer_id = n.customer_id AND a.id = n.account_id
    WHERE a.customer_id = ANY(CAST(:customer_ids AS bigint[]))
    ON CONFLICT (customer_id, account_id, reference) DO NOTHING
    RETURNING customer_id, account_id, kind, status, amount_paise
), moved AS (
    UPDATE card_accounts AS a SET held_paise = a.held_paise + h.amount_paise, version = a.version + 1,
           cash_held_paise = a.cash_held_paise + CASE WHEN h.kind = 'cash' THEN h.amount_paise ELSE 0 END
    FROM added AS h
    WHERE h.status = 'open' AND a.customer_id = h.customer_id AND a.id = h.account_id
      AND a.customer_id = ANY(CAST(:customer_ids AS bigint[]))
)
SELECT customer_id, account_id FROM added
"""  # noqa: S608 - only names of our own columns are put in
)


async def admit(session: AsyncSession, asked: Sequence[Asked]) -> list[Admission]:
    """Who asks, and for whose accounts, in the order of the question."""
    placement = await find_placement(session)
    rows = await _ADMIT.list(
        session,
        planning="auto" if placement.is_cluster else "force_generic_plan",
        places=list(range(len(asked))),
        user_accounts=[each.user_account_id for each in asked],
        accounts=[each.account_id for each in asked],
    )
    return [
        Admission(clock_of(row), None if row.user_account_id is None else standing_of(row), row.owner_id)
        for row in rows
    ]  # fmt: skip


async def lock_accounts(session: AsyncSession, wanted: Mapping[AccountKey, str]) -> dict[AccountKey, Record]:
    """Locks accounts, each with the token of the card that asks. One that somebody else holds is left out."""
    rows = await _LOCK.list(
        session,
        customer_ids=[key.customer_id for key in wanted],
        account_ids=[key.account_id for key in wanted],
        tokens=list(wanted.values()),
    )
    return {AccountKey(row.customer_id, row.id): row for row in rows}


async def add_holds(session: AsyncSession, holds: Sequence[Mapping[str, Any]]) -> set[AccountKey]:
    """Writes authorisations of distinct locked accounts with what they hold. Answers the accounts of those whose
    reference was not known."""
    columns = {f"hold_{name}": [hold[name] for hold in holds] for name in _TYPES}
    rows = await _WRITE.list(session, **columns, customer_ids=[hold["customer_id"] for hold in holds])
    return {AccountKey(row.customer_id, row.account_id) for row in rows}
