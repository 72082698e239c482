"""What a group of payments or applications asks for first: callers, clock, idempotency keys, owners of the loans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.placement import find_placement
from app.db.repositories.idempotency import KeyOfCaller, StoredAnswer
from app.db.repositories.people.access import Standing, clock_of, standing_of
from app.db.repositories.unit_of_work import Clock
from app.db.statements import Statement


class Asked(NamedTuple):
    """One request's part of the question: whose token was shown, the key, and the number of its loan if any."""

    user_account_id: int | None
    key: KeyOfCaller | None
    loan_number: int | None


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer: the business clock as stored, the caller as they stand (None where there is none), whose loan it is
    (None where nobody's), whether the key is now held by this transaction, and what was answered under it before."""

    clock: Clock | None
    standing: Standing | None
    owner_id: int | None
    is_key_held: bool
    answer: StoredAnswer | None


_WAIT = Statement("SELECT count(pg_advisory_xact_lock(lock)) AS held FROM unnest(CAST(:locks AS bigint[])) AS lock")
# The statements that follow in this transaction take arrays. PostgreSQL would plan them anew each time, because short
# arrays look cheaper than unknown ones; planning takes longer than a payment alone. LATERAL with LIMIT keeps look-ups
# by key, also where a table has grown since it was analysed. A cluster has to see the values when it plans: they say
# which server is asked.
_ASK = Statement(
    """
SELECT n.place, p.id AS user_account_id, p.role, p.customer_id, p.scopes, p.credentials_changed_at, p.disabled_at,
       c.business_date, c.held, i.customer_id AS owner_id,
       n.lock IS NULL OR pg_try_advisory_xact_lock(n.lock) AS is_key_held, k.body_hash, k.status_code, k.answer,
       set_config('plan_cache_mode', :planning, true) AS planning
FROM unnest(
    CAST(:places AS int[]), CAST(:user_accounts AS bigint[]), CAST(:callers AS text[]), CAST(:routes AS text[]),
    CAST(:keys AS text[]), CAST(:locks AS bigint[]), CAST(:loans AS bigint[])
) AS n(place, user_account_id, caller, route, key, lock, loan)
LEFT JOIN business_clock AS c ON true
LEFT JOIN user_accounts AS p ON p.id = n.user_account_id
LEFT JOIN LATERAL (
    SELECT customer_id FROM public_ids WHERE kind = 'loan' AND number = n.loan LIMIT 1
) AS i ON true
LEFT JOIN LATERAL (
    SELECT body_hash, status_code, answer FROM idempotency_keys
    WHERE caller = n.caller AND route = n.route AND key = n.key LIMIT 1
) AS k ON true
ORDER BY n.place
"""
)


async def admit(session: AsyncSession, asked: Sequence[Asked], *, waits: bool) -> list[Admission]:
    """Who asks, for whose loans, and which keys are free, in the order of the question.

    A key that another transaction holds is waited for, in one order for everybody, or said to be in use. A key that
    became free in the meantime may have an answer that this statement does not see yet: writing it again is refused as
    a duplicate.
    """
    keys = [each.key for each in asked]
    locks = [None if key is None else key.lock for key in keys]
    if waits and (held := sorted({lock for lock in locks if lock is not None})):
        await _WAIT.find(session, locks=held)
    placement = await find_placement(session)
    rows = await _ASK.list(
        session,
        planning="auto" if placement.is_cluster else "force_generic_plan",
        places=list(range(len(asked))),
        user_accounts=[each.user_account_id for each in asked],
        callers=[key and key.caller for key in keys],
        routes=[key and key.route for key in keys],
        keys=[key and key.key for key in keys],
        locks=locks,
        loans=[each.loan_number for each in asked],
    )
    return [_admission(row) for row in rows]


def _admission(row: Any) -> Admission:
    stored = None if row.body_hash is None else StoredAnswer(row.body_hash, row.status_code, row.answer)
    standing = None if row.user_account_id is None else standing_of(row)
    return Admission(clock_of(row), standing, row.owner_id, row.is_key_held, stored)
