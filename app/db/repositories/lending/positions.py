"""Positions in the database: one statement reads all that a decision needs.

That is the contract, the balances, the plan from the next cycle on and the open bills. Payments and billing runs use
the same statement; `billing/due_loans.py` reads and writes thousands of positions at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.data_loader import Lookup
from app.db.placement import find_placement
from app.db.repositories.lending.loans import LoanKey, LoanNotFound, ProductKey, find_loan_key
from app.db.session import Reader, Record
from app.db.statements import Statement
from app.domain.lending.agreements import (
    agreed_terms,
    agreement_of,
    alterations_of,
)
from app.domain.lending.positions import BillState, LoanStatus, Plan, Position
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.interest import Movement

#: The day from which dates in arrays of numbers are counted (see `day_of`).
DAY_ZERO = "DATE '0001-01-01'"

# The lateral join reads a partial index once for each loan. For a loan without open bills it finds nothing. The rows of
# the bills are an array of arrays of numbers, because a cluster knows no array of rows. Each table is compared with the
# customers itself ({of}), because on a cluster a comparison with `l.customer_id` would not say which server is asked.
POSITIONS = f"""
SELECT l.customer_id, l.id, l.version, l.status, l.product_code, l.product_version, l.annual_rate_percent,
       l.instalments, l.disbursed_paise, l.disbursed_on, l.closed_on, l.schedule_version, s.emi_paise, l.next_cycle,
       l.cycle_began_on, l.next_billing_on, l.last_event_on, l.principal_paise, l.interest_paise, l.charges_paise,
       l.advance_paise, l.unbilled_interest_paise, l.last_transfer, l.advance_payment_ids, l.advance_part_paise,
       l.movement_dates, l.movement_paise, l.unbilled_charges_paise, l.late_counted_on, l.late_principal_days,
       l.late_amount_days,
       s.due_on[l.next_cycle : l.next_cycle + {{further}}] AS plan_due_on,
       s.principal_paise[l.next_cycle : l.next_cycle + {{further}}] AS plan_principal,
       s.interest_paise[l.next_cycle : l.next_cycle + {{further}}] AS plan_interest,
       b.states, l.agreement::text AS agreement, l.alterations::text AS alterations
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.customer_id {{of}} AND s.loan_id = l.id
                   AND s.version = l.schedule_version
LEFT JOIN LATERAL (
    SELECT array_agg(ARRAY[bill.cycle, bill.due_on - {DAY_ZERO},
                           bill.minimum_due_paise - bill.past_due_paise - bill.charges_paise,
                           bill.interest_paise + bill.principal_due_paise, bill.unpaid_charges_paise,
                           bill.unpaid_interest_paise, bill.unpaid_principal_paise, bill.returned_paise,
                           bill.closed_on - {DAY_ZERO}]
                     ORDER BY bill.cycle) AS states
    FROM bills AS bill
    WHERE bill.customer_id = l.customer_id AND bill.customer_id {{of}} AND bill.loan_id = l.id
      AND bill.settled_on IS NULL
) AS b ON true
"""  # noqa: S608 - no value is put in

# More instalments than any plan has, so the rest of the plan is read as a whole.
_WHOLE_PLAN = "10000"
_OF_ONE = POSITIONS.format(further=_WHOLE_PLAN, of="= :customer_id")
_OF_MANY = POSITIONS.format(further=_WHOLE_PLAN, of="= ANY(CAST(:customer_ids AS bigint[]))")
_ONE = Statement(_OF_ONE + "WHERE l.customer_id = :customer_id AND l.id = :loan_id")
# If the statement had to wait for the lock, its other columns are from before the wait. Then `locked_version` differs.
_LOCKED = Statement(
    _OF_ONE.replace("\nFROM loans AS l\n", ", locked.version AS locked_version\nFROM loans AS l\n")
    + """JOIN loans AS locked ON locked.customer_id = :customer_id AND locked.id = l.id
WHERE l.customer_id = :customer_id AND l.id = :loan_id
FOR NO KEY UPDATE OF locked
"""
)
_ARRAYS = "unnest(CAST(:customer_ids AS bigint[]), CAST(:loan_ids AS bigint[]), CAST(:counts AS int[]))"
_DRAWN = "ARRAY(SELECT nextval('payment_numbers') FROM generate_series(1, locked.count))"
# The numbers are drawn when the rows are locked: the payments of a loan are numbered in the order in which it was held.
_MANY_LOCKED = (
    f"""
WITH locked AS MATERIALIZED (
    SELECT l.customer_id, l.id, l.version, n.count
    FROM {_ARRAYS} AS n(customer_id, loan_id, count)
    JOIN loans AS l ON l.customer_id = n.customer_id AND l.id = n.loan_id
    WHERE l.customer_id = ANY(CAST(:customer_ids AS bigint[]))
    FOR NO KEY UPDATE OF l {{skipping}}
)"""  # noqa: S608 - no value is put in
    + _OF_MANY.replace(
        "\nFROM loans AS l\n",
        """, locked.version AS locked_version, {numbers} AS numbers
FROM locked JOIN loans AS l ON l.customer_id = locked.customer_id AND l.id = locked.id
""",
    )
    + "WHERE l.customer_id = ANY(CAST(:customer_ids AS bigint[]))"
)
_LOCKED_OR_SKIPPED = Statement(_MANY_LOCKED.format(skipping="SKIP LOCKED", numbers=_DRAWN))
_WAITED_FOR = Statement(_MANY_LOCKED.format(skipping="", numbers=_DRAWN))
# On a cluster, where the loans are, there is no sequence. The numbers are drawn by a statement of their own.
_LOCKED_IN_SHARD = Statement(_MANY_LOCKED.format(skipping="SKIP LOCKED", numbers="locked.count"))
_WAITED_FOR_IN_SHARD = Statement(_MANY_LOCKED.format(skipping="", numbers="locked.count"))
_DRAW = Statement("SELECT nextval('payment_numbers') AS number FROM generate_series(1, CAST(:count AS int))")
#: Loans by their keys, `:customer_ids` and `:ids`.
BY_KEY = (
    _OF_MANY
    + """JOIN unnest(CAST(:customer_ids AS bigint[]), CAST(:ids AS bigint[])) AS n(customer_id, id)
  ON n.customer_id = l.customer_id AND n.id = l.id
WHERE l.customer_id = ANY(CAST(:customer_ids AS bigint[]))
"""
)
KEY = ("customer_id", "id")
_BY_KEY = Lookup(BY_KEY, key=KEY, is_filled_up=True)


#: The places of the product's code and version in a row of `POSITIONS`.
_PRODUCT = slice(4, 6)
_STATUSES = {status.value: status for status in LoanStatus}


class Stored(NamedTuple):
    """A loan as it was read: the version of the product with its terms, and all columns of `POSITIONS`."""

    product: ProductKey
    row: Any

    @property
    def key(self) -> LoanKey:
        """The key of the loan."""
        return LoanKey(*self.row[:2])


async def get_stored_loan(session: AsyncSession, key: LoanKey) -> Stored:
    """Reads one loan without locking it. Raises LoanNotFound."""
    return stored_loan(await _ONE.find(session, customer_id=key.customer_id, loan_id=key.loan_id))


async def lock_stored_loan(session: AsyncSession, key: LoanKey) -> Stored:
    """Reads one loan and locks it until the transaction ends. Raises LoanNotFound."""
    row = await _LOCKED.find(session, customer_id=key.customer_id, loan_id=key.loan_id)
    if row is not None and row.locked_version != row.version:
        return await get_stored_loan(session, key)
    return stored_loan(row)


class LockedLoan(NamedTuple):
    """A locked loan as read, and numbers for the payments that are to be taken on it."""

    stored: Stored
    payment_numbers: Sequence[int]


async def lock_stored_loans(
    session: AsyncSession, wanted: Mapping[LoanKey, int], *, waits: bool
) -> dict[LoanKey, LockedLoan]:
    """Locks these loans, and draws as many payment numbers for each as are wanted. A loan that somebody else holds is
    waited for, or left out. Wait for one loan only: two callers that wait for several could wait for each other."""
    assert not waits or len(wanted) == 1, "only one loan is waited for"
    draws = not (await find_placement(session)).is_cluster
    statements = (_WAITED_FOR, _LOCKED_OR_SKIPPED) if draws else (_WAITED_FOR_IN_SHARD, _LOCKED_IN_SHARD)
    rows = await statements[0 if waits else 1].list(
        session,
        customer_ids=[key.customer_id for key in wanted],
        loan_ids=[key.loan_id for key in wanted],
        counts=list(wanted.values()),
    )
    numbers = [] if draws else await _draw_numbers(session, count=sum(row.numbers for row in rows))
    found = {}
    for row in rows:
        stored = stored_loan(row)
        if row.locked_version != row.version:
            # Somebody wrote it between the statement's begin and the lock.
            stored = await get_stored_loan(session, stored.key)
        if draws:
            found[stored.key] = LockedLoan(stored, row.numbers)
        else:
            found[stored.key] = LockedLoan(stored, numbers[: row.numbers])
            del numbers[: row.numbers]
    return found


async def _draw_numbers(session: AsyncSession, *, count: int) -> list[int]:
    return sorted(row.number for row in await _DRAW.list(session, count=count)) if count else []


async def find_stored_loan(reader: AsyncSession | Reader, number: int) -> Stored | None:
    """Reads one loan by its public number without locking it. Returns None if there is none."""
    key = await find_loan_key(reader, number)
    row = None if key is None else await _BY_KEY.find(reader, *key)
    return None if row is None else stored_loan(row)


def stored_loan(row: Record | None) -> Stored:
    """Wraps a row of `POSITIONS`. Raises LoanNotFound if it is None."""
    if row is None:
        raise LoanNotFound("there is no such loan", field="loan_id")
    return Stored(ProductKey(*row[_PRODUCT]), row)


def position_of(row: Iterable[Any], terms: RepaymentTerms) -> Position:
    """The position of a row of `POSITIONS`, with the terms of its product version.

    A run calls this a million times. Unpacking the whole row at once is faster than reading columns by name.
    """
    (
        customer_id, loan_id, version, status, _, _, annual_rate_percent, instalments, disbursed_paise, disbursed_on,
        closed_on, schedule_version, emi_paise, next_cycle, cycle_began_on, next_billing_on, last_event_on,
        principal_paise, interest_paise, charges_paise, advance_paise, unbilled_interest_paise, last_transfer,
        advance_payment_ids, advance_part_paise, movement_dates, movement_paise, unbilled_charges_paise,
        late_counted_on, late_principal_days, late_amount_days, plan_due_on, plan_principal, plan_interest, states,
        agreed, altered, *_,
    ) = row  # fmt: skip
    agreement = None if agreed is None else agreement_of(orjson.loads(agreed))
    return Position(
        customer_id, loan_id, version, _STATUSES[status],
        terms if agreement is None else agreed_terms(terms, agreement), annual_rate_percent, instalments,
        disbursed_paise, disbursed_on, closed_on, schedule_version, emi_paise, next_cycle, cycle_began_on,
        next_billing_on, last_event_on, principal_paise, interest_paise, charges_paise, advance_paise,
        unbilled_interest_paise, last_transfer, Plan(plan_due_on, plan_principal, plan_interest),
        list(zip(advance_payment_ids, advance_part_paise, strict=True)) if advance_payment_ids else [],
        list(map(Movement, movement_dates, movement_paise)) if movement_dates else [],
        _bill_states(states) if states else [], unbilled_charges_paise, late_counted_on, late_principal_days,
        late_amount_days, agreement, None if altered is None else alterations_of(orjson.loads(altered)),
    )  # fmt: skip


def _bill_states(rows: Sequence[Sequence[Any]]) -> list[BillState]:
    return [
        BillState(
            cycle, day_of(due_on), minimum, demanded, charges, interest, principal, returned,
            None if closed_on is None else day_of(closed_on),
        )
        for cycle, due_on, minimum, demanded, charges, interest, principal, returned, closed_on in rows
    ]  # fmt: skip


def day_of(days: int) -> date:
    """The date that many days after `DAY_ZERO`."""
    return date.fromordinal(days + 1)
